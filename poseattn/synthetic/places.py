"""Places: backgrounds with a pattern all over. Which place it is shows in the pattern, never in colours."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from poseattn.synthetic.scene import paint_shapes

_APART = (120, 240)  # between the two colours of a pattern, grey levels summed over channels: objects must stand out


class Grid(NamedTuple):
    """Pixels in periods of a pattern, x right and y down, each (row, col), and some random numbers in [0, 1)."""

    x: np.ndarray
    y: np.ndarray
    chance: np.ndarray


def paint_place(rng: np.random.Generator, kind: str, size: tuple[int, int], recipe: dict) -> np.ndarray:
    """Random place of a kind; the random numbers that it takes do not depend on the kind.

    Args:
        rng: Random state.
        kind: A key of `PATTERNS`.
        size: Width and height in pixels.
        recipe: Range of the pattern's `period` as a share of the picture's edge, the geometric mean of its two; number
            of `shapes` over it and range of their `extent` in pixels.

    Returns:
        BGR image, (row, col, 3) uint8.

    Raises:
        ValueError: There is no pattern of that kind.
    """
    if kind not in PATTERNS:
        raise ValueError(f"no pattern of a place {kind!r}; there are {', '.join(PATTERNS)}")
    period = rng.uniform(*recipe["period"]) * np.sqrt(size[0] * size[1])
    y, x = np.mgrid[: size[1], : size[0]] / period
    chance = rng.random(4)
    mask = np.clip(PATTERNS[kind](Grid(x + 4 * chance[0], y + 4 * chance[1], chance)), 0, 1)[..., None]
    back, front = _two_colors(rng)
    image = (back + mask * (front - back)).astype(np.uint8)
    image = cv2.GaussianBlur(image, (0, 0), 0.7)
    paint_shapes(rng, image, recipe)
    return image


def _two_colors(rng: np.random.Generator) -> np.ndarray:
    """Two colours that differ enough, out of some, so that their number does not depend on luck."""
    pairs = rng.integers(20, 236, (20, 2, 3)).astype(float)
    apart = abs(pairs[:, 0] - pairs[:, 1]).sum(1)
    return pairs[int(np.argmax((apart > _APART[0]) & (apart < _APART[1])))]


def _step(wave: np.ndarray) -> np.ndarray:
    """1 where a wave in [-1, 1] is positive, with a short slope."""
    return 0.5 + 4 * wave


def _waves(grid: Grid) -> np.ndarray:
    return _step(np.sin(2 * np.pi * (grid.y + 0.25 * np.sin(2 * np.pi * grid.x / 2))))


def _trunks(grid: Grid) -> np.ndarray:
    return _step(np.sin(2 * np.pi * (grid.x + 0.08 * np.sin(2 * np.pi * grid.y / 3))))


def _tiles(grid: Grid) -> np.ndarray:
    return _step(np.sin(np.pi * grid.x) * np.sin(np.pi * grid.y))


def _peaks(grid: Grid) -> np.ndarray:
    zigzag = abs(grid.x / 2 % 1 - 0.5) * 4
    return _step(np.sin(2 * np.pi * (grid.y - zigzag) / 2))


def _bricks(grid: Grid) -> np.ndarray:
    course = 1.6 * grid.y
    brick = 0.8 * grid.x + np.floor(course) / 2
    joint = np.minimum(0.5 - abs(course % 1 - 0.5), 1 - abs(2 * (brick % 1) - 1))  # distance to the nearest one
    return _step(3 * (joint - 0.13))


def _dots(grid: Grid) -> np.ndarray:
    row = np.floor(grid.y)
    return _step(0.33 - np.hypot((grid.x + row / 2) % 1 - 0.5, grid.y % 1 - 0.5))


def _slats(grid: Grid) -> np.ndarray:
    side = 1 if grid.chance[2] < 0.5 else -1
    return _step(np.sin(np.sqrt(2) * np.pi * (grid.x + side * grid.y)))


def _rings(grid: Grid) -> np.ndarray:
    spread = (grid.x.max(), grid.y.max()) * grid.chance[2:]
    return _step(np.sin(2 * np.pi * np.hypot(grid.x - grid.x.min() - spread[0], grid.y - grid.y.min() - spread[1])))


# Kind -> share of the second colour in each pixel, beyond [0, 1] where it is sure.
PATTERNS: dict[str, Callable[[Grid], np.ndarray]] = {
    "waves": _waves,
    "trunks": _trunks,
    "tiles": _tiles,
    "peaks": _peaks,
    "bricks": _bricks,
    "dots": _dots,
    "slats": _slats,
    "rings": _rings,
}
