"""HMDB-51: classes, source films and the three official splits (Kuehne et al.; ICCV 2011).

6,766 clips of 51 actions. In each split 70 clips a class train, 30 test and the others are not used. A clip's name
says from which film it is, what it shows, and with which tags: <source>_<class>_<tags>_<number>.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.files import read_text

PROTOCOLS = ("split1", "split2", "split3")

_LIST = re.compile(r"(.+)_test_(split[123])\.txt")
_USES = {"0": "", "1": "trains", "2": "tests"}
# Visible part of the body, camera motion, people, view, quality, number of the clip.
_TAGS = r"_[fhlu]_(?:cm|nm)_np\d+_(?:ba|fr|le|ri)_(?:bad|med|goo)_\d+"


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers.

    Args:
        root: Folder of the data set.
        lists: Split files relative to the root, such as `testTrainMulti_7030_splits/wave_test_split1.txt`.

    Returns:
        The classes that the split files are named after, sorted.

    Raises:
        ValueError: There are no split files, or a class lacks one of its three.
    """
    found: dict[str, set[str]] = {}
    for path in lists:
        if match := _LIST.fullmatch(Path(path).name):
            found.setdefault(match[1], set()).add(match[2])
    if not found:
        raise ValueError(f"{root}: no split file such as testTrainMulti_7030_splits/wave_test_split1.txt")
    for name in sorted(found):
        if lacking := sorted(set(PROTOCOLS) - found[name]):
            raise ValueError(f"{root}: no file {name}_test_{lacking[0]}.txt, though class {name!r} has other splits")
    return tuple(sorted(found))


def read_split(path: Path) -> dict[str, str]:
    """Read what one split does with the clips of one class.

    Args:
        path: Official file; a line is `<clip>.avi 0|1|2`, perhaps with a blank after it.

    Returns:
        Clip -> "trains", "tests", or "" where the split does not use it.

    Raises:
        ValueError: There is no such file, or a line is not of that form.
    """
    if not path.is_file():
        raise ValueError(f"{path} is missing: it says which clips train and which test")
    uses = {}
    for line in read_text(path).splitlines():
        name, _, use = line.strip().rpartition(" ")
        if not line.strip():
            continue
        if use not in _USES or not name.rstrip().endswith(".avi"):
            raise ValueError(f"{path}: line {line!r} is not of the form '<clip>.avi 0|1|2'")
        uses[name.rstrip().removesuffix(".avi")] = _USES[use]
    return uses


def source_of(clip_id: str, action: str) -> str:
    """Film or video that a clip is taken from: its name up to class and tags, or all of it where these are missing."""
    match = re.fullmatch(f"(.+)_{re.escape(action)}{_TAGS}", clip_id)
    return match[1] if match else clip_id


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the lists make clips of.

    Args:
        root: Folder of the data set.
        lists: Split files relative to the root.

    Returns:
        Every clip that a split file names, with nothing more to say of it: features do not depend on what splits do.

    Raises:
        ValueError: A split file is missing or broken.
    """
    paths = [path for path in lists if _LIST.fullmatch(Path(path).name)]
    return {clip_id: "" for path in paths for clip_id in read_split(root / path)}


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: all that the split files name, with or without a file, and no others.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`video`) -> path relative to the root.
        lists: Split files relative to the root.

    Returns:
        One row a clip with the columns of a manifest; `group` is the film or video that it is taken from.

    Raises:
        ValueError: A split file is missing or broken, or two classes name one clip.
    """
    numbers = {name: number for number, name in enumerate(classes(root, lists))}
    rows: dict[str, dict[str, str]] = {}
    for path in sorted(lists):
        match = _LIST.fullmatch(Path(path).name)
        if match is None:
            continue
        label = str(numbers[match[1]])
        for clip_id, use in read_split(root / path).items():
            if clip_id not in rows:
                video = clip_files.get(clip_id, {}).get("video", "")
                rows[clip_id] = _row(clip_id, video, label, source_of(clip_id, match[1]))
            row = rows[clip_id]
            if row["label"] != label:
                raise ValueError(f"{root / path}: clip {clip_id!r} belongs to another class as well")
            if use:
                row[use] = f"{row[use]} {match[2]}".strip()
    return list(rows.values())


def _row(clip_id: str, video: str, label: str, group: str) -> dict[str, str]:
    files = {"path": video, "pose_path": "", "start": "", "end": ""}
    return {"clip_id": clip_id} | files | {"label": label, "group": group, "trains": "", "tests": "", "excluded": ""}
