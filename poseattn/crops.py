"""Crops of pictures at fixed places, as temporal segment networks see them (Wang et al. 2016, arXiv 1608.00859).

Places and shapes are those of the release (yjxiong: `fix_crop`, `more_fix_crop`, `max_distort` 1): a quarter of what a
crop leaves of the picture, rounded down, is the step from one place to the next.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from poseattn.networks import resize
from poseattn.sizes import rectangle

_CORNERS_AND_CENTRE = ((0, 0), (0, 4), (4, 0), (4, 4), (2, 2))  # steps down and to the right
_MORE = ((2, 0), (2, 4), (4, 2), (0, 2), (1, 1), (1, 3), (3, 1), (3, 3))  # middles of the edges, and between


class Crop(NamedTuple):
    """A window of a picture, pixels: its first row and column, and how many there are."""

    top: int
    left: int
    rows: int
    cols: int


def corner_crops(rows: int, cols: int, size: int | Sequence[int], scales: Sequence[float | int]) -> list[Crop]:
    """Crops of which training draws one: every shape at each of thirteen places.

    Deviates: The release resizes frames to 256x340 first and then counts edges within two pixels of the network's input
    as equal to it; here frames are cut as they are stored. Its input is a square.

    Args:
        rows: Of the picture.
        cols: Of the picture.
        size: Of the network's input: edge of a square, or rows and columns, pixels.
        scales: Lengths of an edge, in order, as shares of that of the largest window of the input's shape in the
            picture. Height and width of a crop are at most one step of this list apart.

    Returns:
        All of them, equally likely.
    """
    height, width = _largest(rows, cols, size)
    near = [(a, b) for a in range(len(scales)) for b in range(len(scales)) if abs(a - b) <= 1]
    shapes = [(int(scales[a] * height), int(scales[b] * width)) for a, b in near]
    return [crop for shape in shapes for crop in _placed(rows, cols, *shape, _CORNERS_AND_CENTRE + _MORE)]


def five_crops(rows: int, cols: int, size: int | Sequence[int], scale: float | int) -> list[Crop]:
    """Windows of the input's shape in the four corners and the centre.

    Args:
        rows: Of the picture.
        cols: Of the picture.
        size: As for `corner_crops`.
        scale: Edges of a window, as shares of those of the largest in the picture; published: 224 / 256.

    Returns:
        The corners from left to right and top to bottom, then the centre.
    """
    height, width = _largest(rows, cols, size)
    return _placed(rows, cols, int(scale * height), int(scale * width), _CORNERS_AND_CENTRE)


def cut(pictures: np.ndarray, crop: Crop, size: int | Sequence[int]) -> np.ndarray:
    """Cut the same window out of pictures and resize it as networks resize whole pictures.

    Args:
        pictures: (frame, row, col, channel) uint8.
        crop: The window.
        size: Edge of a square, or rows and columns, pixels.

    Returns:
        (frame, new_row, new_col, channel) uint8.
    """
    window = pictures[:, crop.top : crop.top + crop.rows, crop.left : crop.left + crop.cols]
    return resize(torch.from_numpy(window), size).permute(0, 2, 3, 1).numpy()


def _largest(rows: int, cols: int, size: int | Sequence[int]) -> tuple[int, int]:
    """Rows and columns of the largest window of a shape."""
    height, width = rectangle(size)
    if rows * width < cols * height:
        return rows, rows * width // height
    return cols * height // width, cols


def _placed(rows: int, cols: int, height: int, width: int, places: Sequence[tuple[int, int]]) -> list[Crop]:
    down, right = (rows - height) // 4, (cols - width) // 4
    return [Crop(a * down, b * right, height, width) for a, b in places]
