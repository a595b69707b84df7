"""MPEG-1 video in a program stream (`.mpg`) and MPEG-4 video in `.mp4`."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from poseattn.video.encode import Format, write_video

_QUALITY = {"flags": "+qscale", "global_quality": "236"}  # quantiser 2, times 118
_MPEG_1 = Format("mpeg", "mpeg1video", "yuv420p", _QUALITY)
_MPEG_4 = Format("mp4", "mpeg4", "yuv420p", _QUALITY)


def write_mpg(path: Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write a video without sound.

    Args:
        path: File to write.
        frames: BGR images of one size, (row, col, 3) uint8.
        fps: Frames per second; the format knows few rates, such as 30000/1001.

    Raises:
        ValueError: As for `poseattn.video.encode.write_video`.
        OSError: As for `poseattn.video.encode.write_video`.
    """
    write_video(path, frames, fps, _MPEG_1)


def write_mp4(path: Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write a video without sound.

    Args:
        path: File to write.
        frames: BGR images of one size, (row, col, 3) uint8.
        fps: Frames per second.

    Raises:
        ValueError: As for `poseattn.video.encode.write_video`.
        OSError: As for `poseattn.video.encode.write_video`.
    """
    write_video(path, frames, fps, _MPEG_4)
