"""Heatmaps of joints over the grid of a feature cube: targets, positions read from them, accuracy of these.

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


def joint_accuracy(
    estimated: Float[np.ndarray, "*frame _ 2"],
    annotated: Float[np.ndarray, "*frame j 2"],
    visible: Shaped[np.ndarray, "*frame j"],
    box: Float[np.ndarray, "*frame 4"],
    threshold: float = 0.2,
) -> float:
    """Share of correct keypoints: visible joints found within a share of the person's size.

    Args:
        estimated: Joints in pixels; one for each, or one that stands for all.
        annotated: Joints in pixels of the same frames.
        visible: 1 for the joints that count, else 0.
        box: Around the person: left, top, right and bottom in the same pixels.
        threshold: Largest distance, as a share of the longer side of the box.

    Returns:
        From 0 to 1, over all joints and frames together.

    Raises:
        ValueError: No joint can be counted.
    """
    side = (box[..., 2:] - box[..., :2]).max(axis=-1)
    return _share_within(estimated, annotated, countable(visible, box), threshold * side)


def head_accuracy(
    estimated: Float[np.ndarray, "*frame j 2"],
    annotated: Float[np.ndarray, "*frame j 2"],
    valid: Shaped[np.ndarray, "*frame j"],
    head: Float[np.ndarray, "*frame"],
    threshold: float = 0.5,
) -> float:
    """Share of correct keypoints by the size of the head, PCKh (Andriluka et al. 2014, Sec. 4).

    Args:
        estimated: Joints in pixels.
        annotated: Joints in pixels of the same frames.
        valid: 1 for the joints that are annotated, occluded ones too, else 0.
        head: Size of the head: 0.6 of the diagonal of its box, in the same pixels.
        threshold: Largest distance, as a share of that size.

    Returns:
        From 0 to 1, over all joints and frames together.

    Raises:
        ValueError: No joint is annotated.
    """
    return _share_within(estimated, annotated, valid, threshold * head)


def _share_within(estimated: np.ndarray, annotated: np.ndarray, counts: np.ndarray, reach: np.ndarray) -> float:
    """Share of the joints that count found within a distance, one for each frame; on it is within."""
    counted = counts > 0
    if not counted.any():
        raise ValueError("no joint is visible and of a size to measure by, so that none can be counted")
    near = np.linalg.norm(estimated - annotated, axis=-1) <= reach[..., None]
    return float(near[counted].mean())


def countable(visible: Shaped[np.ndarray, "*frame j"], box: Float[np.ndarray, "*frame 4"]) -> np.ndarray:
    """Which joints tell whether an estimate is right: visible ones of frames whose box has a size to measure by.

    Args:
        visible: As for `joint_accuracy`.
        box: As for `joint_accuracy`; some of Penn Action's have no extent.

    Returns:
        (*frame, j) bool.
    """
    return (visible > 0) & ((box[..., 2:] - box[..., :2]).max(axis=-1) > 0)[..., None]


def chance_accuracy(
    annotated: Float[np.ndarray, "*frame j 2"],
    visible: Shaped[np.ndarray, "*frame j"],
    box: Float[np.ndarray, "*frame 4"],
    size: Shaped[np.ndarray, "*frame 2"],
    grid: Size,
    threshold: float = 0.2,
) -> float:
    """What `joint_accuracy` is on average for maps that are the same everywhere: any cell may be the best.

    Args:
        annotated: As for `joint_accuracy`.
        visible: As for `joint_accuracy`.
        box: As for `joint_accuracy`.
        size: Height and width of each frame in pixels.
        grid: Rows and columns of the maps.
        threshold: As for `joint_accuracy`.

    Returns:
        From 0 to 1, over all joints, frames and cells together.

    Raises:
        ValueError: No joint can be counted.
    """
    cells = estimate_joints(np.eye(grid[0] * grid[1]), (1, 1), grid)  # (k, 2) as shares of a frame
    centers = (cells * size[..., None, ::-1])[..., None, :]  # (..., k, 1, 2)
    guesses = [centers[..., cell, :, :] for cell in range(len(cells))]
    return float(np.mean([joint_accuracy(guess, annotated, visible, box, threshold) for guess in guesses]))


def _mass(
    center: Float[np.ndarray, "*joint"], length: int, n_cells: int, deviation: float | int
) -> Float[np.ndarray, "*joint cell"]:
    """Shares of a one-dimensional Gaussian in equal cells from 0 to `length`; what lies beyond these is left out."""
    edges = np.linspace(0, length, n_cells + 1)
    below = erf((edges - np.clip(center, 0, length)[..., None]) / (deviation * np.sqrt(2)))
    inside = np.diff(below, axis=-1)
    return inside / inside.sum(axis=-1, keepdims=True)
