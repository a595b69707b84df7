"""Frames of toy clips, as decoders give them."""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import numpy as np

from poseattn.video.frames import Frame


def as_frames(images: Iterable[np.ndarray | None], fps: float = 25) -> Iterator[Frame]:
    """Images in their order as frames at a steady rate; None for a lost one."""
    for number, image in enumerate(images):
        yield Frame(number, image, number / fps, image is not None)


def lose(path: Path, numbers: Collection[int]) -> None:
    """Overwrite some frames of an AVI file with zeros, as a disk does that lost its sectors."""
    content = bytearray(path.read_bytes())
    at, number = content.index(b"movi") + 4, 0
    while content[at : at + 4] == b"00dc":
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if number in numbers:
            content[at + 8 : at + 8 + length] = bytes(length)
        at, number = at + 8 + length + length % 2, number + 1
    assert number > max(numbers)
    path.write_bytes(content)
