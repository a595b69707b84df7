"""Stand-in for Penn Action in its genuine layout: a folder of JPEG frames and a MATLAB file of labels for each clip.

Every subject does every action once, and is in one part only. Numbers of clips are shuffled; in the genuine data set
they follow the classes.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.pose.parts import BODIES
from poseattn.synthetic import people
from poseattn.synthetic.matlab import write_mat
from poseattn.synthetic.performance import draw_person

FRAMES, LABELS = "Penn_Action/frames", "Penn_Action/labels"
ENTRIES = ("Penn_Action",)
_CLIP, _PERSON, _ORDER, _LABELS = 1, 2, 3, 4  # kinds of random state
_BODY = BODIES["penn_action"]
_SIDEWAYS = 0.35  # sine of the turn from which somebody no longer faces the camera


class Clip(NamedTuple):
    """One clip.

    Attributes:
        number: From 1.
        action: Class.
        subject: Who acts, from 0.
        trains: Whether it is for training, else for testing.
        size: Width and height of its frames in pixels.
        short: Whether its labels lack the last bounding box.
    """

    number: int
    action: str
    subject: int
    trains: bool
    size: tuple[int, int]
    short: bool

    @property
    def name(self) -> str:
        """Name as in the data set, such as `0012`."""
        return f"{self.number:04d}"


def list_clips(recipe: dict) -> list[Clip]:
    """All clips.

    Args:
        recipe: `seed`, `classes`, number of subjects of each part (`train`, `test`), and `scene.sizes` (width, height)
            of the frames: each but the first is that of one clip.

    Returns:
        The clips by their numbers, which are drawn, as are the sizes, without regard to class and subject.
    """
    subjects = recipe["train"] + recipe["test"]
    shown = [(action, subject) for action in sorted(recipe["classes"]) for subject in range(subjects)]
    rng = np.random.default_rng([recipe["seed"], _ORDER])
    shown = [shown[index] for index in rng.permutation(len(shown))]
    usual, *odd = map(tuple, recipe["scene"]["sizes"])
    short, *places = rng.choice(len(shown), 1 + len(odd), replace=False).tolist()
    sizes = dict(zip(places, odd, strict=True))
    return [
        Clip(index + 1, action, subject, subject < recipe["train"], sizes.get(index, usual), index == short)
        for index, (action, subject) in enumerate(shown)
    ]


def scene_of(clip: Clip, recipe: dict) -> people.Scene:
    """What happens in a clip, and where."""
    return _draw(clip, recipe)[1]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its frames and its labels.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `train`, `test`, `classes`, `setup`, `scene`, `quirks`.
    """
    rng, scene = _draw(clip, recipe)
    for folder in (f"{FRAMES}/{clip.name}", LABELS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(people.encode(rng, scene, recipe), start=1):
        (root / FRAMES / clip.name / f"{number:06d}.jpg").write_bytes(image)
    write_mat(root / LABELS / f"{clip.name}.mat", labels_of(clip, scene, recipe))


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Nothing: labels say all, and the data set has no lists."""


def labels_of(clip: Clip, scene: people.Scene, recipe: dict) -> dict[str, np.ndarray | np.generic | str]:
    """Fields of a label file; coordinates count from 1.

    As in the data set they were marked in frames of another size: positions are multiples of the ratio, and one that
    nobody marked is the first pixel of those frames, (ratio, ratio). Files of whole numbers have short integers.

    Args:
        clip: Which one.
        scene: What it shows.
        recipe: `seed` and `quirks`: possible `ratios`; errors of marks (`jitter`) and of guessed positions (`guess`) in
            pixels; shares of joints that are `guessed` or `unmarked`, of boxes without area (`empty`), and of clips
            whose number of frames takes two bytes (`wide`).

    Returns:
        Name -> value, in the order of the data set.
    """
    quirks = recipe["quirks"]
    rng = np.random.default_rng([recipe["seed"], _LABELS, clip.number])
    ratio = quirks["ratios"][rng.integers(len(quirks["ratios"]))]
    position = people.pixels_of(scene, _BODY) + 1
    guessed, unmarked = (_spells(rng, position.shape[:2], quirks[name]) for name in ("guessed", "unmarked"))
    error = rng.normal(0, np.where(guessed, quirks["guess"], quirks["jitter"])[..., None], position.shape)
    marks = np.where(unmarked[..., None], ratio, _on_grid(position + error, ratio))
    boxes = _on_grid(np.concatenate([position.min(1), position.max(1)], axis=-1), ratio)
    empty = rng.random(len(boxes)) < quirks["empty"]
    boxes[empty, 2:] = boxes[empty, :2]
    frames = (np.uint16 if rng.random() < quirks["wide"] else np.uint8)(len(position))
    return {
        "action": clip.action,
        "pose": _facing(float(np.median(scene.acts[0].yaw))),
        "x": _shortest(marks[..., 0], ratio),
        "y": _shortest(marks[..., 1], ratio),
        "visibility": (~(guessed | unmarked)).astype(np.uint8),
        "train": np.int32(1 if clip.trains else -1),
        "bbox": _shortest(boxes[: len(boxes) - clip.short], ratio),
        "dimensions": np.array([[*clip.size[::-1], len(position)]], np.uint16),
        "nframes": frames,
    }


def _spells(rng: np.random.Generator, shape: tuple[int, int], share: float) -> np.ndarray:
    """Some joints for half of the frames each, a share of all entries, (frame, joint)."""
    frames, joints = shape
    start, chosen = rng.integers(frames, size=joints), rng.random(joints) < 2 * share
    return ((np.arange(frames)[:, None] - start) % frames < frames / 2) & chosen


def _on_grid(position: np.ndarray, ratio: float) -> np.ndarray:
    """Nearest positions that could be marked; the first pixel is 1 there."""
    return np.maximum(np.rint(position / ratio), 1) * ratio


def _shortest(values: np.ndarray, ratio: float) -> np.ndarray:
    """Whole numbers in as few bytes as hold them, others as they are."""
    if ratio != 1:
        return values
    return values.astype(np.uint8 if values.max() < 256 else np.uint16)


def _facing(yaw: float) -> str:
    """What the field `pose` calls a direction in radians."""
    if np.cos(yaw) < 0:
        return "back"
    side = "right" if yaw > 0 else "left"
    return side if abs(np.sin(yaw)) > _SIDEWAYS else "front"


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, people.Scene]:
    """Random state of a clip and its scene."""
    seed = recipe["seed"]
    rng = np.random.default_rng([seed, _CLIP, sorted(recipe["classes"]).index(clip.action), clip.subject])
    subject = draw_person(np.random.default_rng([seed, _PERSON, clip.subject]), recipe["scene"])
    return rng, people.draw_scene(rng, subject, clip.action, clip.size, recipe)
