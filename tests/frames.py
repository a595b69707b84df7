"""Frames of toy clips, as decoders give them."""

from collections.abc import Iterable, Iterator

import numpy as np

from poseattn.video.frames import Frame


def as_frames(images: Iterable[np.ndarray | None], fps: float = 25) -> Iterator[Frame]:
    """Images in their order as frames at a steady rate; None for a lost one."""
    for number, image in enumerate(images):
        yield Frame(number, image, number / fps, image is not None)
