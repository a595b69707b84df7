"""Dense optical flow between successive frames, its eight-bit codes, and stacks of it.

A flow field is (row, col, xy): how many pixels what is seen there moves until the next frame, x right, y down. Codes
and stacks are those of temporal segment networks (Wang et al. 2016, arXiv 1608.00859; yjxiong's release), whose tool
computes TV-L1 flow (Zach et al. 2007) with OpenCV. Here the recipe says which library computes it. Learnt flow, which
needs tensors, is in `poseattn.networks.raft`.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from poseattn.video.opencv import cv2

BOUND = 20  # pixels: faster motion is clipped
_ZERO = 128  # code of no motion, and what networks subtract
_ATTACHMENT, _TIGHTNESS = 0.15, 0.3  # lambda, for grey levels 0 to 255, and theta of OpenCV and of the release
_SCALES, _WARPS, _STEP, _STOP = 5, 5, 0.25, 0.01


def dense_flow(first: np.ndarray, second: np.ndarray, method: str) -> np.ndarray:
    """Flow from one frame to the next. The same frames give the same bytes.

    Args:
        first: (row, col, rgb) uint8.
        second: The next frame, of the same size.
        method: `dis`, or TV-L1 by one of two libraries: `tvl1:skimage` or `tvl1:opencv`.

    Returns:
        (row, col, xy) float32, pixels.

    Raises:
        ValueError: There is no such method, what it needs is not installed, or the frames differ in size.
    """
    (flow,) = successive_flow((first, second), method)
    return flow


def successive_flow(frames: Iterable[np.ndarray], method: str) -> Iterator[np.ndarray]:
    """Flow from each frame of a clip to the next.

    Args:
        frames: (row, col, rgb) uint8 of one size.
        method: As for `dense_flow`.

    Yields:
        Flow fields (row, col, xy) float32, one fewer than frames.

    Raises:
        ValueError: As for `dense_flow`.
    """
    estimate = _estimator(method)
    cv2.setNumThreads(1)  # DIS starts each thread's share anew, so its result would depend on their number
    for first, second in pairwise(map(_grey, frames)):
        if first.shape != second.shape:
            raise ValueError(f"flow between frames of shapes {first.shape} and {second.shape}")
        yield estimate(first, second)


def implementation(method: str) -> str:
    """What computes flow here, for the record: results of two libraries differ.

    Args:
        method: As for `dense_flow`.

    Returns:
        Library and version.

    Raises:
        ValueError: There is no such method, or what it needs is not installed.
    """
    _estimator(method)
    if method != "tvl1:skimage":
        return f"opencv {cv2.__version__}"
    import skimage

    return f"scikit-image {skimage.__version__}"


def quantise(flow: np.ndarray, bound: float | int = BOUND) -> np.ndarray:
    """Eight-bit codes, round(255 (v + bound) / (2 bound)) of clipped flow v, as the release makes them.

    Args:
        flow: Pixels.
        bound: Largest motion that has a code of its own, pixels.

    Returns:
        uint8 of the same shape: 0 for -bound, 255 for bound; 127.5, no motion, is rounded to the even 128.
    """
    scale = 255 / (2 * bound)
    return cv2.addWeighted(flow, scale, flow, 0, scale * bound, dtype=cv2.CV_8U).reshape(flow.shape)  # one pass


def dequantise(codes: np.ndarray, bound: float | int = BOUND) -> np.ndarray:
    """Flow of eight-bit codes, (code - 128) 2 bound / 255: no motion comes back as exactly none.

    Args:
        codes: uint8.
        bound: As it was for `quantise`.

    Returns:
        float32 pixels of the same shape, at most 2 bound / 255 (0.157 pixels) below the clipped flow and never above.
    """
    return (codes.astype(np.float32) - _ZERO) * np.float32(2 * bound / 255)


def mirrored(flow: np.ndarray) -> np.ndarray:
    """Flow as a mirrored video has it: flipped left to right, motion along x negated.

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
    """Which flow fields make the stack of a frame: successive ones from it on; after the last one it is repeated.

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
    """One grey image of a field: motion along x above motion along y.

    Args:
        codes: Field (row, col, xy) uint8.

    Returns:
        (2 row, col) uint8.
    """
    return cv2.vconcat(cv2.split(codes))


def from_grey(image: np.ndarray) -> np.ndarray:
    """The field (row, col, xy) of a grey image that `as_grey` made (2 row, col)."""
    return np.stack(np.split(image, 2), axis=-1)


def _estimator(method: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Function from two grey images to the flow between them."""
    makers = {"dis": _dis, "tvl1:skimage": _tvl1_of_skimage, "tvl1:opencv": _tvl1_of_opencv}
    if method not in makers:
        raise ValueError(f"flow method {method!r}, expected {', '.join(makers)} (raft is in poseattn.networks.raft)")
    return makers[method]()


def _dis() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """By dense inverse search (Kroeger et al. 2016, arXiv 1603.03590): a fast stand-in."""
    return partial(cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc, flow=None)


def _grey(frame: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)


def _tvl1_of_opencv() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """By the extra modules, package opencv-contrib-python: 300 iterations as 30 times 10, as its authors advise."""
    if not hasattr(cv2, "optflow"):
        raise ValueError(
            "recipe: tvl1 is opencv, but this build of OpenCV lacks it: `pip uninstall opencv-python`, then "
            "`pip install opencv-contrib-python`; or set tvl1: skimage"
        )
    create = cv2.optflow.DualTVL1OpticalFlow_create
    return partial(create(_STEP, _ATTACHMENT, _TIGHTNESS, _SCALES, _WARPS, _STOP, 30, 10).calc, flow=None)


def _tvl1_of_skimage() -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """By scikit-image, which takes grey levels in [0, 1] and has a pyramid and a stopping rule of its own."""
    try:
        from skimage.registration import optical_flow_tvl1
    except ImportError as error:
        raise ValueError("recipe: tvl1 is skimage, which is not installed: `pip install scikit-image`") from error
    weights = {"attachment": 255 * _ATTACHMENT, "tightness": _TIGHTNESS}

    def estimate(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        down_right = optical_flow_tvl1(first, second, num_warp=_WARPS, **weights)  # (yx, row, col)
        return np.stack(down_right[::-1], axis=-1)

    return estimate
