"""Labelled pictures of hands with and without objects, drawn like the clips but of other people in other places."""

from collections.abc import Iterator

import numpy as np

from poseattn.synthetic import scene
from poseattn.synthetic.camera import draw_camera, lens_of, project, to_camera
from poseattn.synthetic.figure import HANDS
from poseattn.synthetic.objects import HANDS_ONLY, Picture, compress
from poseattn.synthetic.performance import Performance, draw_person, perform

_FRAMES = 24  # length of the performances, from which a few moments are drawn


def draw_pictures(recipe: dict) -> Iterator[Picture]:
    """Endless labelled crops, the same for the same recipe.

    Args:
        recipe: `seed`, `kinds` (`empty` among them), crop `size` and its largest `shift` off the hand in pixels,
            number of `frames` drawn of each performance, and the `scene`.

    Yields:
        Crops of all hands that lie inside the picture and apart from each other.
    """
    kinds = [kind for kind in recipe["kinds"] if kind != HANDS_ONLY]
    settings = recipe["scene"] | {
        "props": recipe["scene"]["props"] | {"kinds": kinds, "occupancy": len(kinds) / len(recipe["kinds"])}
    }
    number = 0
    while True:
        yield from _crops_of_scene(np.random.default_rng([recipe["seed"], number]), recipe, settings)
        number += 1


def _crops_of_scene(rng: np.random.Generator, recipe: dict, settings: dict) -> Iterator[Picture]:
    """Crops of a few moments of one performance."""
    gesture = str(rng.choice(sorted(settings["gestures"])))
    action = {"gesture": gesture, "object": "any"}
    performance = perform(rng, action, draw_person(rng, settings), _FRAMES, settings)
    performance = performance.at(rng.choice(_FRAMES, recipe["frames"], replace=False))
    camera = draw_camera(rng, settings["camera"], np.radians(rng.uniform(*recipe["yaw"])), recipe["setup"])
    position = to_camera(performance.joints, camera)
    lens = lens_of(settings["image"])
    background = scene.paint_background(rng, settings["image"])
    looks = [scene.draw_look(rng) for _ in performance.heights]
    hands = project(position[:, :, HANDS], lens)
    for frame, picture in enumerate(scene.film(performance, looks, position, lens, background)):
        picture = scene.add_grain(picture, rng, settings["image"]["grain"])
        yield from _cut(rng, picture, hands[:, frame], performance, frame, recipe)


def _cut(
    rng: np.random.Generator, picture: np.ndarray, hands: np.ndarray, performance: Performance, frame: int, recipe: dict
) -> Iterator[Picture]:
    """Crops around the hands, (person, hand, xy) pixels, of one picture."""
    centers = hands.reshape(-1, 2)
    apart = np.linalg.norm(centers[:, None] - centers, axis=-1) + recipe["size"] * np.eye(len(centers))
    for index, center in enumerate(centers):
        corner = np.rint(center + rng.uniform(-1, 1, 2) * recipe["shift"] - recipe["size"] / 2).astype(int)
        inside = (corner >= 0).all() and (corner + recipe["size"] <= picture.shape[1::-1]).all()
        if inside and apart[index].min() >= 0.8 * recipe["size"]:
            held = performance.grips[index // 2][index % 2][frame]
            image = picture[corner[1] :, corner[0] :][: recipe["size"], : recipe["size"]]
            quality = int(rng.integers(*recipe["scene"]["image"]["quality"]))
            yield Picture(compress(image, quality), HANDS_ONLY if held is None else held.kind)
