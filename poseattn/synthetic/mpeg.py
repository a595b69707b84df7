"""MPEG-1 video in a program stream (`.mpg`) and MPEG-4 video in `.mp4`, written by OpenCV."""

import errno
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

# OpenCV says in the log that the container does not know this tag; the codec is the right one.
_MPEG_1 = cv2.VideoWriter_fourcc(*"PIM1")
_MPEG_4 = cv2.VideoWriter_fourcc(*"mp4v")


def write_mpg(path: Path, frames: Iterable[np.ndarray], size: tuple[int, int], fps: float) -> None:
    """Write a video without sound.

    Args:
        path: File to write.
        frames: BGR images, (row, col, 3) uint8.
        size: Width and height in pixels.
        fps: Frames per second; the format knows few rates, such as 30000/1001.

    Raises:
        OSError: The file cannot be written whole; OpenCV itself is silent about a full disk.
    """
    _write(path, _MPEG_1, frames, size, fps)


def write_mp4(path: Path, frames: Iterable[np.ndarray], size: tuple[int, int], fps: float) -> None:
    """Write a video without sound.

    Args:
        path: File to write.
        frames: BGR images, (row, col, 3) uint8.
        size: Width and height in pixels.
        fps: Frames per second.

    Raises:
        OSError: As for `write_mpg`.
    """
    _write(path, _MPEG_4, frames, size, fps)


def _write(path: Path, codec: int, frames: Iterable[np.ndarray], size: tuple[int, int], fps: float) -> None:
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, codec, fps, size)
    written = 0
    for frame in frames:
        writer.write(frame)
        written += 1
    writer.release()
    capture = cv2.VideoCapture(str(path))
    while capture.grab():
        written -= 1
    if written:
        raise OSError(errno.EIO, "the video was not written whole", str(path))
