"""Labelled pictures, or pieces of video, of shots: what tells their class is the place, the object, or how that moves.

They are drawn as the stand-in of ActivityNet draws its videos, from another seed. The other two aspects, and all that
is beside the object in the middle, are of any kind.
"""

from collections.abc import Iterator

import numpy as np

from poseattn.synthetic.objects import SHAPES, Picture, compress
from poseattn.synthetic.places import PATTERNS
from poseattn.synthetic.shots import Shot, film
from poseattn.video.clip_frames import squash


def draw_pictures(recipe: dict) -> Iterator[Picture]:
    """Endless labelled pictures or pieces, the same for the same recipe.

    Args:
        recipe: `seed`; the `aspect` that is labelled (`place`, `object` or `move`) and its `kinds`; number of `frames`
            (1 for pictures); `size` to which they are squashed, an edge or rows and columns in pixels; and the `scene`
            of the videos, with the range of JPEG `quality` in its `image`.

    Yields:
        Pictures (row, col, rgb), or pieces (frame, row, col, rgb) of several frames.
    """
    number = 0
    while True:
        yield _draw(np.random.default_rng([recipe["seed"], number]), recipe)
        number += 1


def _draw(rng: np.random.Generator, recipe: dict) -> Picture:
    scene = recipe["scene"]
    any_kind = {"place": sorted(PATTERNS), "object": sorted(SHAPES), "move": sorted(scene["moves"])}
    drawn = {aspect: kinds[rng.integers(len(kinds))] for aspect, kinds in any_kind.items()}
    drawn[recipe["aspect"]] = kind = recipe["kinds"][rng.integers(len(recipe["kinds"]))]
    size = tuple(scene["sizes"][rng.integers(len(scene["sizes"]))])
    frames = film(rng, [Shot(recipe["frames"], **drawn)], size, _with_any(scene))
    quality = int(rng.integers(*scene["image"]["quality"]))
    images = [squash(compress(frame, quality)[..., ::-1], recipe["size"]) for frame in frames]
    return Picture(np.stack(images) if recipe["frames"] > 1 else images[0], kind)


def _with_any(scene: dict) -> dict:
    """A scene in which the objects beside the one in the middle are of any kind."""
    return scene | {"neutral": scene["neutral"] | {"object": sorted(SHAPES)}}
