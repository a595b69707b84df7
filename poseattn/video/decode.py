"""Video files, decoded by OpenCV alone: every file once, from its first frame to its last, and hand crops cut out.

Seeking lands on wrong frames in some files and is several times slower than reading on; containers claim frame counts
that are not there. So frames are only ever counted by decoding them, and frame i is shown at i / fps seconds.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

MOST_PIXELS = 1 << 25  # of a frame or an image: those of 8K video
# Read by OpenCV at the first image, so that it makes no room for what a damaged header states.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))

try:
    import cv2
except ImportError as error:
    if "lib" not in str(error):
        raise
    raise OSError(f"OpenCV needs libGL and glib: apt-get install libgl1 libglib2.0-0 ({error})") from error

Wanted = Callable[[int], bool] | Sequence[bool] | np.ndarray | None
_SIZE_UNKNOWN = (0, 0xFFFFFFFF)  # of a RIFF file whose writer could not go back to its header
_MATROSKA = b"\x1a\x45\xdf\xa3"  # first bytes of MKV and WebM files


class VideoError(ValueError):
    """A video that cannot be decoded as a whole; the message says what is wrong with it, without its path."""


class Video:
    """An open video file, to be read once. Used in a `with` statement.

    One decoder thread: with more, FFmpeg conceals the damage in a broken stream differently each time it is read, and
    jobs that decode side by side, as many as there are cores, together need a fifth less time with one thread each.

    Args:
        path: The file.

    Attributes:
        fps: Frames per second, as the container states.
        width: Pixels in a row.
        height: Pixels in a column.

    Raises:
        VideoError: The file is missing, empty, cut off, no video, or states no frame rate.
    """

    fps: float
    width: int
    height: int

    def __init__(self, path: Path) -> None:
        _check_size(path)
        silence()
        self._capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not self._capture.isOpened():
            raise VideoError("no video that OpenCV can open")
        self.fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.width = int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH))
        self.height = int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
        if self.width * self.height > MOST_PIXELS:
            size = f"{self.width} x {self.height}"
            raise VideoError(f"the container states {size} pixels, expected at most {MOST_PIXELS} in all")
        if not 0 < self.fps < float("inf"):
            raise VideoError(f"the container states {self.fps} frames per second")

    def __enter__(self) -> "Video":
        """The open video."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._capture.release()

    def frames(self, wanted: Wanted = None, start: int = 0) -> Iterator[np.ndarray | None]:
        """Decode the file to its end; a frame that nobody wants is not converted to BGR, a third of the work.

        Args:
            wanted: As for `is_wanted`.
            start: No frame before this one is needed.

        Yields:
            For each frame that decodes, in order, its image (row, col, bgr) uint8, or None if it is not wanted.

        Raises:
            VideoError: Not a single frame decodes, or a frame cannot be converted.
        """
        number = 0
        while self._capture.grab():
            yield self._retrieve(number) if number >= start and is_wanted(wanted, number) else None
            number += 1
        if number == 0:
            raise VideoError("no frame of it can be decoded")

    def _retrieve(self, number: int) -> np.ndarray:
        try:
            done, image = self._capture.retrieve()
        except cv2.error as error:
            raise VideoError(f"frame {number}: {' '.join(str(error).split())}") from error
        if not done or image.ndim != 3:
            raise VideoError(f"frame {number} cannot be converted to colour")
        return image


def is_wanted(wanted: Wanted, number: int) -> bool:
    """Whether the pixels of a frame are needed.

    Args:
        wanted: Function of the number of a frame, or one entry for each; frames past its end are not needed. All frames
            if None.
        number: Of the frame, from 0.

    Returns:
        Whether they are.
    """
    if wanted is None or callable(wanted):
        return wanted is None or wanted(number)
    return number < len(wanted) and bool(wanted[number])


def _check_size(path: Path) -> None:
    """Refuse a file that is not there or lacks bytes that it counts: frames would be grey or missing.

    AVI, MP4, MKV and WebM files count them.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(12)
            size = os.fstat(file.fileno()).st_size
            media_end = _end_of_media(file) if head[4:8] == b"ftyp" else 0
            media_end = _end_of_segment(file) if head[:4] == _MATROSKA else media_end
    except OSError as error:
        raise VideoError(f"cannot be read: {error.strerror}") from error
    if size == 0:
        raise VideoError("the file is empty")
    stated = int.from_bytes(head[4:8], "little")
    if head[:4] == b"RIFF" and stated not in _SIZE_UNKNOWN and stated + 8 > size:
        raise VideoError(f"the file is cut off after {size} of {stated + 8} bytes")
    if media_end > size:
        raise VideoError(f"the file is cut off after {size} bytes, its pictures end at {media_end}")


def _end_of_media(file: BinaryIO) -> int:
    """Byte of an MP4 file at which its frames end, as their box states; 0 if it does not."""
    start = length = 0
    name = b""
    while name != b"mdat":
        start += length
        file.seek(start)
        head = file.read(16)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:  # the real one follows the name
            length = int.from_bytes(head[8:], "big")
        if length < 8:  # the end of the file, or a box that reaches as far as that
            return 0
    return start + length


def _end_of_segment(file: BinaryIO) -> int:
    """Byte of an MKV or WebM file at which its segment ends, the element after the header; 0 if it does not say."""
    end = 0
    for _ in range(2):  # each element: 4 bytes of name, its length, and what it holds
        file.seek(end + 4)
        head = file.read(8)
        n_bytes = 9 - int.from_bytes(head[:1], "big").bit_length()  # of the length: leading zero bits, and 1
        length, most = int.from_bytes(head[:n_bytes], "big"), 1 << 7 * n_bytes
        if n_bytes > len(head) or length % most == most - 1:  # all ones: not known
            return 0
        end += 4 + n_bytes + length % most
    return end


def silence() -> None:
    """Keep what OpenCV and FFmpeg say about a bad file out of the log; they read this before their first file only."""
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
