"""sub-JHMDB: the 316 clips of JHMDB that show the whole body (Jhuang, Gall, Zuffi, Schmid, Black; ICCV 2013).

12 classes, three official splits, whose files have the form of those of HMDB-51. Clips of JHMDB that these do not name
are left aside.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.datasets import hmdb51

PROTOCOLS = hmdb51.PROTOCOLS


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers: those that the split files name, sorted.

    Args:
        root: Folder of the data set.
        lists: Split files relative to the root.

    Returns:
        The names.

    Raises:
        ValueError: A class lacks one of its splits.
    """
    return hmdb51.classes(root, lists)


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the lists make clips of; see `poseattn.datasets.hmdb51.listed_files`."""
    return hmdb51.listed_files(root, lists)


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: all that the split files name, with or without files.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`video`, `joints`) -> path relative to the root.
        lists: Split files relative to the root.

    Returns:
        One row a clip with the columns of a manifest.

    Raises:
        ValueError: A split file is missing or broken, or two classes name one clip.
    """
    rows = hmdb51.manifest_rows(root, clip_files, lists)
    return [row | {"pose_path": clip_files.get(row["clip_id"], {}).get("joints", "")} for row in rows]
