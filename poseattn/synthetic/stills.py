"""Labelled pictures of single objects as clips of moving objects show them, in other places and from another seed."""

from collections.abc import Iterator

import cv2
import numpy as np

from poseattn.synthetic.moving import paint
from poseattn.synthetic.objects import HANDS_ONLY, Picture, compress, draw_prop
from poseattn.synthetic.scene import add_grain, paint_background


def draw_pictures(recipe: dict) -> Iterator[Picture]:
    """Endless labelled pictures, the same for the same recipe.

    Args:
        recipe: `seed`; the `kinds` (`empty` is no object); edge `size` in pixels of the square to which a whole
            picture is squashed and of the `window` in it that is kept; number of pictures of each `place`; how far
            from a window's border the object's centre stays at least (`margin`, share of the window's edge); and the
            `scene` of the clips.

    Yields:
        Windows that show one object or none, anywhere in the picture.
    """
    number = 0
    while True:
        rng = np.random.default_rng([recipe["seed"], number])
        scene = recipe["scene"]
        size = scene["sizes"][rng.integers(len(scene["sizes"]))]
        background = paint_background(rng, scene["image"] | {"size": size})
        for _ in range(recipe["place"]):
            yield _draw(rng, background, recipe)
        number += 1


def _draw(rng: np.random.Generator, background: np.ndarray, recipe: dict) -> Picture:
    scene = recipe["scene"]
    kind = recipe["kinds"][rng.integers(len(recipe["kinds"]))]
    share = recipe["window"] / recipe["size"]
    corner = rng.uniform(0, 1 - share, 2)
    position = corner + share * rng.uniform(recipe["margin"], 1 - recipe["margin"], 2)
    image = background.copy()
    if kind != HANDS_ONLY:
        paint(image, draw_prop(rng, kind, scene["object"]), position)
    image = add_grain(image, rng, scene["image"]["grain"])
    image = compress(image, int(rng.integers(*scene["image"]["quality"])))
    squashed = cv2.resize(image, (recipe["size"], recipe["size"]), interpolation=cv2.INTER_AREA)
    col, row = np.rint(corner * recipe["size"]).astype(int)
    return Picture(squashed[row : row + recipe["window"], col : col + recipe["window"]], kind)
