"""Stanford 40 Actions: classes, subsets and divisions (Yao, Jiang, Khosla, Lin, Guibas, Fei-Fei; ICCV 2011).

9,532 still images of 40 classes, a clip of one frame each. The official lists give 100 images of each class to training
and the other 5,532 to testing. A protocol is `<subset>_<rule>`:

- subsets: `complete`; `small`, 25 images of each class; `xsmall`, those of the first 15 classes;
- rules: `official`, of whose training images a tenth of each class validates; `stratified_60_20_20`, by which 60 % of
  the images of each class train, 20 % validate and 20 % test.

Images are drawn by the order of hashes of their names and a seed, so that a draw depends on nothing else.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.clips.held_out import draw_validation
from poseattn.files import read_text

SUBSETS = ("complete", "small", "xsmall")
RULES = ("official", "stratified_60_20_20")
PROTOCOLS = tuple(f"{subset}_{rule}" for subset in SUBSETS for rule in RULES)
_PER_CLASS = 25  # images of each class in the small subsets
_FEW = 15  # classes of the smallest subset
_VALIDATION = 0.1  # of the official training images
_FIFTH = 0.2
_SEED = 40
_NAMES = "actions.txt"


def class_of(name: str) -> str:
    """Class of an image: what is before the last underscore of its name, `riding_a_bike` of `riding_a_bike_012`."""
    return name.rpartition("_")[0]


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of `actions.txt`, which is that of their numbers.

    Args:
        root: Folder of the data set.
        lists: `actions.txt` and the lists of images, relative to the root.

    Returns:
        The names.

    Raises:
        ValueError: The list is missing, or a line is not of the form `<class> <number of images>`.
    """
    return tuple(read_counts(root / _given(root, lists, _NAMES)))


def read_counts(path: Path) -> dict[str, int]:
    """Read `actions.txt`.

    Args:
        path: The file; its first line is a header.

    Returns:
        Class -> number of its images, in the order of the file.

    Raises:
        ValueError: A line is of another form, or a class is there twice.
    """
    counts: dict[str, int] = {}
    lines = read_text(path).splitlines()[1:]
    for line in filter(str.strip, lines):
        words = line.split()
        if len(words) != 2 or not re.fullmatch("[0-9]{1,6}", words[1]) or words[0] in counts:
            raise ValueError(f"{path}: line {line!r}, expected a class and its number of images, each class once")
        counts[words[0]] = int(words[1])
    return counts


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the lists make clips of.

    Args:
        root: Folder of the data set.
        lists: As for `classes`.

    Returns:
        Every image that a list names, without suffix, with nothing more to say of it: features depend on no division.

    Raises:
        ValueError: A list is missing or names an image of another class, or an image is in two lists.
    """
    return {image: "" for name in classes(root, lists) for image in _read_official(root, lists, name)}


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: all images that the official lists name, with or without a file.

    Args:
        root: Folder of the data set.
        clip_files: Image without suffix -> kind of file (`image`, `annotation`) -> path relative to the root.
        lists: As for `classes`.

    Returns:
        One row an image with columns of a manifest.

    Raises:
        ValueError: A list is missing or names an image of another class, an image is in two lists, or a class has
            another number of images than `actions.txt` says.
    """
    counts = read_counts(root / _given(root, lists, _NAMES))
    official = {name: _read_official(root, lists, name) for name in counts}
    for name, uses in official.items():
        if len(uses) != counts[name]:
            raise ValueError(f"{root}: {len(uses)} images of {name} are listed, {_NAMES} says {counts[name]}")
    rows = []
    for number, uses in enumerate(official.values()):
        of_protocol = _divide(uses, number)
        for image in uses:
            files = clip_files.get(image, {})
            row = {"clip_id": image, "path": files.get("image", ""), "pose_path": files.get("annotation", "")}
            row |= {"start": "", "end": "", "label": str(number), "group": image}
            for column in ("trains", "validates", "tests"):
                named = [protocol for protocol, part in of_protocol.items() if part.get(image) == column]
                row[column] = " ".join(named)
            rows.append(row)
    return rows


def _divide(official: Mapping[str, str], number: int) -> dict[str, dict[str, str]]:
    """Protocol -> image -> column of the manifest, for the images of one class, given by their official use."""
    few = draw_validation(sorted(official), min(_PER_CLASS / max(len(official), 1), 1.0), _SEED)
    subsets = {"complete": set(official), "small": few, "xsmall": few if number < _FEW else set()}
    divided = {}
    for subset, images in subsets.items():
        divided[f"{subset}_{RULES[0]}"] = _official({image: official[image] for image in sorted(images)})
        divided[f"{subset}_{RULES[1]}"] = _stratified(sorted(images))
    return divided


def _official(uses: Mapping[str, str]) -> dict[str, str]:
    held_out = draw_validation([image for image, use in uses.items() if use == "trains"], _VALIDATION, _SEED)
    return {image: "validates" if image in held_out else use for image, use in uses.items()}


def _stratified(images: Sequence[str]) -> dict[str, str]:
    tests = draw_validation(images, _FIFTH, _SEED + 1)
    rest = [image for image in images if image not in tests]
    validates = draw_validation(rest, _FIFTH / (1 - _FIFTH), _SEED + 2)
    uses = {image: "validates" if image in validates else "trains" for image in rest}
    return uses | dict.fromkeys(tests, "tests")


def _read_official(root: Path, lists: Sequence[str], name: str) -> dict[str, str]:
    """Images of a class without suffix -> column of the manifest."""
    uses: dict[str, str] = {}
    for part, column in (("train", "trains"), ("test", "tests")):
        path = root / _given(root, lists, f"{name}_{part}.txt")
        for line in filter(None, map(str.strip, read_text(path).splitlines())):
            image = Path(line).stem
            if class_of(image) != name:
                raise ValueError(f"{path}: image {line!r} is not one of {name}")
            if image in uses:
                raise ValueError(f"{path}: image {line!r} is listed twice")
            uses[image] = column
    return uses


def _given(root: Path, lists: Sequence[str], file: str) -> str:
    found = [path for path in lists if Path(path).name == file and (root / path).is_file()]
    if not found:
        raise ValueError(f"{root}: no list ImageSplits/{file}")
    return found[0]
