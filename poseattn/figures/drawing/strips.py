"""Drawing of strips: frames, and below them attention as light (Sharma et al. 2015, Fig. 2 to 7)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from poseattn.figures.drawing.png import render
from poseattn.video.opencv import cv2

_SIDE = 224  # pixels of a picture
_SIGMA = 20  # pixels of a picture, as in the released code
_OPACITY = 0.8


class Strip(NamedTuple):
    """Some steps of one clip.

    Attributes:
        images: Frames (step, row, col, rgb) uint8, squashed as the network saw them.
        location: Attention over the places of each step (step, row, col); sums to 1 over the places.
        seconds: When each step is shown (step).
        title: Text above the strip.
    """

    images: np.ndarray
    location: np.ndarray
    seconds: np.ndarray
    title: str


def attended(image: np.ndarray, location: np.ndarray) -> np.ndarray:
    """Lay attention over a frame in white, as the paper does.

    Args:
        image: (row, col, rgb) uint8.
        location: Attention over the places (row, col).

    Returns:
        Picture of the size of the frame.
    """
    share = _OPACITY * light(location, image.shape[1::-1])[..., None]
    return np.rint(image * (1 - share) + 255 * share).astype(np.uint8)


def light(location: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Bring a map of attention to the size of a picture: enlarge it, smooth it, and divide it by its maximum.

    Args:
        location: Attention over the places (row, col).
        size: Width and height of the picture, pixels.

    Returns:
        (height, width) float32 between 0 and 1.
    """
    enlarged = cv2.resize(location.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    across, down = (_SIGMA * side / _SIDE for side in size)
    smooth = cv2.GaussianBlur(enlarged, (0, 0), sigmaX=across, sigmaY=down).clip(0)
    return smooth / max(float(smooth.max()), 1e-12)


def draw_strips(strips: Sequence[Strip], title: str, caption: str) -> bytes:
    """Draw one strip below the other: the frames as they are, and below them with attention as light.

    Args:
        strips: Strips with equally many steps.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw(strips, title), title, caption)


def _draw(strips: Sequence[Strip], title: str) -> Figure:
    n_steps = len(strips[0].images)
    height = 0.6 + 3.55 * len(strips)  # inches
    figure = Figure(figsize=(1.5 * n_steps + 0.3, height), dpi=120)
    figure.text(0.01, 1 - 0.3 / height, title, fontsize=13, weight="bold", va="center")
    for number, strip in enumerate(strips):
        top = 1 - (0.6 + 3.55 * number) / height
        figure.text(0.01, top - 0.08 / height, strip.title, fontsize=9, color="#444444", va="top")
        for step in range(n_steps):
            pictures = (strip.images[step], attended(strip.images[step], strip.location[step]))
            for row, picture in enumerate(pictures):
                left, bottom = (0.1 + 1.5 * step) / (1.5 * n_steps + 0.3), top - (1.75 + 1.47 * row) / height
                axes = figure.add_axes((left, bottom, 1.44 / (1.5 * n_steps + 0.3), 1.44 / height))
                axes.imshow(picture)
                axes.set_axis_off()
                if row:
                    axes.set_title(f"{strip.seconds[step]:.2f} s", fontsize=7, color="#666666", y=-0.16)
    return figure
