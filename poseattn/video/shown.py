"""Frames for people to see: at a steady rate, and with a plain picture that says so in place of a lost frame."""

from collections.abc import Iterable, Iterator

import numpy as np

from poseattn.video.clip_frames import ClipFrames
from poseattn.video.frames import Frame
from poseattn.video.opencv import cv2

_GREY, _BLACK = 160, (40, 40, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def shown_frames(clip: ClipFrames) -> Iterator[Frame]:
    """Frames of a clip, with a plain grey picture in place of each that was lost.

    Args:
        clip: The clip.

    Yields:
        Its frames. Healthy ones have the images that they had.
    """
    for frame in clip:
        yield frame if frame.healthy else frame._replace(image=_plain(clip.size, frame.number))


def steady(frames: Iterable[Frame], fps: float) -> Iterator[Frame]:
    """Frames at a steady rate: of each tick the one that is shown then, by the time stamps.

    Args:
        frames: In the order of their times.
        fps: Ticks a second; the first is when the first frame is shown.

    Yields:
        One frame a tick: a frame again while no other follows it, none of the frames that are gone before a tick comes.
    """
    begin, tick = 0.0, 0
    last: Frame | None = None
    for frame in frames:
        begin = frame.time if last is None else begin
        while last is not None and tick + 0.5 <= (frame.time - begin) * fps:  # stamps may be rounded
            yield last
            tick += 1
        last = frame
    if last is not None:
        yield last


def _plain(size: tuple[int, int], number: int) -> np.ndarray:
    """A grey picture (row, col, bgr) that names the frame which is lost."""
    picture = np.full((*size, 3), _GREY, np.uint8)
    cv2.putText(picture, f"frame {number} is lost", (6, size[0] // 2), _FONT, 0.5, _BLACK, 1, cv2.LINE_AA)
    return picture
