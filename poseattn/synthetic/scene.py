"""The renderer: figures with held objects, as antialiased limbs over a cluttered background."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import cv2
import numpy as np

from poseattn.synthetic.camera import Lens, project
from poseattn.synthetic.objects import SUBPIXEL, Prop, paint_prop
from poseattn.synthetic.performance import Performance

Look = dict[str, tuple[int, ...]]  # BGR colour of clothes, skin and hair


class Part(NamedTuple):
    """A shape of a figure: one joint is a disc, two a limb, four a filled outline.

    Attributes:
        joints: Joint indices from 0.
        width: Diameter in body heights.
        role: Key of the look.
        nearer: Metres by which it is taken to be nearer than its joints, so that arms pass before the trunk.
        lower: Shift down the image in body heights.
    """

    joints: tuple[int, ...]
    width: float
    role: str
    nearer: float = 0.0
    lower: float = 0.0


def _sides(left: tuple[int, ...], *style: float | str) -> list[Part]:
    """A left limb and the right one, whose joint numbers are larger by 4."""
    return [Part(left, *style), Part(tuple(joint + 4 for joint in left), *style)]


PARTS = [
    *_sides((14, 15), 0.045, "shoes"),
    *_sides((13, 14), 0.06, "trousers"),
    *_sides((12, 13), 0.08, "trousers"),
    Part((12, 16), 0.09, "trousers"),
    Part((4, 8, 16, 12), 0.0, "shirt"),
    Part((4, 8), 0.06, "shirt"),
    Part((20, 3), 0.05, "skin"),
    Part((3,), 0.13, "hair"),
    Part((3,), 0.11, "skin", 0.02, 0.015),
    *_sides((4, 5), 0.055, "shirt", 0.06),
    *_sides((5, 7), 0.04, "sleeve", 0.1),
    *_sides((7,), 0.05, "hand", 0.2),
]
_FIRST_HAND = len(PARTS) - 2


def draw_look(rng: np.random.Generator) -> Look:
    """Random clothes, skin and hair."""
    shirt, trousers, shoes, hair = (tuple(rng.integers(15, 240, 3).tolist()) for _ in range(4))
    tone = rng.uniform(0.35, 1.0)
    skin = tuple(int(tone * value) for value in (150 + rng.integers(-15, 15), 185, 230))
    sleeve = shirt if rng.random() < 0.5 else skin
    return dict(shirt=shirt, trousers=trousers, shoes=shoes, hair=hair, skin=skin, hand=skin, sleeve=sleeve)


def paint_background(rng: np.random.Generator, recipe: dict) -> np.ndarray:
    """Cluttered room: wall and floor with blurred patches of light, under random shapes.

    Args:
        rng: Random state.
        recipe: `size` (width, height) in pixels, number of `shapes`, range of their `extent` in pixels.

    Returns:
        BGR image, (row, col, 3) uint8.
    """
    width, height = recipe["size"]
    grid = height // 40, width // 40
    patches = rng.integers(-45, 46, (*grid, 1)) + rng.integers(-12, 13, (*grid, 3))
    floor = rng.integers(5, 8)
    for rows in (slice(floor), slice(floor, None)):
        patches[rows] += rng.integers(60, 200) + rng.integers(-40, 41, 3)
    patches = patches.clip(0, 255).astype(np.uint8)
    image = cv2.resize(patches, (width, height), interpolation=cv2.INTER_CUBIC)
    paint_shapes(rng, image, recipe)
    return image


def paint_shapes(rng: np.random.Generator, image: np.ndarray, recipe: dict) -> None:
    """Clutter an image with random shapes.

    Args:
        rng: Random state.
        image: BGR image, (row, col, 3) uint8, changed in place.
        recipe: Number of `shapes`, range of their `extent` in pixels.
    """
    height, width = image.shape[:2]
    for _ in range(rng.integers(*recipe["shapes"])):
        center = rng.uniform((0, 0), (width, height))
        corners = center + rng.uniform(-1, 1, (rng.integers(3, 7), 2)) * rng.uniform(*recipe["extent"])
        outline = cv2.convexHull(corners.astype(np.float32)).astype(np.int32)
        cv2.fillPoly(image, [outline], rng.integers(0, 256, 3).tolist(), cv2.LINE_AA)


def film(
    performance: Performance, looks: list[Look], position: np.ndarray, lens: Lens, background: np.ndarray
) -> Iterator[np.ndarray]:
    """Pictures of a performance.

    Args:
        performance: Held objects and heights; its joints are not looked at.
        looks: One a person.
        position: Joints in camera space, metres, (person, frame, joint, xyz).
        lens: The camera's.
        background: BGR image, (row, col, 3).

    Returns:
        BGR images, one per frame.
    """
    return film_before(performance, looks, position, lens, repeat(background))


def film_before(
    performance: Performance, looks: list[Look], position: np.ndarray, lens: Lens, backgrounds: Iterable[np.ndarray]
) -> Iterator[np.ndarray]:
    """Pictures of a performance before a background of its own in every frame; see `film`."""
    heights = np.array(performance.heights)
    pixel = project(position, lens)
    scale = lens.focal / position[..., 2]  # pixels per metre
    depth = np.stack([position[:, :, part.joints, 2].mean(-1) - part.nearer for part in PARTS], axis=1)
    order = np.argsort(-depth.reshape(-1, depth.shape[-1]), axis=0, kind="stable")  # far parts first
    outlines = [_outlines(pixel, scale, heights, part) for part in PARTS]
    for frame, background in zip(range(position.shape[1]), backgrounds, strict=False):
        image = background.copy()
        for person, index in zip(*np.divmod(order[:, frame], len(PARTS)), strict=True):
            points, widths = outlines[index]
            _paint_part(image, points[person, frame], widths[person, frame], looks[person][PARTS[index].role])
            if index >= _FIRST_HAND:
                joint = PARTS[index].joints[0]
                prop = performance.grips[person][index - _FIRST_HAND][frame]
                _paint_held(image, prop, pixel[person, frame, joint], scale[person, frame, joint], looks[person])
        yield image


def _outlines(pixel: np.ndarray, scale: np.ndarray, heights: np.ndarray, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """Corners in fractions of a pixel as OpenCV takes them, (person, frame, corner, xy), and width in pixels."""
    scale = scale[:, :, part.joints[0]] * heights[:, None]
    points = pixel[:, :, part.joints] + np.stack([np.zeros_like(scale), part.lower * scale], axis=-1)[:, :, None]
    return np.rint(points * 2**SUBPIXEL).astype(np.int32, order="C"), part.width * scale


def _paint_part(image: np.ndarray, points: np.ndarray, width: float, color: tuple[int, ...]) -> None:
    """Draw a disc, a limb or an outline, by the number of its points."""
    if len(points) == 1:
        cv2.circle(image, points[0].tolist(), int(width / 2 * 2**SUBPIXEL), color, -1, cv2.LINE_AA, SUBPIXEL)
    elif len(points) == 2:
        cv2.line(image, *points.tolist(), color, max(1, round(width)), cv2.LINE_AA, SUBPIXEL)
    else:
        cv2.fillPoly(image, [points], color, cv2.LINE_AA, SUBPIXEL)


def _paint_held(image: np.ndarray, prop: Prop | None, center: np.ndarray, scale: float, look: Look) -> None:
    """Draw what a hand holds, and the thumb over it; `scale` is in pixels per metre."""
    if prop is None:
        return
    paint_prop(image, prop, center, scale)
    ends = np.rint((center + scale * np.array([[-0.01, -0.03], [0.01, 0.03]])) * 2**SUBPIXEL).astype(int)
    cv2.line(image, *ends.tolist(), look["hand"], max(1, round(0.03 * scale)), cv2.LINE_AA, SUBPIXEL)


@lru_cache(maxsize=32)
def _grain(size: tuple[int, int], strengths: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    shape = (size[1] + 64, size[0] + 64, 3)
    return [np.clip(rng.normal(0, strength, shape), 0, 255).astype(np.uint8) for strength in strengths]


def add_grain(image: np.ndarray, rng: np.random.Generator, strengths: list[int]) -> np.ndarray:
    """Sensor noise of a random one of several strengths (grey levels), which also makes the size of a JPEG random."""
    height, width = image.shape[:2]
    tile = _grain((width, height), tuple(strengths))[rng.integers(len(strengths))]
    row, col = rng.integers(0, 64, 2)
    return cv2.add(image, tile[row : row + height, col : col + width])


def grain_clip(rng: np.random.Generator, pictures: Iterable[np.ndarray], recipe: dict) -> Iterator[np.ndarray]:
    """Pictures with grain of one strength in all, which hides what an object adds to their bytes as JPEG."""
    strength = recipe["grain"][rng.integers(len(recipe["grain"]))]
    return (add_grain(picture, rng, [strength]) for picture in pictures)
