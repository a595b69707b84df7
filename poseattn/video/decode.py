"""Video files, decoded by PyAV (FFmpeg) so that every frame is accounted for, from the first to the last.

Seeking lands on wrong frames in some files and is several times slower than reading on; containers claim frame counts
that are not there. So frames are only ever counted by decoding them. Frame i is shown when its time stamp says.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from av.video.reformatter import VideoReformatter

from poseattn.video.containers import check_size
from poseattn.video.decoder import Decoder
from poseattn.video.frames import Account, Frame, VideoError, Wanted, is_wanted
from poseattn.video.opencv import cv2
from poseattn.video.source import Source

_LONGEST = 100_000.0  # seconds, a little more than a day: whoever goes through a clip by time allocates that much
_MOST_RANGES = 5  # in a message
_TURNS = {-90: cv2.ROTATE_90_CLOCKWISE, 90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, -180: cv2.ROTATE_180}


class Video:
    """An open video file, to be read once. Used in a `with` statement.

    One decoder thread: with more, FFmpeg conceals the damage in a broken stream differently each time it is read, and
    jobs that decode side by side, as many as there are cores, together need a fifth less time with one thread each.

    Args:
        path: The file.
        most_damaged: Largest share of frames that may be damaged, between 0 and 1.

    Attributes:
        fps: Frames per second, as the container states.
        width: Pixels in a row.
        height: Pixels in a column.
        account: What became of the frames; complete once `frames` is exhausted.
        resized: What is wrong with the size of a healthy frame so far, wanted or not; empty if nothing is. Only the
            image of such a frame is refused, since a clip may be a part of the file.

    Raises:
        VideoError: The file is no video, empty or cut off, or states no frame rate.
        OSError: The file cannot be read.
    """

    fps: float
    width: int
    height: int
    account: Account
    resized: str

    def __init__(self, path: Path, most_damaged: float = 0.0) -> None:
        self._most_damaged, self.account, self.resized = most_damaged, Account(), ""
        self._source = Source(path)
        try:
            check_size(self._source)
            self._decoder = Decoder(self._source)
            self._items = self._decoder.items()
            self._read = []  # items up to the first frame, which says how the picture is turned
            for item in self._items:
                self._read.append(item)
                if item.picture is not None:
                    break
        except BaseException:
            self._source.close()
            raise
        self.fps, self._converter = self._decoder.fps, VideoReformatter()
        self._turn = _TURNS.get(self._read[-1].picture.rotation) if self._read and self._read[-1].picture else None
        width, height = self._decoder.size
        on_its_side = self._turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE)
        self.width, self.height = (height, width) if on_its_side else (width, height)

    def __enter__(self) -> "Video":
        """The open video."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._decoder.close()
        self._source.close()

    def frames(self, wanted: Wanted = None) -> Iterator[Frame]:
        """Decode the file to its end; a frame that nobody wants is not converted to BGR, a third of the work.

        Args:
            wanted: As for `is_wanted`.

        Yields:
            Every frame in the order of presentation, lost and damaged ones included.

        Raises:
            VideoError: Too many frames are damaged; the message says which. Or not a single frame decodes.
            OSError: The file cannot be read.
        """
        bad: list[int] = []
        number, time, odd_times, spoiled = 0, -np.inf, 0, False
        unexplained = 0  # until the end, which shows whether the rate is constant
        try:
            for picture, stamp, failed in itertools.chain(self._read, self._items):
                time, odd = self._time(stamp, time, number)
                odd_times += odd and picture is not None
                spoiled = failed or (spoiled and not (self._decoder.is_intra or picture.key_frame))
                if spoiled:
                    bad.append(number)
                else:
                    self.resized = self.resized or self._other_size(picture, number)
                if not bad or self._most_damaged:
                    needed = not spoiled and is_wanted(wanted, number, time)
                    image = self._image(picture, number) if needed else None
                    picture = None  # its memory is for the next one, while it is in the processor's cache
                    yield Frame(number, image, time, not spoiled)
                    image = None
                number += 1
            unexplained = self._decoder.unexplained
        finally:
            self.account = self._decoder.account._replace(damaged=len(bad) + unexplained, odd_times=odd_times)
        if not self.account.frames:
            raise VideoError("no frame of it can be decoded")
        if reason := refusal(bad, unexplained, number, self._most_damaged):
            raise VideoError(reason)

    def _time(self, stamp: int | None, before: float, number: int) -> tuple[float, bool]:
        """Seconds of a frame, never before the frame before it; and whether its time stamp is odd."""
        if stamp is None:
            return (before + 1 / self.fps if number else 0.0), True
        time = (stamp - self._decoder.begin) * self._decoder.unit
        if time > _LONGEST:
            raise VideoError(f"frame {number} has the time stamp {time:.0f} s, expected at most {_LONGEST:.0f} s")
        return max(time, before), time <= before

    def _other_size(self, picture: Any, number: int) -> str:
        """What is wrong with the size of a frame; empty if nothing is."""
        width, height = self._decoder.size
        if (picture.width, picture.height) == (width, height):
            return ""
        size = f"{picture.width} x {picture.height} pixels"
        return f"frame {number} has {size}, the container states {width} x {height}"

    def _image(self, picture: Any, number: int) -> np.ndarray:
        if reason := self._other_size(picture, number):
            raise VideoError(reason)
        image = self._converter.reformat(picture, format="bgr24", threads=1).to_ndarray()
        return image if self._turn is None else cv2.rotate(image, self._turn)


def refusal(bad: list[int], n_missing: int, n_frames: int, most_damaged: float) -> str:
    """Why a whole video is refused for its damaged frames.

    Args:
        bad: Numbers of the frames that are lost, or were decoded with errors, ascending.
        n_missing: Frames that are missing besides, at unknown places.
        n_frames: Frames in the order of presentation, bad ones included.
        most_damaged: Largest share of frames that may be damaged, between 0 and 1.

    Returns:
        The reason; empty if the video is taken.
    """
    if len(bad) > most_damaged * n_frames:
        share = f"{len(bad)} of {n_frames}, and at most {most_damaged:.0%} may be damaged"
        return f"frame{'s' * (len(bad) > 1)} {in_words(bad)} cannot be decoded: {share}"
    if n_missing > most_damaged * n_frames:
        share = f"{n_missing} of {n_frames + n_missing}"
        return f"{share} frames are missing: the time stamps jump (`damaged: keep` takes the others)"
    return ""


def in_words(numbers: list[int]) -> str:
    """Numbers as ranges, such as "3, 50 to 59"; the first few of many.

    Args:
        numbers: Ascending.

    Returns:
        The text.
    """
    starts = [number for number, before in zip(numbers, [None, *numbers], strict=False) if number - 1 != before]
    stops = [number for number, after in zip(numbers, [*numbers[1:], None], strict=True) if number + 1 != after]
    ranges = [f"{a}" if a == b else f"{a} to {b}" for a, b in zip(starts, stops, strict=True)]
    return ", ".join([*ranges[:_MOST_RANGES], *(["..."] if len(ranges) > _MOST_RANGES else [])])
