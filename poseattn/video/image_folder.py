"""Clips that are folders of numbered images, such as those of Penn Action: `frames/0001/000001.jpg` and so on; or one
image, such as those of Stanford 40.

They are read like videos. Nothing in a folder says how fast its frames were taken: 30 a second are assumed, which only
moves the times that are recorded of frames, never which frames are taken.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from poseattn.folders import is_image_name
from poseattn.reading import is_directory, read_input, reading, system_fault
from poseattn.video.decode import Video
from poseattn.video.frames import Account, Frame, VideoError, Wanted, is_wanted
from poseattn.video.opencv import MOST_PIXELS, cv2, silence

FPS = 30.0  # assumed
_ROOM = 12  # bytes for each pixel that OpenCV needs while it decodes an image, and some to spare
_PNG, _FRAME = b"\x89PNG\r\n\x1a\n", 12  # what a PNG file begins with; bytes around the content of each of its chunks
_JPEG, _SCAN = b"\xff\xd8", b"\xff\xda"  # what a JPEG begins with, and what each pass through all of its pixels does
_MOST_SCANS = 256  # progressive images have about ten
_STORED, _UPRIGHT = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION, cv2.IMREAD_COLOR


def open_clip(path: Path, most_damaged: float = 0.0, stored: bool = False) -> "Video | ImageFolder":
    """The frames of a clip, whether it is a video, a folder of images or a single image.

    Args:
        path: File or folder.
        most_damaged: Largest share of the frames of a video that may be damaged.
        stored: As for `ImageFolder`.

    Returns:
        What reads it, to be used in a `with` statement.

    Raises:
        VideoError: As for `poseattn.video.decode.Video` and `ImageFolder`.
        OSError: The system does not give it, because it is gone for instance.
    """
    return ImageFolder(path, stored) if is_image(path) or is_directory(path) else Video(path, most_damaged)


class ImageFolder:
    """A folder of images numbered from 1, or one image, to be read like a `poseattn.video.decode.Video`.

    Hidden files in a folder, and those that are no images by their names, are left aside.

    Args:
        path: The folder, or the image.
        stored: Whether images stay as they are stored, as annotations in pixels need it. They are turned upright
            otherwise, as their EXIF orientation says.

    Attributes:
        fps: Frames per second, assumed.
        width: Pixels in a row.
        height: Pixels in a column.
        account: Counts of the images.

    Raises:
        VideoError: The folder has no image, a number is missing or there twice, or the first image is damaged.
        OSError: The system does not give the folder or the first image.
    """

    fps: float
    width: int
    height: int
    account: Account

    def __init__(self, path: Path, stored: bool = False) -> None:
        silence()
        self._mode = _STORED if stored else _UPRIGHT
        self._images = [path] if is_image(path) else _numbered(path)
        self.fps, self.account = FPS, Account(len(self._images), len(self._images))
        self.height, self.width = _read(self._images[0], self._mode).shape[:2]

    def __enter__(self) -> "ImageFolder":
        """The folder; nothing of it stays open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing has to be closed."""

    def frames(self, wanted: Wanted = None) -> Iterator[Frame]:
        """Read the images in order; one that nobody wants is not even opened.

        Args:
            wanted: As for `poseattn.video.frames.is_wanted`.

        Yields:
            Every image as a healthy frame.

        Raises:
            VideoError: An image is damaged, or has another size than the first.
            OSError: The system does not give an image.
        """
        for number, path in enumerate(self._images):
            time = number / FPS
            yield Frame(number, self._image(path) if is_wanted(wanted, number, time) else None, time, healthy=True)

    def _image(self, path: Path) -> np.ndarray:
        image = _read(path, self._mode)
        if (rows_cols := image.shape[:2]) != (self.height, self.width):
            first = f"{self._images[0].name} has {self.width} x {self.height}"
            raise VideoError(f"{path.name} has {rows_cols[1]} x {rows_cols[0]} pixels, {first}")
        return image


def is_image(path: Path) -> bool:
    """Whether a path is that of an image by its name, whether or not it is there."""
    return is_image_name(path.name) and not is_directory(path)


def _numbered(folder: Path) -> list[Path]:
    """Images of a folder in the order of their numbers, none missing."""
    with reading(folder):
        files = [path for path in folder.iterdir() if is_image_name(path.name) and path.name[0] != "."]
    if not files:
        raise VideoError("no image in the folder")
    images: dict[int, Path] = {}
    for path in sorted(files):
        if not (path.stem.isascii() and path.stem.isdigit()):
            raise VideoError(f"image {path.name} has no number for a name")
        if (other := images.setdefault(int(path.stem), path)) is not path:
            raise VideoError(f"images {other.name} and {path.name} have one number")
    in_order = [images[number] for number in sorted(images)]
    if 0 in images:
        raise VideoError(f"image {in_order[0].name}: numbers begin at 1")
    if missing := sorted(set(range(1, len(images) + 1)) - images.keys()):
        found = f"{len(images)} images, the first {in_order[0].name}, the last {in_order[-1].name}"
        raise VideoError(f"image {missing[0]} is missing: there are {found}")
    return in_order


def _read(path: Path, mode: int) -> np.ndarray:
    """Image (row, col, bgr) uint8."""
    try:
        content = read_input(path)
    except ValueError as error:
        raise VideoError(str(error)) from error
    if content[:2] == _JPEG and (scans := content.count(_SCAN)) > _MOST_SCANS:  # few bytes each, and all pixels
        raise VideoError(f"{path.name} has {scans} scans, expected at most {_MOST_SCANS}")
    try:
        levels = np.frombuffer(content, np.uint8)
        image = None if not content or _is_cut_off(content) else cv2.imdecode(levels, mode)
    except cv2.error as error:  # it states more pixels than any image has
        if fault := system_fault(error, path):
            raise fault from error
        raise VideoError(f"{path.name} is no image that OpenCV reads: {' '.join(str(error).split())[:200]}") from error
    if image is None:
        _check_memory(path, content)
        raise VideoError(f"{path.name} is no image, or cut off after {len(content)} bytes")
    return image


def _check_memory(path: Path, content: bytes) -> None:
    """Tell whether there is the memory to decode an image: OpenCV says the same of damage and of no memory."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            width, height = image.size
    except MemoryError:
        raise
    except Exception:  # the readers of some forty formats raise whatever a damaged file leads them to
        return
    try:
        np.empty(_ROOM * min(width * height, MOST_PIXELS), np.uint8)  # asks for the room without using it
    except MemoryError:
        raise MemoryError(f"{path}: out of memory, at {width} x {height} pixels") from None


def _is_cut_off(content: bytes) -> bool:
    """Whether a PNG file has fewer bytes than its chunks say, for which OpenCV would make room nevertheless."""
    at = len(_PNG)
    if content[:at] != _PNG:
        return False
    while at + _FRAME <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += _FRAME + length
        if name == b"IEND":
            return at > len(content)
    return True
