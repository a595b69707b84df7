"""Dense optical flow between successive frames.

A flow field is (row, col, xy): how many pixels what is seen there moves until the next frame, x right, y down. The
release of temporal segment networks (Wang et al. 2016, arXiv 1608.00859) computes TV-L1 flow (Zach et al. 2007) with
OpenCV. Here the recipe says which library computes it. Learnt flow, which needs tensors, is in
`poseattn.networks.raft`.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import pairwise

import numpy as np

from poseattn.video.opencv import cv2

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
