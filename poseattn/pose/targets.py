"""Target heatmaps of joints over the grid of a feature cube, and positions read from such maps.

Du, Wang, Qiao 2017 (ICCV), Eq. 13 and Sec. 4. Positions are in pixels from the edges of the frame, x to the right and y
down: a frame of width 480 reaches from 0 to 480. Maps are flat, k = row * n_cols + col.
"""

import numpy as np
from jaxtyping import Float, Shaped
from scipy.special import erf

Size = tuple[int, int]  # height and width of a frame in pixels, or rows and columns of a grid


def target_heatmaps(
    position: Float[np.ndarray, "*joint 2"],
    valid: Shaped[np.ndarray, "*joint"],
    frame: Size,
    grid: Size,
    deviation: float | int,
) -> Float[np.ndarray, "*joint k"]:
    """What the attention is to look like, M_t^J: a Gaussian on each joint, as much of it as falls into every cell.

    A Gaussian over a rectangle is a product of two differences of the error function, so nothing is drawn or resized.

    Args:
        position: Joints in pixels; those outside the frame are moved to its edge.
        valid: 0 where the position is a placeholder, else 1.
        frame: Height and width in pixels.
        grid: Rows and columns of the feature cube.
        deviation: Of the Gaussian, in pixels; 5 in the paper.

    Returns:
        float32, 1 in sum over k; 0 throughout for a joint that is not valid.

    Deviates:
        The paper draws the Gaussian at the size of the frame, resizes and normalises it, without saying how. Sampled
        every 30 pixels it could vanish between the samples; here it is averaged over each cell and divided by the sum.
    """
    there = valid[..., None] > 0
    x, y = np.moveaxis(np.where(there, position, 0), -1, 0)  # a placeholder may be NaN
    rows = _mass(y, frame[0], grid[0], deviation)  # (..., row)
    cols = _mass(x, frame[1], grid[1], deviation)  # (..., col)
    maps = rows[..., :, None] * cols[..., None, :]
    return np.where(there, maps.reshape(*valid.shape, grid[0] * grid[1]), 0).astype(np.float32)


def estimate_joints(heatmap: Float[np.ndarray, "*joint k"], frame: Size, grid: Size) -> Float[np.ndarray, "*joint 2"]:
    """Joints where the attention is highest.

    Args:
        heatmap: Attention alpha_t^J over the cells.
        frame: Height and width in pixels.
        grid: Rows and columns of the feature cube.

    Returns:
        Centre of the best cell in pixels, x and y; of the first among equals.
    """
    row, col = np.divmod(heatmap.argmax(axis=-1), grid[1])
    return np.stack([(col + 0.5) * frame[1] / grid[1], (row + 0.5) * frame[0] / grid[0]], axis=-1)


def _mass(
    center: Float[np.ndarray, "*joint"], length: int, n_cells: int, deviation: float | int
) -> Float[np.ndarray, "*joint cell"]:
    """Shares of a one-dimensional Gaussian in equal cells from 0 to `length`; what lies beyond these is left out."""
    edges = np.linspace(0, length, n_cells + 1)
    below = erf((edges - np.clip(center, 0, length)[..., None]) / (deviation * np.sqrt(2)))
    inside = np.diff(below, axis=-1)
    return inside / inside.sum(axis=-1, keepdims=True)
