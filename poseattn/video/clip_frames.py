"""Frames of a clip, and the same squashed to one size, the images that feature cubes are made of."""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from poseattn.sizes import rectangle
from poseattn.video.decode import VideoError
from poseattn.video.image_folder import open_clip
from poseattn.video.opencv import cv2

_ROUNDING = 1e-6  # frames: a time such as 0.1 s is no exact number of them


def squashed_frames(
    root: Path, path: str, size: int | Sequence[int], start: str = "", end: str = ""
) -> Iterator[tuple[np.ndarray, float]]:
    """All frames of a clip squashed to one size (see `squash`), with their times.

    Args:
        root: Folder of the data set.
        path: File or folder of the clip in it; empty if there is none.
        size: Edge of a square, or rows and columns, pixels.
        start: As for `clip_frames`.
        end: As for `clip_frames`.

    Yields:
        Each frame (row, col, rgb) uint8 and the seconds at which it is shown, counted from the beginning of the file.

    Raises:
        VideoError: As for `clip_frames`.
    """
    yield from ((squash(image, size), time) for image, time in clip_frames(root, path, start, end))


def clip_frames(root: Path, path: str, start: str = "", end: str = "") -> Iterator[tuple[np.ndarray, float]]:
    """All frames of a clip, with their times: a video, a folder of images (`poseattn.video.image_folder`) or a part.

    Args:
        root: Folder of the data set.
        path: File or folder of the clip in it; empty if there is none.
        start: Seconds from which on frames are taken, as text; empty for the beginning of the file.
        end: Seconds before which frames are taken; empty for its end. Nothing after it is decoded.

    Yields:
        Each frame (row, col, bgr) uint8 and the seconds at which it is shown, counted from the beginning of the file.

    Raises:
        VideoError: There is no file, it cannot be decoded, a time is no number, or no frame lies between them.
    """
    yield from ((image, time) for image, time in some_frames(root, path, start, end) if image is not None)


def some_frames(
    root: Path, path: str, start: str = "", end: str = "", wanted: Callable[[int], bool] | None = None
) -> Iterator[tuple[np.ndarray | None, float]]:
    """As `clip_frames`, without the images that nobody wants: to convert them is a third of the work.

    Args:
        root: As for `clip_frames`.
        path: As for `clip_frames`.
        start: As for `clip_frames`.
        end: As for `clip_frames`.
        wanted: Whether the image of frame i of the clip is needed, counted from its first. All images if None.

    Yields:
        The image of each frame, or None if it is not wanted, and its time.

    Raises:
        VideoError: As for `clip_frames`.
    """
    if not path:
        raise VideoError("no video")
    first, last = _seconds("start", start, 0.0), _seconds("end", end, math.inf)
    n_taken = n_frames = 0
    with open_clip(root / path) as video:
        begin = math.ceil(first * video.fps - _ROUNDING)
        shifted = None if wanted is None else lambda number: wanted(number - begin)
        for frame in video.frames(shifted, begin):
            n_frames = frame.number + 1
            if frame.number >= last * video.fps - _ROUNDING:
                break
            if frame.number >= begin:
                n_taken += 1
                yield frame.image, frame.time
    if not n_taken:
        raise VideoError(
            f"no frame from {start or 0} s to {end or 'its end'}, {n_frames} were decoded at {video.fps}/s"
        )


def squash(image: np.ndarray, size: int | Sequence[int]) -> np.ndarray:
    """A whole image resized: each side for itself, nothing cut off (Sharma et al. 2015, to a square).

    Args:
        image: (row, col, bgr) uint8.
        size: Edge of a square, or rows and columns, pixels.

    Returns:
        (row, col, rgb) uint8. A side that shrinks is averaged over areas, one that grows is interpolated linearly.
    """
    height, width = image.shape[:2]
    rows, cols = rectangle(size)
    smaller = (min(width, cols), min(height, rows))
    if smaller != (width, height):
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    if smaller != (cols, rows):
        image = cv2.resize(image, (cols, rows), interpolation=cv2.INTER_LINEAR)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _seconds(name: str, text: str, otherwise: float) -> float:
    try:
        return float(text or otherwise)
    except ValueError:
        raise VideoError(f"{name} is {text!r}, expected seconds") from None
