"""Video files, decoded by PyAV (FFmpeg) so that every frame is accounted for, from the first to the last.

Seeking lands on wrong frames in some files and is several times slower than reading on; containers claim frame counts
that are not there. So frames are only ever counted by decoding them. Frame i is shown when its time stamp says.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np

from poseattn.video.containers import check_size
from poseattn.video.frames import Account, Frame, VideoError, Wanted, is_wanted
from poseattn.video.opencv import MOST_PIXELS, cv2
from poseattn.video.source import Source

__all__ = ["Account", "Frame", "Video", "VideoError", "Wanted", "is_wanted"]

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

    Raises:
        VideoError: The file is no video, empty or cut off, or states no frame rate.
        OSError: The file cannot be read.
    """

    fps: float
    width: int
    height: int
    account: Account

    def __init__(self, path: Path, most_damaged: float = 0.0) -> None:
        self._most_damaged, self.account = most_damaged, Account()
        self._source = Source(path)
        try:
            check_size(self._source)
            self._open()
        except BaseException:
            self._source.close()
            raise

    def __enter__(self) -> "Video":
        """The open video."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._container.close()
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
        number = damaged = 0
        time = 0.0
        for picture in itertools.chain(self._first, self._pictures):
            time = self._time(picture, number)
            healthy = not picture.is_corrupt
            damaged += not healthy
            needed = healthy and is_wanted(wanted, number, time)
            yield Frame(number, self._image(picture) if needed else None, time, healthy)
            number += 1
        self.account = Account(frames=number, damaged=damaged, stated=self._stream.frames)
        if not number:
            raise VideoError("no frame of it can be decoded")
        if damaged > self._most_damaged * number:
            raise VideoError(f"{damaged} of {number} frames cannot be decoded")

    def _open(self) -> None:
        self._source.seek(0)
        try:
            with self._source.errors():
                self._container = av.open(self._source, "r", io_open=_refuse, metadata_errors="replace")
        except VideoError as error:
            raise VideoError(f"no video that FFmpeg can open: {error}") from error
        stream = self._container.streams.best("video")
        if stream is None:
            raise VideoError("no video in the file")
        stream.codec_context.thread_count = 1
        self._stream = stream
        self.fps = float(stream.guessed_rate or stream.average_rate or 0)
        if not 0 < self.fps < float("inf"):
            raise VideoError(f"the container states {self.fps} frames per second")
        self._begin = (self._container.start_time or 0) / av.time_base
        self._pictures = self._decode()
        self._first = list(itertools.islice(self._pictures, 1))
        self._turn = _TURNS.get(self._first[0].rotation) if self._first else None
        self.width, self.height = stream.codec_context.width, stream.codec_context.height
        if self._turn in (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_90_COUNTERCLOCKWISE):
            self.width, self.height = self.height, self.width
        if self.width * self.height > MOST_PIXELS:
            size = f"{self.width} x {self.height}"
            raise VideoError(f"the container states {size} pixels, expected at most {MOST_PIXELS} in all")

    def _decode(self) -> Iterator[Any]:
        packets = self._container.demux(self._stream)
        while True:
            with self._source.errors():
                packet = next(packets, None)
            if packet is None:
                return
            try:
                with self._source.errors():
                    pictures = packet.decode()
            except (VideoError, EOFError):
                continue
            yield from pictures

    def _time(self, picture: Any, number: int) -> float:
        if picture.pts is None:
            return number / self.fps
        return float(picture.pts * self._stream.time_base) - self._begin

    def _image(self, picture: Any) -> np.ndarray:
        image = picture.to_ndarray(format="bgr24", threads=1)
        return image if self._turn is None else cv2.rotate(image, self._turn)


def _refuse(url: str, flags: int, options: dict[str, str]) -> None:
    """Open nothing but the file itself."""
    raise PermissionError(f"a video may not open {url!r}")
