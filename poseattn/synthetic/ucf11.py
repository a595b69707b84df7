"""Stand-in for UCF-11 in its genuine layout: MPEG-1 videos in a folder for each class and in it for each group.

All classes with all their groups. The clips of a group share frame size and background, as the real ones share a place.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.datasets.ucf11 import CLASSES, N_GROUPS, PREFIXES
from poseattn.synthetic import moving
from poseattn.synthetic.mpeg import write_mpg

ENTRIES = ("UCF11_updated_mpg",)
_FPS = 30000 / 1001
_CLIP, _PLACE, _COUNT = 1, 2, 3  # kinds of random state


class Clip(NamedTuple):
    """Class, group (from 1) and number in the group (from 1) of a clip."""

    action: str
    group: int
    number: int

    @property
    def name(self) -> str:
        """Name as in the data set, such as `v_shooting_05_02`."""
        return f"v_{PREFIXES[self.action]}_{self.group:02d}_{self.number:02d}"


def list_clips(recipe: dict) -> list[Clip]:
    """All clips: every group of every class has one, and a `second` of the groups (a share) has another."""
    clips = []
    for index, action in enumerate(CLASSES):
        rng = np.random.default_rng([recipe["seed"], _COUNT, index])
        more = rng.permutation(N_GROUPS) < recipe["second"] * N_GROUPS
        clips += [Clip(action, group + 1, number + 1) for group in range(N_GROUPS) for number in range(1 + more[group])]
    return clips


def scene_of(clip: Clip, recipe: dict) -> moving.Scene:
    """What happens in a clip, and where."""
    return _draw(clip, recipe)[1]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its video.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `second`, `scene`, and for each of the `classes` a kind of object.
    """
    rng, scene = _draw(clip, recipe)
    path = root / ENTRIES[0] / clip.action / clip.name.rpartition("_")[0] / f"{clip.name}.mpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mpg(path, moving.grainy(rng, scene, recipe["scene"]), _FPS)


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Nothing: names of files say all, and the data set has no lists."""


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, moving.Scene]:
    """Random state of a clip and its scene."""
    seed, action = recipe["seed"], CLASSES.index(clip.action)
    rng = np.random.default_rng([seed, _CLIP, action, clip.group, clip.number])
    place = np.random.default_rng([seed, _PLACE, action, clip.group])
    return rng, moving.draw_scene(rng, place, [recipe["classes"][clip.action]], recipe["scene"])
