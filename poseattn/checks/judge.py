"""What `check` says of one video or folder of images: decoded to its last frame, it is good, suspicious or bad.

A video is bad if stages refuse it as a clip, with the reason that they give.
"""

import math
import os
from pathlib import Path
from typing import NamedTuple

from poseattn.video.clip_frames import at_a_sound_pace
from poseattn.video.containers import suspicious
from poseattn.video.decode import Video, refusal
from poseattn.video.frames import VideoError
from poseattn.video.image_folder import open_clip

GOOD, SUSPICIOUS, BAD, UNREAD = STATES = ("good", "suspicious", "bad", "unread")
_SLOWEST, _FASTEST = 1.0, 240.0  # frames per second that cameras and editors write
_MOST_ODD = 0.01  # share of frames whose time stamps may be odd


class Verdict(NamedTuple):
    """What is known of a file.

    Attributes:
        state: One of `STATES`; "unread" is a fault of the system or of ours, and says nothing about the file.
        reason: Why it is not good; empty if it is.
        bytes: Size of the file.
        frames: Frames in the order of presentation, damaged and lost ones included. Frames that are missing at an
            unknown place are not.
        damaged: Frames that are lost, missing, or were decoded with errors.
        seconds: When the last frame ends, from the beginning of the file.
        fps: Frames per second that the container states.
        width: Pixels in a row.
        height: Pixels in a column.
    """

    state: str
    reason: str = ""
    bytes: int = 0
    frames: int = 0
    damaged: int = 0
    seconds: float = 0.0
    fps: float = 0.0
    width: int = 0
    height: int = 0


def judge(path: Path) -> Verdict:
    """Decode a video and say what is wrong with it.

    Args:
        path: The file.

    Returns:
        The verdict; faults of the system and mistakes of ours have one, too.
    """
    size = 0
    try:
        size = _size(path)
        return _decoded(path)._replace(bytes=size)
    except VideoError as error:
        return Verdict(BAD, str(error), size)
    except MemoryError:
        return Verdict(UNREAD, "out of memory", size)
    except OSError as error:
        return Verdict(UNREAD, error.strerror or str(error), size)
    except Exception as error:  # a mistake of ours must not end the check of all other files
        return Verdict(UNREAD, f"unexpected {type(error).__name__}: {error}", size)


def _size(path: Path) -> int:
    """Bytes of a file, or of the files in a folder of images."""
    files = path.iterdir() if path.is_dir() else [path]
    return sum(os.stat(file).st_size for file in files)


def _decoded(path: Path) -> Verdict:
    bad: list[int] = []
    count, seconds = 0, 0.0
    with open_clip(path, most_damaged=1.0) as video:
        is_video = isinstance(video, Video)
        for frame in at_a_sound_pace(video.frames([] if is_video else None)):
            bad += [] if frame.healthy else [frame.number]
            count, seconds = count + 1, frame.time
        seconds += 1 / video.fps
        damaged = video.account.damaged
        known = Verdict(GOOD, "", 0, count, damaged, seconds, video.fps, video.width, video.height)
        resized = video.resized if is_video else ""
        if reason := refusal(bad, damaged - len(bad), count, most_damaged=0.0) or resized:
            return known._replace(state=BAD, reason=reason)
        doubts = [suspicious(path), *_doubts(video)] if is_video else []
    reason = "; ".join(filter(None, doubts))
    return known._replace(state=SUSPICIOUS, reason=reason) if reason else known


def _doubts(video: Video) -> list[str]:
    """What is odd about a video of which every frame can be decoded."""
    packets, frames, _, _, stated, odd_times = video.account
    doubts = []
    if stated and stated not in (packets, frames):
        doubts.append(f"the container states {stated} frames, {frames} are there")
    if math.ceil(_MOST_ODD * frames) < odd_times < frames:  # none at all: a stream without a container
        doubts.append(f"{odd_times} of {frames} frames have a time stamp that is missing, repeated or goes back")
    if not _SLOWEST <= video.fps <= _FASTEST:
        doubts.append(f"the container states {video.fps:g} frames per second")
    return doubts
