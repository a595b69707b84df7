"""Crops of pictures at fixed places, as temporal segment networks see them (Wang et al. 2016, arXiv 1608.00859).

Places and shapes are those of the release (yjxiong: `fix_crop`, `more_fix_crop`, `max_distort` 1): a quarter of what a
crop leaves of the picture, rounded down, is the step from one place to the next.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from poseattn.networks.shared import resize

_CORNERS_AND_CENTRE = ((0, 0), (0, 4), (4, 0), (4, 4), (2, 2))  # steps down and to the right
_MORE = ((2, 0), (2, 4), (4, 2), (0, 2), (1, 1), (1, 3), (3, 1), (3, 3))  # middles of the edges, and between


class Crop(NamedTuple):
    """A window of a picture, pixels: its first row and column, and how many there are."""

    top: int
    left: int
    rows: int
    cols: int


def corner_crops(rows: int, cols: int, scales: Sequence[float | int]) -> list[Crop]:
    """Crops of which training draws one: every shape at each of thirteen places.

    Deviates: The release resizes frames to 256x340 first and then counts edges within two pixels of the network's input
    as equal to it; here frames are cut as they are stored.

    Args:
        rows: Of the picture.
        cols: Of the picture.
        scales: Lengths of an edge, as shares of the picture's shorter side, in order. Height and width of a crop are
            at most one step of this list apart.

    Returns:
        All of them, equally likely.
    """
    edges = [int(scale * min(rows, cols)) for scale in scales]
    shapes = [(edges[a], edges[b]) for a in range(len(edges)) for b in range(len(edges)) if abs(a - b) <= 1]
    return [crop for shape in shapes for crop in _placed(rows, cols, *shape, _CORNERS_AND_CENTRE + _MORE)]


def five_crops(rows: int, cols: int, scale: float | int) -> list[Crop]:
    """Squares in the four corners and the centre.

    Args:
        rows: Of the picture.
        cols: Of the picture.
        scale: Edge of a square, as a share of the picture's shorter side; published: 224 / 256.

    Returns:
        The corners from left to right and top to bottom, then the centre.
    """
    edge = int(scale * min(rows, cols))
    return _placed(rows, cols, edge, edge, _CORNERS_AND_CENTRE)


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


def _placed(rows: int, cols: int, height: int, width: int, places: Sequence[tuple[int, int]]) -> list[Crop]:
    down, right = (rows - height) // 4, (cols - width) // 4
    return [Crop(a * down, b * right, height, width) for a, b in places]
