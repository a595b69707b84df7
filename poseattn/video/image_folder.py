"""Clips that are folders of numbered images, such as those of Penn Action: `frames/0001/000001.jpg` and so on; or one
image, such as those of Stanford 40.

They are read like videos. Nothing in a folder says how fast its frames were taken: 30 a second are assumed, which only
moves the times that are recorded of frames, never which frames are taken.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from poseattn.folders import is_image_name
from poseattn.reading import is_directory, reading
from poseattn.video.decode import Video, refusal
from poseattn.video.frames import Account, Frame, VideoError, Wanted, is_wanted
from poseattn.video.image_file import read_image
from poseattn.video.opencv import cv2, silence

FPS = 30.0  # assumed
_STORED, _UPRIGHT = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION, cv2.IMREAD_COLOR


def open_clip(path: Path, most_damaged: float = 0.0, stored: bool = False) -> "Video | ImageFolder":
    """The frames of a clip, whether it is a video, a folder of images or a single image.

    Args:
        path: File or folder.
        most_damaged: Largest share of the frames that may be damaged.
        stored: As for `ImageFolder`.

    Returns:
        What reads it, to be used in a `with` statement.

    Raises:
        VideoError: As for `poseattn.video.decode.Video` and `ImageFolder`.
        OSError: The system does not give it, because it is gone for instance.
    """
    return (
        ImageFolder(path, most_damaged, stored) if is_image(path) or is_directory(path) else Video(path, most_damaged)
    )


class ImageFolder:
    """A folder of images numbered from 1, or one image, to be read like a `poseattn.video.decode.Video`.

    Hidden files in a folder, and those that are no images by their names, are left aside.

    Args:
        path: The folder, or the image.
        most_damaged: Largest share of the images that may be damaged, between 0 and 1.
        stored: Whether images stay as they are stored, as annotations in pixels need it. They are turned upright
            otherwise, as their EXIF orientation says.

    Attributes:
        fps: Frames per second, assumed.
        width: Pixels in a row.
        height: Pixels in a column.
        account: Counts of the images.

    Raises:
        VideoError: The folder has no image, a number is missing or there twice, or the first image is damaged: every
            image, where some may be damaged.
        OSError: The system does not give the folder or an image.
    """

    fps: float
    width: int
    height: int
    account: Account

    def __init__(self, path: Path, most_damaged: float = 0.0, stored: bool = False) -> None:
        silence()
        self._mode, self._most_damaged = _STORED if stored else _UPRIGHT, most_damaged
        self._images = [path] if is_image(path) else _numbered(path)
        self.fps, self.account = FPS, Account(len(self._images), len(self._images))
        self._first, (self.height, self.width) = self._first_readable()

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
            Every image as a frame, which is healthy unless the image was opened and is damaged.

        Raises:
            VideoError: Too many images are damaged, or one has another size than the first.
            OSError: The system does not give an image.
        """
        bad: list[int] = []
        try:
            for number, path in enumerate(self._images):
                time, image, healthy = number / FPS, None, True
                if is_wanted(wanted, number, time):
                    image = self._image(path)
                    healthy = image is not None
                bad += [] if healthy else [number]
                yield Frame(number, image, time, healthy)
        finally:
            self.account = self.account._replace(damaged=len(bad))
        if reason := refusal(bad, 0, len(self._images), self._most_damaged):
            raise VideoError(reason)

    def _first_readable(self) -> tuple[Path, tuple[int, int]]:
        """The first image that is not damaged, and its rows and columns: it says the size of all."""
        faults = []
        for path in self._images:
            try:
                rows, cols, _ = read_image(path, self._mode).shape
                return path, (rows, cols)
            except VideoError as error:
                faults.append(error)
                if not self._most_damaged:
                    break
        raise faults[0]

    def _image(self, path: Path) -> np.ndarray | None:
        """An image; None if it is damaged and some may be."""
        try:
            image = read_image(path, self._mode)
        except VideoError:
            if not self._most_damaged:
                raise
            return None
        if (rows_cols := image.shape[:2]) != (self.height, self.width):
            first = f"{self._first.name} has {self.width} x {self.height}"
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
