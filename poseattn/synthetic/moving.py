"""Scenes in which objects move over a cluttered background: what UCF-11, HMDB-51 and Hollywood2 stand-ins show.

The objects of a clip's classes keep to one region of the picture and circle in it. Other objects, drawn without regard
to the class, circle elsewhere. So an average over the picture mixes both, and where to look can be learnt beforehand.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from poseattn.synthetic.objects import Prop, draw_prop, paint_prop
from poseattn.synthetic.scene import grain_clip, paint_background


class Mover(NamedTuple):
    """One object and where its centre is: shares of the picture's width and height, (frame, xy)."""

    prop: Prop
    path: np.ndarray


class Scene(NamedTuple):
    """What happens in one clip.

    Attributes:
        background: BGR image, (row, col, 3).
        evidence: Objects that show the clip's classes.
        others: Objects that show nothing.
    """

    background: np.ndarray
    evidence: list[Mover]
    others: list[Mover]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.background.shape[1], self.background.shape[0]


def draw_scene(rng: np.random.Generator, place: np.random.Generator, kinds: Sequence[str], recipe: dict) -> Scene:
    """Random scene.

    Args:
        rng: Random state of the clip.
        place: Random state of what clips of one place share: frame size and background.
        kinds: What the clip's classes look like, one kind of object each.
        recipe: Range of `frames`; frame `sizes` (width, height), background `image`; range of the number of
            `movers` and the `kinds` of which those beyond the clip's own are; how objects look (`object`: `size` as
            a share of the picture's edge, `rotation`); and the `paths` of `evidence` and `others`.

    Returns:
        The scene.
    """
    size = recipe["sizes"][place.integers(len(recipe["sizes"]))]
    background = paint_background(place, recipe["image"] | {"size": size})
    frames = int(rng.integers(recipe["frames"][0], recipe["frames"][1] + 1))
    number = max(int(rng.integers(recipe["movers"][0], recipe["movers"][1] + 1)), len(kinds))
    paths = _circle(rng, recipe["paths"]["evidence"], frames, len(kinds))
    props = [draw_prop(rng, kind, recipe["object"]) for kind in kinds]
    others = [_draw_other(rng, frames, recipe) for _ in range(number - len(kinds))]
    return Scene(background, list(map(Mover, props, paths)), others)


def film(scene: Scene) -> Iterator[np.ndarray]:
    """Pictures of a scene without grain: BGR images, one per frame; its own objects pass before the others."""
    movers = scene.others + scene.evidence
    for frame in range(len(movers[0].path)):
        image = scene.background.copy()
        for mover in movers:
            paint(image, mover.prop, mover.path[frame])
        yield image


def paint(image: np.ndarray, prop: Prop, position: np.ndarray) -> None:
    """Draw an object into an image; its position is in shares of width and height, its size one of their mean."""
    height, width = image.shape[:2]
    paint_prop(image, prop, position * (width, height), float(np.sqrt(width * height)))


def encode(rng: np.random.Generator, scene: Scene, recipe: dict) -> list[bytes]:
    """Pictures of a scene with grain as JPEG; the quality is the clip's own, so that sizes vary between clips."""
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*recipe["image"]["quality"]))]
    return [cv2.imencode(".jpg", picture, options)[1].tobytes() for picture in grainy(rng, scene, recipe)]


def grainy(rng: np.random.Generator, scene: Scene, recipe: dict) -> Iterator[np.ndarray]:
    """Pictures of a scene with grain of one strength in all."""
    return grain_clip(rng, film(scene), recipe["image"])


def _draw_other(rng: np.random.Generator, frames: int, recipe: dict) -> Mover:
    """An object of any kind, away from where the evidence is."""
    settings = recipe["paths"]["others"]
    kind = recipe["kinds"][rng.integers(len(recipe["kinds"]))]
    center = draw_center(rng, np.array(recipe["paths"]["evidence"]["center"]), settings)
    (path,) = _circle(rng, settings | {"center": center}, frames, 1)
    return Mover(draw_prop(rng, kind, recipe["object"]), path)


def draw_center(rng: np.random.Generator, region: np.ndarray, recipe: dict) -> np.ndarray:
    """Random place for an object away from a region, (xy) in shares of width and height.

    Args:
        rng: Random state.
        region: Middle of the region, (xy).
        recipe: How far `apart` from it, and how far from the picture's edges (`margin`).

    Returns:
        The place.
    """
    center = region
    while np.linalg.norm(center - region) < recipe["apart"]:
        center = rng.uniform(recipe["margin"], 1 - recipe["margin"], 2)
    return center


def _circle(rng: np.random.Generator, recipe: dict, frames: int, number: int) -> list[np.ndarray]:
    """Paths round one ellipse, evenly apart, in shares of width and height, (frame, xy) each.

    The recipe's `center` is moved by up to `jitter`, the ellipse has half axes (x, y) between the two of `radius`, and
    a turn takes `period` frames in either direction, from anywhere.
    """
    center = recipe["center"] + rng.uniform(-1, 1, 2) * recipe["jitter"]
    radius = rng.uniform(*recipe["radius"])
    speed = rng.choice([-1, 1]) / rng.uniform(*recipe["period"])
    turns = rng.uniform() + speed * np.arange(frames) + np.arange(number)[:, None] / max(number, 1)
    angle = 2 * np.pi * turns
    return list(center + radius * np.stack([np.cos(angle), np.sin(angle)], axis=-1))
