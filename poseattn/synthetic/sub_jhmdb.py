"""Stand-in for sub-JHMDB in its genuine layout: AVI videos and MATLAB files of joints by class, split files, odd names.

Every film has one person, who does every action once. A split gives whole films to training or to testing, the same
ones of every class.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.pose.parts import BODIES
from poseattn.synthetic import people
from poseattn.synthetic.avi import write_avi
from poseattn.synthetic.hmdb51 import draw_tags
from poseattn.synthetic.matlab import write_mat
from poseattn.synthetic.performance import draw_person

VIDEOS, JOINTS, SPLITS = "ReCompress_Videos", "joint_positions", "sub_splits"
ENTRIES = (VIDEOS, JOINTS, SPLITS)
SIZE = (320, 240)
_FPS = 30
_N_SPLITS = 3
_TESTS = 0.3  # share of the films
_CLIP, _PERSON, _TAGS, _SPLIT, _LABELS = 1, 2, 3, 4, 5  # kinds of random state


class Clip(NamedTuple):
    """Class of a clip, film (index into the recipe's `sources`), and name as in the data set."""

    action: str
    source: int
    name: str


def list_clips(recipe: dict) -> list[Clip]:
    """All clips.

    Args:
        recipe: `seed`, `classes`, names of the films (`sources`).

    Returns:
        The clips; tags in a name are drawn without regard to the class.
    """
    clips = []
    for index, action in enumerate(sorted(recipe["classes"])):
        for source, film in enumerate(recipe["sources"]):
            tags = draw_tags(np.random.default_rng([recipe["seed"], _TAGS, index, source]))
            clips.append(Clip(action, source, f"{film}_{action}_{tags}_0"))
    return clips


def scene_of(clip: Clip, recipe: dict) -> people.Scene:
    """What happens in a clip, and where."""
    return _draw(clip, recipe)[1]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its video and its joints.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `sources`, `classes`, `setup`, `scene`, and `quirks`: most frames that a
            video's headers count in though they are not there (`missing`), besides those that `joints_of` takes.
    """
    rng, scene = _draw(clip, recipe)
    video = root / VIDEOS / clip.action / f"{clip.name}.avi"
    joints = root / JOINTS / clip.action / clip.name / "joint_positions.mat"
    for path in (video, joints):
        path.parent.mkdir(parents=True, exist_ok=True)
    missing = int(rng.integers(recipe["quirks"]["missing"] + 1))
    write_avi(video, people.encode(rng, scene, recipe), SIZE, _FPS, missing)
    write_mat(joints, joints_of(clip, scene, recipe))


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Write the split files: three a class, a line `<clip>.avi 1|2` for training or testing.

    Args:
        root: Folder of the data set.
        clips: All clips.
        recipe: `seed`, `classes` and `sources`.
    """
    (root / SPLITS).mkdir()
    films = len(recipe["sources"])
    for number in range(1, _N_SPLITS + 1):
        place = np.random.default_rng([recipe["seed"], _SPLIT, number]).permutation(films)
        uses = np.where(place < _TESTS * films, 2, 1).tolist()
        for action in recipe["classes"]:
            lines = sorted(f"{clip.name}.avi {uses[clip.source]}\n" for clip in clips if clip.action == action)
            (root / SPLITS / f"{action}_test_split{number}.txt").write_bytes("".join(lines).encode())


def joints_of(clip: Clip, scene: people.Scene, recipe: dict) -> dict[str, np.ndarray]:
    """Fields of a file of joints.

    Args:
        clip: Which one.
        scene: What it shows.
        recipe: `seed` and `quirks`: error of the joints in pixels (`jitter`).

    Returns:
        `pos_img`, pixels that count from 1, and `pos_world`, its offset from the middle of the frame in frame heights
        over the scale, both (xy, joint, frame); `scale`, the person's height in frame heights, and `viewpoint`, the
        facing direction in degrees, both (1, frame).
    """
    rng = np.random.default_rng([recipe["seed"], _LABELS, *_numbers(clip, recipe)])
    joints = people.pixels_of(scene, BODIES["sub_jhmdb"]) + 1
    joints += rng.normal(0, recipe["quirks"]["jitter"], joints.shape)
    image = np.moveaxis(joints, -1, 0).swapaxes(1, 2)
    scale = scene.acts[0].height * scene.lens.focal / scene.position[0, :, 0, 2] / SIZE[1]
    middle = np.array(SIZE)[:, None, None] / 2
    world = (image - middle) / SIZE[1] / scale
    viewpoint = np.degrees(scene.acts[0].yaw)
    return {"pos_img": image, "pos_world": world, "scale": scale[None], "viewpoint": viewpoint[None]}


def _numbers(clip: Clip, recipe: dict) -> tuple[int, int]:
    return sorted(recipe["classes"]).index(clip.action), clip.source


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, people.Scene]:
    """Random state of a clip and its scene."""
    seed = recipe["seed"]
    rng = np.random.default_rng([seed, _CLIP, *_numbers(clip, recipe)])
    subject = draw_person(np.random.default_rng([seed, _PERSON, clip.source]), recipe["scene"])
    return rng, people.draw_scene(rng, subject, clip.action, SIZE, recipe)
