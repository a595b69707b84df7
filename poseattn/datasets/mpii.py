"""MPII Human Pose (Andriluka, Pishchulin, Gehler, Schiele; CVPR 2014): people in still images, one clip each.

A clip is `<image>=<person>`. Training and validation people are those of Tompson et al. 2015, as pose-hg-train
distributes them; the 2,958 validation people are the ones on whom networks are compared, so they test here.
"""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from poseattn.clips.ids import part_of
from poseattn.datasets.mpii_annotations import read_people

PROTOCOLS = ("official",)
CLASSES = ("person",)
_USES = {"train": "trains", "valid": "tests"}


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """The one class; root and lists do not matter."""
    return CLASSES


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the annotation files make clips of, and what they say of the people there.

    Args:
        root: Folder of the data set.
        lists: As for `manifest_rows`.

    Returns:
        Image without suffix -> place and digest of the annotation of each person in it.

    Raises:
        ValueError: An annotation file is broken.
        OSError: An annotation file is missing.
    """
    said: dict[str, list[str]] = {}
    for path in lists:
        people = read_people(root / path)
        for row, image in enumerate(people.image):
            annotated = zlib.crc32(b"".join(np.asarray(values[row]).tobytes() for values in people[1:]))
            said.setdefault(Path(image).stem, []).append(f"{part_of(path, row)} {annotated:08x}")
    return {image: " ".join(places) for image, places in said.items()}


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: all annotated people, with or without an image.

    Args:
        root: Folder of the data set.
        clip_files: Image without suffix -> kind of file (`image`) -> path relative to the root.
        lists: Annotation files relative to the root, `train.h5` and `valid.h5` in some folder.

    Returns:
        One row a person with columns of a manifest; `pose_path` is the annotation file with the number of the row, and
        `group` the image.

    Raises:
        ValueError: An annotation file is broken, is neither of the two, or names a person twice.
        OSError: An annotation file is missing.
    """
    rows: dict[str, dict[str, str]] = {}
    for path in lists:
        if Path(path).stem not in _USES:
            raise ValueError(f"{path}: expected train.h5 or valid.h5")
        people = read_people(root / path)
        for row, (image, number) in enumerate(zip(people.image, people.number.tolist(), strict=True)):
            name = Path(image).stem
            clip_id = part_of(name, number)
            if clip_id in rows:
                raise ValueError(f"{root / path}: person {number} of {image} is there twice")
            files = {"path": clip_files.get(name, {}).get("image", ""), "pose_path": part_of(path, row)}
            rows[clip_id] = {"clip_id": clip_id, **files, "start": "", "end": "", "label": "0", "group": name}
            rows[clip_id] |= {_USES[Path(path).stem]: PROTOCOLS[0]}
    return list(rows.values())
