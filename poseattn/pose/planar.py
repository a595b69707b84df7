"""Joints in the image as a network takes them: gaps filled, centred, and of one size."""

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.pose.parts import Body

CENTERS = ("per_clip", "per_frame")


def normalise(
    position: Float[np.ndarray, "t body j 2"], valid: UInt8[np.ndarray, "t body j"], mode: str
) -> Float[np.ndarray, "t body j 2"]:
    """Joints without placeholders, around the origin and of unit spread.

    A joint without a position gets one on the straight line between its frames before and after, at the ends of the
    clip the nearest one; a joint that never has one stands in the middle of the others.

    Args:
        position: Pixels.
        valid: 0 where a position is a placeholder.
        mode: What becomes the origin: `per_clip`, the middle of all joints of the clip, so that a person may walk away
            from it; `per_frame`, that of the frame.

    Returns:
        Positions in units of the root mean square distance, per coordinate, from the origin over the clip.

    Raises:
        ValueError: The mode is neither of the two.
    """
    if mode not in CENTERS:
        raise ValueError(f"center is {mode!r}, expected {' or '.join(CENTERS)} for joints in the image")
    filled = _fill(position.astype(np.float64), valid > 0)
    centred = filled - filled.mean(axis=(0, 1, 2) if mode == "per_clip" else (1, 2), keepdims=True)
    spread = np.sqrt(np.square(centred).mean())
    return (centred / max(float(spread), 1e-6)).astype(np.float32)


def mirror_normalised(position: Float[np.ndarray, "t body j 2"], body: Body) -> Float[np.ndarray, "t body j 2"]:
    """Centred joints of the mirrored picture: x changes its sign, left and right joints change places."""
    return position[..., list(body.mirrored), :] * np.array([-1, 1], position.dtype)


def _fill(position: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Positions with those that are not known taken from other frames, or other joints."""
    frame = np.arange(len(position))
    filled = position.copy()
    for body, joint in np.ndindex(known.shape[1:]):
        here = known[:, body, joint]
        for axis in range(2):
            values = position[here, body, joint, axis]
            filled[:, body, joint, axis] = np.interp(frame, frame[here], values) if here.any() else np.nan
    middle = np.nanmean(filled, axis=2, keepdims=True) if known.any() else np.zeros_like(filled[:, :, :1])
    return np.where(np.isnan(filled), middle, filled)
