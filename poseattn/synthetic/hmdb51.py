"""Stand-in for HMDB-51 in its genuine layout: AVI videos in a folder for each class, split files, odd names.

Every class has the same number of clips of every source film, which share the frame size. A split gives a whole film to
training, to testing or to neither.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.datasets.hmdb51 import PROTOCOLS
from poseattn.synthetic import moving
from poseattn.synthetic.avi import write_avi

VIDEOS, SPLITS = "hmdb51_org", "testTrainMulti_7030_splits"
ENTRIES = (VIDEOS, SPLITS)
_FPS = 30
_CLIP, _PLACE, _TAGS, _SPLIT = 1, 2, 3, 4  # kinds of random state
# Visible part of the body, camera motion, number of people, view, quality.
_CHOICES = (("f", "u", "h", "l"), ("cm", "nm"), ("np1", "np2"), ("fr", "ba", "le", "ri"), ("goo", "med", "bad"))


class Clip(NamedTuple):
    """Class of a clip, source film (index into the recipe's), number of the clip in it, and name as in the data set."""

    action: str
    source: int
    number: int
    name: str


def list_clips(recipe: dict) -> list[Clip]:
    """All clips.

    Args:
        recipe: `seed`, `classes`, names of the films (`sources`), and clips of each film and class (`clips`).

    Returns:
        The clips; tags in a name are drawn without regard to the class.
    """
    clips = []
    for index, action in enumerate(recipe["classes"]):
        for source, film in enumerate(recipe["sources"]):
            for number in range(recipe["clips"]):
                rng = np.random.default_rng([recipe["seed"], _TAGS, index, source, number])
                clips.append(Clip(action, source, number, f"{film}_{action}_{draw_tags(rng)}_{number}"))
    return clips


def draw_tags(rng: np.random.Generator) -> str:
    """Random tags of a clip's name, such as `f_cm_np1_fr_med`."""
    return "_".join(choice[rng.integers(len(choice))] for choice in _CHOICES)


def scene_of(clip: Clip, recipe: dict) -> moving.Scene:
    """What happens in a clip, and where."""
    return _draw(clip, recipe)[1]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its video.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `sources`, `clips`, `scene`, and for each of the `classes` a kind of object.
    """
    rng, scene = _draw(clip, recipe)
    path = root / VIDEOS / clip.action / f"{clip.name}.avi"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_avi(path, moving.encode(rng, scene, recipe["scene"]), scene.size, _FPS)


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Write the split files: three a class, a line `<clip>.avi 0|1|2` with a blank after it.

    Args:
        root: Folder of the data set.
        clips: All clips.
        recipe: `seed`, `classes` and `sources`.
    """
    (root / SPLITS).mkdir()
    for index, action in enumerate(recipe["classes"]):
        for number, split in enumerate(PROTOCOLS):
            uses = _uses(np.random.default_rng([recipe["seed"], _SPLIT, index, number]), len(recipe["sources"]))
            lines = sorted(f"{clip.name}.avi {uses[clip.source]} \n" for clip in clips if clip.action == action)
            (root / SPLITS / f"{action}_test_{split}.txt").write_bytes("".join(lines).encode())


def _uses(rng: np.random.Generator, n_sources: int) -> list[int]:
    """What a split does with each film: 3 of 10 test (2), 1 of 10 is not used (0), the others train (1)."""
    place = rng.permutation(n_sources) / n_sources
    return np.select([place < 0.3, place >= 0.9], [2, 0], 1).tolist()


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, moving.Scene]:
    """Random state of a clip and its scene."""
    seed, action = recipe["seed"], list(recipe["classes"]).index(clip.action)
    rng = np.random.default_rng([seed, _CLIP, action, clip.source, clip.number])
    place = np.random.default_rng([seed, _PLACE, action, clip.source, clip.number])
    sizes = recipe["scene"]["sizes"]
    film = recipe["scene"] | {"sizes": [sizes[clip.source % len(sizes)]]}
    return rng, moving.draw_scene(rng, place, [recipe["classes"][clip.action]], film)
