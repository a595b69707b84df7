"""Stand-in for MPII Human Pose in its genuine layout: JPEG images, and HDF5 files with a row for each person.

Everybody who is seen whole enough is annotated. Names of images are numbers without a meaning, as in the data set.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from poseattn.datasets.mpii_annotations import N_JOINTS, UNIT
from poseattn.pose.parts import BODIES
from poseattn.synthetic import people
from poseattn.synthetic.camera import project
from poseattn.synthetic.performance import draw_person

IMAGES, ANNOTATIONS = "images", "annot"
ENTRIES = (IMAGES, ANNOTATIONS)
PARTS = ("train", "valid")
_CLIP, _NAMES = 1, 2  # kinds of random state
_NECK, _HEAD, _CHEST, _HIPS = 2, 3, 20, 0  # joints of a figure
_ABOVE = 0.8  # from the middle of the head to its top, in distances from the neck to the middle
_HEAD_SIZE = 0.1  # what the data set calls so, in edges of the crop: scale was taken from heads
_LOWER, _LARGER = (
    15,
    1.25,
)  # pixels for each unit of scale, and factor, by which crops in the files are moved and larger
_JOINTS = BODIES["mpii"].joints


class Clip(NamedTuple):
    """One image: its name without suffix, number, and part (`train` or `valid`)."""

    name: str
    number: int
    part: str


def list_clips(recipe: dict) -> list[Clip]:
    """All images.

    Args:
        recipe: `seed`, and numbers of images (`train`, `test`).

    Returns:
        The images.
    """
    parts = [PARTS[0]] * recipe["train"] + [PARTS[1]] * recipe["test"]
    names = np.random.default_rng([recipe["seed"], _NAMES]).choice(10**8, len(parts), replace=False).tolist()
    return [Clip(f"{name:09d}", number, part) for number, (name, part) in enumerate(zip(names, parts, strict=True))]


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one image, and write it and what is to be said of the people in it.

    Args:
        root: Folder of the data set.
        clip: Which one.
        recipe: The whole recipe: `seed`, `classes` (what people do), `setup`, `scene` with one frame, and `quirks`.
    """
    rng, scene, size = _draw(clip, recipe)
    for folder in ENTRIES:
        (root / folder).mkdir(parents=True, exist_ok=True)
    (image,) = people.encode(rng, scene, recipe)
    (root / IMAGES / f"{clip.name}.jpg").write_bytes(image)
    rows = [_annotate(rng, scene, person, size, recipe["quirks"]) for person in range(len(scene.acts))]
    rows = [row for row in rows if row["visible"].mean() >= recipe["quirks"]["seen"]]
    arrays = {key: np.stack([row[key] for row in rows]) for key in rows[0]} if rows else {}
    np.savez(root / ANNOTATIONS / f"{clip.name}.npz", **arrays)


def finish(root: Path, clips: Sequence[Clip], recipe: dict) -> None:
    """Gather the annotations into one file a part, and list the images of each.

    Args:
        root: Folder of the data set.
        clips: All images.
        recipe: Not looked at.
    """
    folder = root / ANNOTATIONS
    for part in PARTS:
        found: dict[str, list[np.ndarray]] = {}
        images = [clip for clip in clips if clip.part == part]
        for clip in images:
            notes = folder / f"{clip.name}.npz"
            with np.load(notes) as arrays:
                n_people = len(arrays["scale"]) if "scale" in arrays else 0
                if n_people:
                    name = np.array([f"{clip.name}.jpg".encode()] * n_people)
                    counts = {
                        "imgname": name,
                        "index": np.full(n_people, float(clip.number)),
                        "person": np.arange(n_people) * 1.0,
                    }
                    for key, array in (counts | dict(arrays)).items():
                        found.setdefault(key, []).append(array)
            notes.unlink()
        with h5py.File(folder / f"{part}.h5", "w") as file:
            for key, arrays in sorted(found.items()):
                file[key] = np.concatenate(arrays)
        (folder / f"{part}_images.txt").write_text("".join(f"{clip.name}.jpg\n" for clip in images))


def scene_of(clip: Clip, recipe: dict) -> people.Scene:
    """What an image shows."""
    return _draw(clip, recipe)[1]


def joints_of(scene: people.Scene, person: int) -> np.ndarray:
    """Joints of a person as MPII numbers them: pixels, 0 is the centre of the first, (joint, xy)."""
    figure = scene.position[person][0]
    top = figure[_HEAD] + _ABOVE * (figure[_HEAD] - figure[_NECK])
    middle = {"pelvis": figure[_HIPS], "thorax": figure[_CHEST], "upper_neck": figure[_NECK], "head_top": top}
    space = [middle[name] if name in middle else figure[people.JOINTS[name]] for name in _JOINTS]
    return project(np.stack(space), scene.lens)


def _annotate(
    rng: np.random.Generator, scene: people.Scene, person: int, size: tuple[int, int], quirks: dict
) -> dict[str, Any]:
    """Row of a person; pixels are whole and count from 1, what is outside the image is (0, 0)."""
    exact = joints_of(scene, person)
    marked = np.rint(exact + 1 + rng.normal(0, quirks["jitter"], (N_JOINTS, 2)))
    inside = ((marked >= 1) & (marked <= size)).all(axis=-1)
    height = scene.acts[person].height * scene.lens.focal / scene.position[person][0, _HIPS, 2]
    scale = height / UNIT * (1 + rng.uniform(-1, 1) * quirks["scale"])
    center = np.rint((exact.min(axis=0) + exact.max(axis=0)) / 2 + 1 + rng.normal(0, quirks["aside"] * height, 2))
    leaning = exact[_JOINTS.index("thorax")] - exact[_JOINTS.index("pelvis")]
    return {
        "center": center + [0, _LOWER * scale],
        "scale": np.array(scale * _LARGER),
        "part": np.where(inside[:, None], marked, 0),
        "visible": inside.astype(float),
        "normalize": np.array(_HEAD_SIZE * UNIT * _LARGER * scale),
        "torsoangle": np.array(np.arctan2(*leaning) % (2 * np.pi)),
    }


def _draw(clip: Clip, recipe: dict) -> tuple[np.random.Generator, people.Scene, tuple[int, int]]:
    """Random state of an image, its scene, width and height."""
    rng = np.random.default_rng([recipe["seed"], _CLIP, clip.number])
    sizes = recipe["scene"]["sizes"]
    size = tuple(sizes[int(rng.integers(len(sizes)))])
    action = sorted(recipe["classes"])[int(rng.integers(len(recipe["classes"])))]
    return rng, people.draw_scene(rng, draw_person(rng, recipe["scene"]), action, size, recipe), size
