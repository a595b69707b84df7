"""Stand-in for Stanford 40 Actions in its genuine layout: JPEG images, VOC annotations, lists of the official division.

A class is a place where a hand or foot is held and an object there: both the pose and the object are needed to tell all
of them. Everything else, also the other hand or foot and what it holds, is drawn without regard to the class.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.pose.parts import BODIES
from poseattn.synthetic import people
from poseattn.synthetic.performance import draw_person

IMAGES, LISTS, ANNOTATIONS = "JPEGImages", "ImageSplits", "XMLAnnotations"
ENTRIES = (IMAGES, LISTS, ANNOTATIONS)
_CLIP, _ORDER, _PERSON = 1, 2, 3  # kinds of random state
_BODY = BODIES["penn_action"]
_XML = """<annotation>
\t<filename>{name}.jpg</filename>
\t<folder>Stanford40</folder>
\t<size><width>{width}</width><height>{height}</height><depth>3</depth></size>
\t<segmented>0</segmented>
\t<object>
\t\t<name>person</name>
\t\t<action>{action}</action>
\t\t<bndbox><xmax>{right}</xmax><xmin>{left}</xmin><ymax>{bottom}</ymax><ymin>{top}</ymin></bndbox>
\t</object>
</annotation>
"""


class Clip(NamedTuple):
    """One image: name without suffix, class, number of its scene, and whether it is for training."""

    name: str
    action: str
    scene: int
    trains: bool


def list_clips(recipe: dict) -> list[Clip]:
    """All images.

    Args:
        recipe: `seed`, `classes`, and numbers of images of each class (`train`, `test`).

    Returns:
        The images; scenes of a class are numbered anew, so that numbers say nothing.
    """
    clips = []
    for index, action in enumerate(sorted(recipe["classes"])):
        order = np.random.default_rng([recipe["seed"], _ORDER, index]).permutation(recipe["train"] + recipe["test"])
        for scene, number in enumerate(order.tolist()):
            clips.append(Clip(f"{action}_{number + 1:03d}", action, scene, scene < recipe["train"]))
    return clips


def scene_of(clip: Clip, recipe: dict) -> people.Scene:
    """What an image shows."""
    return _draw(clip, recipe)[1]


def size_of(clip: Clip, recipe: dict) -> tuple[int, int]:
    """Width and height of an image, drawn without regard to the class."""
    sizes = recipe["scene"]["sizes"]
    rng = np.random.default_rng([recipe["seed"], _PERSON, *_numbers(clip, recipe)])
    return tuple(sizes[int(rng.integers(len(sizes)))])


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one image and write it and its annotation.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `classes`, `setup`, `scene` with one frame, and `quirks`: how far a box
            reaches beyond the joints, as a share of its height (`room`).
    """
    rng, scene = _draw(clip, recipe)
    for folder in (IMAGES, ANNOTATIONS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (image,) = people.encode(rng, scene, recipe)
    (root / IMAGES / f"{clip.name}.jpg").write_bytes(image)
    width, height = size_of(clip, recipe)
    joints = people.pixels_of(scene, _BODY)[0] + 1
    room = recipe["quirks"]["room"] * np.ptp(joints[:, 1])
    left, top = np.maximum(np.rint(joints.min(axis=0) - room), 1).astype(int).tolist()
    right, bottom = np.minimum(np.rint(joints.max(axis=0) + room), (width, height)).astype(int).tolist()
    box = {"left": left, "top": top, "right": right, "bottom": bottom}
    text = _XML.format(name=clip.name, width=width, height=height, action=clip.action, **box)
    (root / ANNOTATIONS / f"{clip.name}.xml").write_text(text, encoding="utf-8")


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Write the official lists, whose lines end in CR LF, and the list of classes.

    Args:
        root: Folder of the data set.
        clips: All images.
        recipe: `classes`, which are listed by name; the data set has an order of its own.
    """
    folder = root / LISTS
    folder.mkdir()
    lines = ["Action name\tNumber of images"]
    for action in sorted(recipe["classes"]):
        of_class = sorted(clip for clip in clips if clip.action == action)
        lines.append(f"{action}\t{len(of_class)}")
        for part, trains in (("train", True), ("test", False)):
            names = [f"{clip.name}.jpg\r\n" for clip in of_class if clip.trains == trains]
            (folder / f"{action}_{part}.txt").write_bytes("".join(names).encode())
    (folder / "actions.txt").write_bytes("".join(f"{line}\r\n" for line in lines).encode())


def _numbers(clip: Clip, recipe: dict) -> tuple[int, int]:
    return sorted(recipe["classes"]).index(clip.action), clip.scene


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, people.Scene]:
    """Random state of an image and its scene."""
    rng = np.random.default_rng([recipe["seed"], _CLIP, *_numbers(clip, recipe)])
    subject = draw_person(rng, recipe["scene"])
    return rng, people.draw_scene(rng, subject, clip.action, size_of(clip, recipe), recipe)
