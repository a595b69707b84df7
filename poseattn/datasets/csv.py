"""A user's own videos, listed in a CSV file (see `poseattn.clips.own_list`)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.clips.own_list import class_names, read_clip_list

PROTOCOLS = ("listed",)


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers: all labels of the list, sorted.

    Args:
        root: Folder of the data set.
        lists: The CSV file in it.

    Returns:
        The names.

    Raises:
        ValueError: The list is wrong.
    """
    return class_names(read_clip_list(root / lists[0]))


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`video`) -> path relative to the root; a clip that has none is missing.
        lists: The CSV file in it.

    Returns:
        One row a clip with columns of a manifest; the path is empty where there is no file.

    Raises:
        ValueError: The list is wrong.
    """
    clips = read_clip_list(root / lists[0])
    numbers = {name: str(number) for number, name in enumerate(class_names(clips))}
    return [
        {
            "clip_id": clip.clip_id,
            "path": clip_files.get(clip.clip_id, {}).get("video", ""),
            "start": clip.start,
            "end": clip.end,
            "label": "+".join(numbers[label] for label in clip.labels),
            "group": clip.subject,
            "trains": PROTOCOLS[0] if clip.split == "train" else "",
            "validates": PROTOCOLS[0] if clip.split == "val" else "",
            "tests": PROTOCOLS[0] if clip.split == "test" else "",
        }
        for clip in clips
    ]
