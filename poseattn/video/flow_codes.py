"""Eight-bit codes of optical flow, how they are mirrored, stacked, and kept as grey images.

As in temporal segment networks (Wang et al. 2016, arXiv 1608.00859; yjxiong's release). A flow field is
(row, col, xy), as in `poseattn.video.flow`.
"""

import numpy as np

from poseattn.video.opencv import cv2

BOUND = 20  # pixels: faster motion is clipped


def quantise(flow: np.ndarray, bound: float | int = BOUND) -> np.ndarray:
    """Make eight-bit codes, round(255 (v + bound) / (2 bound)) of clipped flow v, as the release does.

    Args:
        flow: Pixels.
        bound: Largest motion that has a code of its own, pixels.

    Returns:
        uint8 of the same shape: 0 for -bound, 255 for bound; 127.5, no motion, is rounded to the even 128.
    """
    scale = 255 / (2 * bound)
    return cv2.addWeighted(flow, scale, flow, 0, scale * bound, dtype=cv2.CV_8U).reshape(flow.shape)  # one pass


def mirrored(flow: np.ndarray) -> np.ndarray:
    """Mirror flow as a mirrored video has it: flip it left to right, and negate motion along x.

    A code c becomes 256 - c, so that no motion stays 128. Code 0 has no opposite in eight bits and becomes 255, which
    is code 1 if mirrored once more; all others come back.

    Deviates: The release negates by 255 - c, which turns no motion into code 127.

    Args:
        flow: Fields or stacks (..., row, col, channel), channels x1, y1, x2, y2 and so on; float pixels or uint8 codes.

    Returns:
        The same kind and shape.
    """
    flipped = np.flip(flow, axis=-2).copy()
    along_x = flipped[..., 0::2]
    flipped[..., 0::2] = 256 - np.maximum(along_x, 1).astype(np.int16) if flow.dtype == np.uint8 else -along_x
    return flipped


def stack_of(n_fields: int, at: int, count: int) -> np.ndarray:
    """Choose the flow fields of a frame's stack: successive ones from the frame on; the last field is repeated.

    Args:
        n_fields: How many a clip has, one fewer than frames.
        at: The frame, from 0.
        count: Number of fields.

    Returns:
        Numbers of fields; field 0 is the motion from frame 0 to frame 1. Their channels, one after the other, are x1,
        y1, x2, y2 and so on.

    Raises:
        ValueError: There are no fields, or there is no such frame.
    """
    if not n_fields or not 0 <= at <= n_fields:
        raise ValueError(f"flow at frame {at} of a clip with {n_fields} flow fields")
    return np.minimum(np.arange(at, at + count), n_fields - 1)


def as_grey(codes: np.ndarray) -> np.ndarray:
    """Join a field into one grey image: motion along x above motion along y.

    Args:
        codes: Field (row, col, xy) uint8.

    Returns:
        (2 row, col) uint8.
    """
    return cv2.vconcat(cv2.split(codes))


def from_grey(image: np.ndarray) -> np.ndarray:
    """Return the field (row, col, xy) of a grey image (2 row, col) that `as_grey` made."""
    return np.stack(np.split(image, 2), axis=-1)
