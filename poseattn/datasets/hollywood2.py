"""Hollywood2 actions: classes, labels and the official division (Marszalek, Laptev, Schmid; CVPR 2009).

823 training and 884 test clips from 69 films, no film in both; a clip may show several of the 12 actions. The folders
hold clips and lists of scenes and of automatic labels too, which belong to other tasks.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.files import read_text

PROTOCOLS = ("official",)
CLASSES = (
    "AnswerPhone",
    "DriveCar",
    "Eat",
    "FightPerson",
    "GetOutCar",
    "HandShake",
    "HugPerson",
    "Kiss",
    "Run",
    "SitDown",
    "SitUp",
    "StandUp",
)

_LINE = re.compile(r"(\S+)\s+(-?1)")
_PARTS = {"train": "trains", "test": "tests"}


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers; root and lists do not matter."""
    return CLASSES


def read_list(path: Path) -> dict[str, bool]:
    """Read which clips show one class.

    Args:
        path: Official file of one class; a line is `<clip>  1` or `<clip>  -1`.

    Returns:
        Clip -> whether it shows the class.

    Raises:
        ValueError: A line is not of that form.
    """
    shows = {}
    for line in filter(str.strip, read_text(path).splitlines()):
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise ValueError(f"{path}: line {line!r} is not of the form '<clip>  1' or '<clip>  -1'")
        shows[match[1]] = match[2] == "1"
    return shows


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the lists make clips of.

    Args:
        root: Folder of the data set.
        lists: Lists relative to the root.

    Returns:
        Every clip that a list of the 12 classes names, with nothing more to say of it: features depend on no class.

    Raises:
        ValueError: A class lacks a list, or a list is broken.
    """
    paths = [_given(root, lists, name, part) for part in _PARTS for name in CLASSES]
    return {clip_id: "" for path in paths for clip_id in read_list(path)}


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: all that the lists of the 12 classes name, with or without a file, and no others.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`video`) -> path relative to the root.
        lists: Lists relative to the root, such as `ClipSets/Kiss_train.txt`; those of scenes are passed over.

    Returns:
        One row a clip with the columns of a manifest. `label` is empty for a clip that shows none of the classes;
        `group` is the clip itself, since nothing says which film it is from.

    Raises:
        ValueError: A class lacks a list, a list is broken, or a clip both trains and tests.
    """
    rows: dict[str, dict[str, str]] = {}
    for part, column in _PARTS.items():
        for number, name in enumerate(CLASSES):
            path = _given(root, lists, name, part)
            for clip_id, shows in read_list(path).items():
                row = rows.setdefault(clip_id, _row(clip_id, clip_files.get(clip_id, {}).get("video", ""), column))
                if not row[column]:
                    raise ValueError(f"{path}: clip {clip_id!r} is in a list of the other part as well")
                if shows:
                    row["label"] = f"{row['label']}+{number}".strip("+")
    return list(rows.values())


def _given(root: Path, lists: Sequence[str], name: str, part: str) -> Path:
    """The list of a class and a part."""
    file = f"{name}_{part}.txt"
    given = [root / path for path in lists if Path(path).name == file]
    if not given or not given[-1].is_file():
        raise ValueError(f"{root}: no list ClipSets/{file}; it says which clips show {name}")
    return given[-1]


def _row(clip_id: str, video: str, column: str) -> dict[str, str]:
    files = {"path": video, "pose_path": "", "start": "", "end": ""}
    row = {"clip_id": clip_id} | files | {"label": "", "group": clip_id, "trains": "", "tests": "", "excluded": ""}
    return row | {column: PROTOCOLS[0]}
