"""How many estimated joints are right: by the size of the person or of the head, and by chance."""

import numpy as np
from jaxtyping import Float, Shaped

from poseattn.pose.targets import Size, estimate_joints


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
        raise ValueError("no visible joint belongs to a person with a known size: accuracy cannot be computed")
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
