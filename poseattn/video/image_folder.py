"""Clips that are folders of numbered images, such as those of Penn Action: `frames/0001/000001.jpg` and so on; or one
image, such as those of Stanford 40.

They are read like videos. Nothing in a folder says how fast its frames were taken: 30 a second are assumed, which only
moves the times that are recorded of frames, never which frames are taken.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from poseattn.video.decode import Video
from poseattn.video.frames import Account, Frame, VideoError, Wanted, is_wanted
from poseattn.video.opencv import cv2, silence

FPS = 30.0  # assumed
_IMAGES = {".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".tif", ".tiff", ".webp"}
_PNG, _FRAME = b"\x89PNG\r\n\x1a\n", 12  # what a PNG file begins with; bytes around the content of each of its pieces
_SCAN, _MOST_SCANS = b"\xff\xda", 256  # with which a JPEG goes through all pixels once; progressive ones have about ten
_COLOUR = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION  # annotations are in pixels as they are stored


def open_clip(path: Path, most_damaged: float = 0.0) -> "Video | ImageFolder":
    """The frames of a clip, whether it is a video, a folder of images or a single image.

    Args:
        path: File or folder.
        most_damaged: Largest share of the frames of a video that may be damaged.

    Returns:
        What reads it, to be used in a `with` statement.

    Raises:
        VideoError: As for `poseattn.video.decode.Video` and `ImageFolder`.
    """
    return ImageFolder(path) if path.is_dir() or is_image(path) else Video(path, most_damaged)


class ImageFolder:
    """A folder of images numbered from 1, or one image, to be read like a `poseattn.video.decode.Video`.

    Hidden files in a folder, and those that are no images by their names, are left aside.

    Args:
        path: The folder, or the image.

    Attributes:
        fps: Frames per second, assumed.
        width: Pixels in a row.
        height: Pixels in a column.
        account: Counts of the images.

    Raises:
        VideoError: The folder is missing or has no image, a number is missing or there twice, or the first image cannot
            be read.
    """

    fps: float
    width: int
    height: int
    account: Account

    def __init__(self, path: Path) -> None:
        silence()
        self._images = [path] if is_image(path) else _numbered(path)
        self.fps, self.account = FPS, Account(len(self._images), len(self._images))
        self.height, self.width = _read(self._images[0]).shape[:2]

    def __enter__(self) -> "ImageFolder":
        """The folder; nothing of it stays open."""
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing has to be closed."""

    def frames(self, wanted: Wanted = None, start: int = 0) -> Iterator[Frame]:
        """Read the images in order; one that nobody wants is not even opened.

        Args:
            wanted: As for `poseattn.video.decode.is_wanted`.
            start: No frame before this one is needed.

        Yields:
            Every image as a healthy frame.

        Raises:
            VideoError: An image cannot be read, or has another size than the first.
        """
        for number, path in enumerate(self._images):
            image = self._image(path) if number >= start and is_wanted(wanted, number) else None
            yield Frame(number, image, number / FPS, healthy=True)

    def _image(self, path: Path) -> np.ndarray:
        image = _read(path)
        if (rows_cols := image.shape[:2]) != (self.height, self.width):
            first = f"{self._images[0].name} has {self.width} x {self.height}"
            raise VideoError(f"{path.name} has {rows_cols[1]} x {rows_cols[0]} pixels, {first}")
        return image


def is_image(path: Path) -> bool:
    """Whether a path is that of an image by its name, whether or not it is there."""
    return path.suffix.lower() in _IMAGES and not path.is_dir()


def _numbered(folder: Path) -> list[Path]:
    """Images of a folder in the order of their numbers, none missing."""
    try:
        files = [path for path in folder.iterdir() if path.suffix.lower() in _IMAGES and path.name[0] != "."]
    except OSError as error:
        raise VideoError(f"cannot be read: {error.strerror}") from error
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


def _read(path: Path) -> np.ndarray:
    """Image (row, col, bgr) uint8."""
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        raise VideoError(f"{path.name} cannot be read: {error.strerror}") from error
    if (scans := content.tobytes().count(_SCAN)) > _MOST_SCANS:  # each goes through all pixels, but takes few bytes
        raise VideoError(f"{path.name} has {scans} scans, expected at most {_MOST_SCANS}")
    try:
        image = None if not len(content) or _is_cut_off(content.tobytes()) else cv2.imdecode(content, _COLOUR)
    except cv2.error as error:  # it states more pixels than any image has
        raise VideoError(f"{path.name} is no image that OpenCV reads: {' '.join(str(error).split())[:200]}") from error
    if image is None:
        raise VideoError(f"{path.name} is no image, or cut off after {len(content)} bytes")
    return image


def _is_cut_off(content: bytes) -> bool:
    """Whether a PNG file has fewer bytes than its pieces say, for which OpenCV would make room nevertheless."""
    at = len(_PNG)
    if content[:at] != _PNG:
        return False
    while at + _FRAME <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += _FRAME + length
        if name == b"IEND":
            return at > len(content)
    return True
