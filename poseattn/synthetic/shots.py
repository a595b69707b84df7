"""Render shots: stretches of a video, each with a place and an object that moves. Any of the three may tell the class.

Every shot has all three, and one or two more objects elsewhere that tell nothing. What tells a class does not change
how many there are, how long a shot lasts, or which colours it has.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from poseattn.synthetic.moving import draw_center
from poseattn.synthetic.objects import Prop, draw_prop, paint_prop
from poseattn.synthetic.places import paint_place
from poseattn.synthetic.scene import grain_clip

ASPECTS = ("place", "object", "move")


class Shot(NamedTuple):
    """How many frames a shot has, and the kinds of its place, object and move."""

    frames: int
    place: str
    object: str
    move: str


class Actor(NamedTuple):
    """An object, its centre in shares of width and height (frame, xy), and its size in each frame, 1 at rest."""

    prop: Prop
    path: np.ndarray
    scale: np.ndarray


def draw_shot(rng: np.random.Generator, frames: int, recipe: dict, **shown: str) -> Shot:
    """Random shot.

    Args:
        rng: Random state.
        frames: Length.
        recipe: `neutral` kinds of each aspect, which belong to no class.
        **shown: Aspect (`place`, `object` or `move`) -> kind; what is not named is neutral.

    Returns:
        The shot.
    """
    drawn = {name: str(rng.choice(recipe["neutral"][name])) for name in ASPECTS}
    return Shot(frames, **(drawn | shown))


def cut(rng: np.random.Generator, frames: int, lengths: Sequence[int]) -> list[int]:
    """Cut a span into shots of about equal length.

    Args:
        rng: Random state.
        frames: Length of the span; 0 makes no shot.
        lengths: Range of the length of a shot.

    Returns:
        Lengths that add up to that of the span.
    """
    number = max(1, round(frames / rng.uniform(*lengths)))
    ends = np.rint(np.linspace(0, frames, number + 1)).astype(int)
    return [length for length in np.diff(ends).tolist() if length]


def film(rng: np.random.Generator, shots: Sequence[Shot], size: tuple[int, int], recipe: dict) -> Iterator[np.ndarray]:
    """Pictures of shots with grain of one strength in all.

    Args:
        rng: Random state of the video.
        shots: In order.
        size: Width and height in pixels.
        recipe: Of places and grain (`image`), how objects look (`object`), range of the number of `movers`, their
            `paths`, what a `move` is, and `neutral` kinds.

    Returns:
        BGR images, (row, col, 3) uint8.
    """
    return grain_clip(
        rng, (picture for shot in shots for picture in _film_shot(rng, shot, size, recipe)), recipe["image"]
    )


def _film_shot(rng: np.random.Generator, shot: Shot, size: tuple[int, int], recipe: dict) -> Iterator[np.ndarray]:
    background = paint_place(rng, shot.place, size, recipe["image"])
    paths = recipe["paths"]
    middle = np.array(paths["evidence"]["center"])
    center = middle + rng.uniform(-1, 1, 2) * paths["evidence"]["jitter"]
    actors = [_draw_actor(rng, shot, center, recipe)]
    for _ in range(rng.integers(*recipe["movers"], endpoint=True) - 1):
        other = draw_shot(rng, shot.frames, recipe, move=paths["others"]["move"])
        actors.append(_draw_actor(rng, other, draw_center(rng, middle, paths["others"]), recipe))
    edge = float(np.sqrt(size[0] * size[1]))
    for frame in range(shot.frames):
        image = background.copy()
        for actor in reversed(actors):
            paint_prop(image, actor.prop, actor.path[frame] * size, edge * actor.scale[frame])
        yield image


def _draw_actor(rng: np.random.Generator, shot: Shot, center: np.ndarray, recipe: dict) -> Actor:
    """The object of a shot round a place; a move is x and y times a cosine, y times a sine, size times a cosine."""
    right, up, turn, grow = recipe["moves"][shot.move]
    prop = draw_prop(rng, shot.object, recipe["object"])
    angle = 2 * np.pi * (np.arange(shot.frames) / rng.uniform(*recipe["paths"]["period"]) + rng.uniform())
    radius = rng.uniform(*recipe["paths"]["radius"])
    wave = np.stack([rng.choice([-1, 1]) * right * np.cos(angle), up * np.cos(angle) + turn * np.sin(angle)], axis=-1)
    return Actor(prop, center + radius * wave, 1 + grow * np.cos(angle))
