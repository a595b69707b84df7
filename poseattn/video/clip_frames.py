"""Frames of a clip, and the same squashed to one size, the images that feature cubes are made of."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from poseattn.messages import NO_VIDEO
from poseattn.sizes import rectangle
from poseattn.video.damage import Decoding
from poseattn.video.decode import Video, in_words
from poseattn.video.frames import Account, Frame, VideoError
from poseattn.video.image_folder import ImageFolder, open_clip
from poseattn.video.opencv import cv2

_WHOLE = Decoding()  # without damaged frames
_ROUNDING = 0.00051  # seconds: Matroska and FLV round their time stamps to milliseconds
_SLOWEST = 60.0  # seconds from frame to frame, on average: a clip lasts no longer than its frames can account for


class ClipFrames:
    """Frames of one clip, for a single pass: a video, a folder of images (`poseattn.video.image_folder`) or a part.

    Args:
        root: Folder of the data set.
        path: File or folder of the clip in it; empty if there is none.
        start: Seconds from which on frames are taken, as text; empty for the beginning of the file.
        end: Seconds before which frames are taken; empty for its end. Nothing after it is decoded.
        decoding: How the clip is decoded.
        wanted: Whether the image of frame i of the clip is needed, counted from its first: to convert it is a third of
            the work. All images if None.

    Attributes:
        n_frames: Frames of the clip so far, damaged ones included.
        size: Rows and columns of its pictures in pixels, once the file is open.
        fps: Frames per second as the container states, once the file is open.
        account: What became of the frames of the file, as far as it is decoded.
    """

    n_frames: int
    size: tuple[int, int]
    fps: float
    account: Account

    def __init__(
        self,
        root: Path,
        path: str,
        start: str = "",
        end: str = "",
        decoding: Decoding = _WHOLE,
        wanted: Callable[[int], bool] | None = None,
    ) -> None:
        self._file, self._span = root / path if path else None, (start, end)
        self._decoding, self._wanted = decoding, wanted
        self.n_frames, self.size, self.fps, self.account = 0, (0, 0), 0.0, Account()

    def __iter__(self) -> Iterator[Frame]:
        """Each frame of the clip, numbered from its first; seconds are counted from the beginning of the file.

        Yields:
            Healthy frames with images (row, col, bgr) uint8 where these are wanted, and damaged ones without.

        Raises:
            VideoError: There is no file, it cannot be decoded, too many frames of the clip are damaged, a time is no
                number, or no frame lies between the two.
            OSError: The file cannot be read.
        """
        if self._file is None:
            raise VideoError(NO_VIDEO)
        first, last = _seconds("start", self._span[0], -math.inf), _seconds("end", self._span[1], math.inf)
        # damage before a part is none of its own, and a jump of the time stamps proves nothing before the file ends
        most = 1.0 if any(self._span) else self._decoding.most_damaged
        with open_clip(self._file, most, self._decoding.stored) as video:
            self.size, self.fps = (video.height, video.width), video.fps
            try:
                yield from self._between(first - _ROUNDING, last - _ROUNDING, video)
            finally:
                self.account = video.account

    def _between(self, first: float, last: float, video: Video | ImageFolder) -> Iterator[Frame]:
        """Frames of a file between two times."""
        begin: int | None = None
        damaged: list[int] = []
        time = math.nan

        def needed(number: int, time: float) -> bool:
            after = number - (number if begin is None else begin)
            return time >= first and (self._wanted is None or self._wanted(after))

        with closing(video.frames(needed)) as frames:
            for frame in at_a_sound_pace(frames):
                time = frame.time
                if time >= last:
                    break
                if time < first:
                    continue
                begin = frame.number if begin is None else begin
                self.n_frames += 1
                damaged += [] if frame.healthy else [frame.number]
                if not damaged or self._decoding.most_damaged:
                    yield frame._replace(number=frame.number - begin)
        self._check(damaged, time)

    def _check(self, damaged: list[int], time: float) -> None:
        """Refuse a clip without frames, or with too many that are damaged."""
        part = f"from {self._span[0] or 0} s to {self._span[1] or 'its end'}"
        if not self.n_frames:
            raise VideoError(f"no frame {part}, the last that was decoded is shown at {time:g} s")
        if len(damaged) > self._decoding.most_damaged * self.n_frames or len(damaged) == self.n_frames:
            share = f"{len(damaged)} of {self.n_frames} {part}"
            raise VideoError(f"frame{'s' * (len(damaged) > 1)} {in_words(damaged)} cannot be decoded: {share}")


def squashed(frames: Iterable[Frame], size: int | Sequence[int]) -> Iterator[Frame]:
    """Frames squashed to one size (see `squash`).

    Args:
        frames: With images (row, col, bgr) uint8, or without.
        size: Edge of a square, or rows and columns, pixels.

    Yields:
        The same frames; their images are (row, col, rgb) uint8.
    """
    for frame in frames:
        yield frame if frame.image is None else frame._replace(image=squash(frame.image, size))


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


def at_a_sound_pace(frames: Iterable[Frame]) -> Iterator[Frame]:
    """Refuse a file whose times ask for more room than so many frames do: all readers make room by them.

    Args:
        frames: All frames of the file.

    Yields:
        The same frames.

    Raises:
        VideoError: A frame is shown later than one frame a minute explains.
    """
    begin = None
    for frame in frames:
        begin = frame.time if begin is None else begin
        if frame.time - begin > _SLOWEST * frame.number:
            raise VideoError(f"frame {frame.number} is shown at {frame.time:g} s, expected at least one a minute")
        yield frame


def _seconds(name: str, text: str, otherwise: float) -> float:
    try:
        return float(text or otherwise)
    except ValueError:
        raise VideoError(f"{name} is {text!r}, expected seconds") from None
