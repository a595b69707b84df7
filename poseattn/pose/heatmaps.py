"""Heatmaps of a pose network: drawn around joints for training, and joints read from them.

Newell, Yang, Deng 2016 (arXiv 1603.06937), Sec. 3.2, and its release (pose-hg-train). Positions are in cells from the
edges of a map, x to the right and y down: a map of 64 columns reaches from 0 to 64.
"""

import numpy as np
from jaxtyping import Float, Shaped

from poseattn.pose.parts import Body

_REACH = 3  # standard deviations of a Gaussian that are drawn, as in the release
_QUARTER = 0.25


def draw_gaussians(
    position: Float[np.ndarray, "*joint 2"],
    valid: Shaped[np.ndarray, "*joint"],
    grid: tuple[int, int],
    deviation: float | int,
) -> Float[np.ndarray, "*joint row col"]:
    """Target of each joint: a Gaussian of height 1 around the middle of the cell in which the joint is.

    Args:
        position: Joints in cells.
        valid: 0 where a position is a placeholder, else 1.
        grid: Rows and columns of a map.
        deviation: Of the Gaussian, in cells; 1 in the release. Beyond three of them it is 0.

    Returns:
        float32; 0 throughout for a joint that is not valid or in no cell of the map.
    """
    col, row = np.moveaxis(np.floor(position).astype(np.float32), -1, 0)[..., None, None]
    rows, cols = np.arange(grid[0], dtype=np.float32)[:, None], np.arange(grid[1], dtype=np.float32)
    down, right = rows - row, cols - col
    maps = np.exp(-(down**2 + right**2) / np.float32(2 * deviation**2))
    inside = (row >= 0) & (row < grid[0]) & (col >= 0) & (col < grid[1]) & (valid[..., None, None] > 0)
    drawn = (abs(down) <= _REACH * deviation) & (abs(right) <= _REACH * deviation)
    return np.where(inside & drawn, maps, np.float32(0))


def read_joints(
    heatmap: Float[np.ndarray, "*joint row col"],
) -> tuple[Float[np.ndarray, "*joint 2"], Float[np.ndarray, "*joint"]]:
    """Joints where maps are highest, moved a quarter of a cell towards the higher neighbour, along each axis.

    Args:
        heatmap: Map of each joint. A maximum at the border of a map stays in the middle of its cell, as in the release.

    Returns:
        Positions in cells, and how high the maximum is.
    """
    n_rows, n_cols = heatmap.shape[-2:]
    flat = heatmap.reshape(-1, n_rows, n_cols).astype(np.float32)
    number = np.arange(len(flat))
    row, col = np.divmod(flat.reshape(len(flat), -1).argmax(axis=1), n_cols)
    inside = (row > 0) & (row < n_rows - 1) & (col > 0) & (col < n_cols - 1)
    up, down = flat[number, np.maximum(row - 1, 0), col], flat[number, np.minimum(row + 1, n_rows - 1), col]
    left, right = flat[number, row, np.maximum(col - 1, 0)], flat[number, row, np.minimum(col + 1, n_cols - 1)]
    shift = _QUARTER * np.sign(np.stack([right - left, down - up], axis=-1)) * inside[:, None]
    position = np.stack([col, row], axis=-1) + 0.5 + shift
    axes = heatmap.shape[:-2]
    return position.reshape(*axes, 2).astype(np.float32), flat[number, row, col].reshape(axes)


def mirror_maps(
    heatmap: Float[np.ndarray, "*frame joint row col"], body: Body
) -> Float[np.ndarray, "*frame joint row col"]:
    """Heatmaps of the mirrored picture: columns turned round, left and right joints exchanged.

    Args:
        heatmap: Map of each joint of a body.
        body: Says which joints change places.

    Returns:
        A new array.
    """
    return heatmap[..., list(body.mirrored), :, ::-1].copy()
