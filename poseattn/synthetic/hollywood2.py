"""Stand-in for the actions of Hollywood2 in their genuine layout: AVI videos, and two lists for each class.

Some clips show two actions, and with them two objects. A clip and a list of scenes lie in the same folders, as they do
in the data set; nobody should read them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.datasets.hollywood2 import CLASSES
from poseattn.synthetic import moving
from poseattn.synthetic.avi import write_avi

VIDEOS, LISTS = "AVIClips", "ClipSets"
ENTRIES = (VIDEOS, LISTS)
_SCENE = "sceneclipautotest00001"
_CLIP, _PLACE, _LABELS = 1, 2, 3  # kinds of random state
_PARTS = ("train", "test")


class Clip(NamedTuple):
    """Part of a clip (`train` or `test`), its number from 1, and its one or two classes."""

    part: str
    number: int
    actions: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name as in the data set, such as `actioncliptrain00012`."""
        return f"actionclip{self.part}{self.number:05d}"


def list_clips(recipe: dict) -> list[Clip]:
    """All clips.

    Args:
        recipe: `seed`, number of clips of each part (`train`, `test`), and the share of those with `two` classes.

    Returns:
        The clips; every class has as many as another, but for the second ones, which are drawn.
    """
    clips = []
    for index, part in enumerate(_PARTS):
        rng = np.random.default_rng([recipe["seed"], _LABELS, index])
        first = rng.permutation(np.arange(recipe[part]) % len(CLASSES))
        second = (first + rng.integers(1, len(CLASSES), recipe[part])) % len(CLASSES)
        both = rng.permutation(recipe[part]) < recipe["two"] * recipe[part]
        for number in range(recipe[part]):
            shown = sorted({int(first[number]), int((second if both[number] else first)[number])})
            clips.append(Clip(part, number + 1, tuple(CLASSES[label] for label in shown)))
    return clips


def scene_of(clip: Clip, recipe: dict) -> moving.Scene:
    """What happens in a clip, and where."""
    return _draw(clip, recipe)[1]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its video.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `train`, `test`, `two`, the `fps` of which a clip has one, `scene`, and for
            each of the `classes` a kind of object.
    """
    _write(root, clip.name, *_draw(clip, recipe), recipe)


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Write the lists, lines `<clip>  1` or `<clip>  -1`, and what belongs to scenes.

    Args:
        root: Folder of the data set.
        clips: All clips.
        recipe: The whole recipe.
    """
    (root / LISTS).mkdir()
    for part in _PARTS:
        for action in CLASSES:
            lines = [f"{clip.name}  {1 if action in clip.actions else -1}\n" for clip in clips if clip.part == part]
            (root / LISTS / f"{action}_{part}.txt").write_bytes("".join(lines).encode())
    (root / LISTS / "EXT-House_test.txt").write_bytes(f"{_SCENE}  1\n".encode())
    rng = np.random.default_rng([recipe["seed"], _PLACE])
    _write(root, _SCENE, rng, moving.draw_scene(rng, rng, [], recipe["scene"]), recipe)


def _write(root: Path, name: str, rng: np.random.Generator, scene: moving.Scene, recipe: dict) -> None:
    path = root / VIDEOS / f"{name}.avi"
    path.parent.mkdir(parents=True, exist_ok=True)
    fps = recipe["fps"][rng.integers(len(recipe["fps"]))]
    write_avi(path, moving.encode(rng, scene, recipe["scene"]), scene.size, fps)


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, moving.Scene]:
    """Random state of a clip and its scene."""
    numbers = _PARTS.index(clip.part), clip.number
    rng, place = (np.random.default_rng([recipe["seed"], kind, *numbers]) for kind in (_CLIP, _PLACE))
    return rng, moving.draw_scene(rng, place, [recipe["classes"][action] for action in clip.actions], recipe["scene"])
