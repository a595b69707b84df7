"""Frames of a clip, and the account of how many of them a file has, lost or could not decode."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

Wanted = Callable[[int, float], bool] | Sequence[bool] | np.ndarray | None


class VideoError(ValueError):
    """Bytes that are no whole video. The message says what is wrong with them, without the path."""


class Frame(NamedTuple):
    """One frame of a clip.

    Attributes:
        number: Place in the order of presentation, from 0. A lost frame keeps its place.
        image: (row, col, bgr) uint8. None if nobody wants it, or if the frame is not healthy.
        time: Seconds from the beginning of the file, by the time stamps.
        healthy: Whether the frame was decoded without an error.
    """

    number: int
    image: np.ndarray | None
    time: float
    healthy: bool


class Account(NamedTuple):
    """What became of the frames of a file.

    Attributes:
        packets: Packets of the video track, each a coded picture as a rule.
        frames: Frames that were decoded, damaged ones included.
        damaged: Frames that are lost, or that were decoded with errors.
        errors: Errors that the decoder reported.
        stated: Frames that the container claims; 0 if it claims none.
        odd_times: Frames whose time stamp is missing, repeated or earlier than the time stamp before.
    """

    packets: int = 0
    frames: int = 0
    damaged: int = 0
    errors: int = 0
    stated: int = 0
    odd_times: int = 0


def is_wanted(wanted: Wanted, number: int, time: float) -> bool:
    """Whether the pixels of a frame are needed.

    Args:
        wanted: Function of number and time of a frame, or one entry for each; frames past its end are not needed. All
            frames if None.
        number: Of the frame, from 0.
        time: Of the frame, seconds.

    Returns:
        Whether they are.
    """
    if wanted is None or callable(wanted):
        return wanted is None or wanted(number, time)
    return number < len(wanted) and bool(wanted[number])
