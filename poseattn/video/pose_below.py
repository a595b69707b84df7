"""An image with the map of its pose below it, as one picture.

Input type 1 of the report on pose-guided LSTMs for Stanford 40 (Sec. 2 of our notes): the map gets the size of the
image and three channels, goes below it, and both are resized to a square.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.sizes import rectangle
from poseattn.video.clip_frames import squash


def grey_of(heatmap: Float[np.ndarray, "joint row col"]) -> UInt8[np.ndarray, "row col"]:
    """Pose map, the highest value of any joint at each place, as a grey picture.

    Args:
        heatmap: Maps of the joints of a frame.

    Returns:
        0 at the least value of the map and 255 at the greatest; all 0 if they are equal.
    """
    best = heatmap.astype(np.float32).max(axis=0)
    low, high = best.min(), best.max()
    return np.round(255 * (best - low) / ((high - low) or 1)).astype(np.uint8)


def pose_below(
    image: UInt8[np.ndarray, "row col bgr"], heatmap: Float[np.ndarray, "joint _ _"], size: int | Sequence[int]
) -> UInt8[np.ndarray, "_ _ rgb"]:
    """A frame with its pose below.

    Args:
        image: The frame.
        heatmap: Maps of its joints.
        size: Edge of the picture, or rows and columns, pixels.

    Returns:
        The frame in the upper half and the pose map, whole, in the lower one; see `poseattn.video.clip_frames.squash`.

    Deviates:
        Each half is resized by itself, so that no pixel mixes both.
    """
    rows, cols = rectangle(size)
    grey = np.repeat(grey_of(heatmap)[..., None], 3, axis=2)
    return np.concatenate([squash(image, (rows - rows // 2, cols)), squash(grey, (rows // 2, cols))])
