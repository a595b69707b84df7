"""Annotation files of ActivityNet: its classes, and when a video shows which (Caba Heilbron et al.; CVPR 2015).

The official file of any release is JSON with `database` (videos) and `taxonomy` (classes are its leaves). The authors
of BSN and BMN passed on another arrangement: videos at the top, their parts in the CSV file `video_info_new.csv`.
"""

import csv
import io
import json
import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from poseattn.files import read_text

_SUBSETS = ("training", "validation", "testing")
_MOST_COLUMNS = 100
_INFO = "video_info_new.csv"
_PREFIX = "v_"  # of files, and of ids in the other arrangement
_SHOWN = 120  # characters of a broken entry
_brief = reprlib.Repr()  # never all of what a file holds, however large or nested it is
_brief.maxstring = _SHOWN


class Segment(NamedTuple):
    """What a part of a video shows, and its begin and end in seconds as annotated, which may be impossible."""

    label: str
    start: float
    end: float


class Video(NamedTuple):
    """A video: `training`, `validation` or `testing`; its length in seconds as annotated; its segments by number."""

    subset: str
    duration: float
    segments: tuple[Segment, ...]


class Annotations(NamedTuple):
    """Names of classes, sorted, and videos by their ids, which have 11 signs and may begin with `-`."""

    classes: tuple[str, ...]
    videos: dict[str, Video]


def read_annotations(root: Path, lists: Sequence[str]) -> Annotations:
    """Read the one annotation file of a data set, in either arrangement.

    Args:
        root: Folder of the data set.
        lists: Files relative to the root: a JSON file, and with the other arrangement its CSV file.

    Returns:
        All that it says.

    Raises:
        ValueError: There is no JSON file or more than one, it is cut off or broken, or a label is none of its classes.
    """
    path = _only_json(root, lists)
    text = read_text(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: no JSON, or cut off: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("database", {}), dict):
        raise ValueError(f"{path}: found {_shown(content)}, expected an object with the key database")
    if "database" in content:
        videos = {name: _video(path, name, entry, "duration") for name, entry in content["database"].items()}
        return Annotations(_leaves(path, content, videos), videos)
    subsets = _read_subsets(root, lists, path)
    videos = {
        name.removeprefix(_PREFIX): _video(path, name, entry, "duration_second", subsets)
        for name, entry in content.items()
    }
    labels = {segment.label for video in videos.values() for segment in video.segments}
    return Annotations(tuple(sorted(labels)), videos)


def _only_json(root: Path, lists: Sequence[str]) -> Path:
    found = [root / name for name in lists if name.endswith(".json") and (root / name).is_file()]
    if not found:
        raise ValueError(f"{root}: no annotation file such as activity_net.v1-3.min.json in it or below")
    if len(found) > 1:
        raise ValueError(f"{' and '.join(map(str, found))} are both annotation files; leave one of them there")
    return found[0]


def _video(path: Path, name: str, entry: Any, duration: str, subsets: Mapping[str, str] | None = None) -> Video:
    """One video; its part stands in the entry itself or, in the other arrangement, elsewhere."""
    try:
        subset = entry["subset"] if subsets is None else subsets[name]
        segments = [_segment(annotation) for annotation in entry["annotations"]]
        video = Video(subset, float(entry[duration]), tuple(segments))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(
            f"{path}: video {name!r}: found {_shown(entry)}, expected {duration}, a subset, and annotations, "
            "each a label and a segment [start, end] in seconds"
        ) from None
    if subset not in _SUBSETS:
        raise ValueError(f"{path}: video {name!r}: subset is {subset!r}, expected one of {', '.join(_SUBSETS)}")
    return video


def _segment(annotation: Mapping[str, Any]) -> Segment:
    start, end = annotation["segment"]
    if not _is_name(annotation["label"]):
        raise TypeError("label")
    return Segment(annotation["label"], float(start), float(end))


def _leaves(path: Path, content: Mapping[str, Any], videos: Mapping[str, Video]) -> tuple[str, ...]:
    """Classes of an official file, to which all labels must belong."""
    try:
        parents = {node["parentId"] for node in content["taxonomy"]}
        leaves = {node["nodeName"] for node in content["taxonomy"] if node["nodeId"] not in parents}
        if not all(map(_is_name, leaves)):
            raise TypeError("nodeName")
    except (KeyError, TypeError):
        raise ValueError(f"{path}: no key taxonomy with a list of nodeId, nodeName and parentId") from None
    for name, video in videos.items():
        for segment in video.segments:
            if segment.label not in leaves:
                raise ValueError(f"{path}: video {name!r}: label {segment.label!r} is not a class of the taxonomy")
    return tuple(sorted(leaves))


def _is_name(value: Any) -> bool:
    """Whether a value can be the name of a class, which stands on a line of its own."""
    return isinstance(value, str) and value != "" and value.isprintable()


def _shown(value: Any) -> str:
    return _brief.repr(value)[:_SHOWN]


def _read_subsets(root: Path, lists: Sequence[str], annotations: Path) -> dict[str, str]:
    """Part of each video from the CSV file that comes with the other arrangement."""
    paths = [root / name for name in lists if Path(name).name == _INFO and (root / name).is_file()]
    if not paths:
        raise ValueError(f"{annotations}: no key database, and no {_INFO} beside it, which says what trains and tests")
    try:
        reader = csv.DictReader(io.StringIO(read_text(paths[0])))
        names = reader.fieldnames or []
        if not {"video", "subset"} <= set(names) or len(names) > _MOST_COLUMNS:
            raise ValueError(f"{paths[0]}: no columns video and subset; found {', '.join(names[:_MOST_COLUMNS])}")
        return {row["video"]: row["subset"] for row in reader}
    except csv.Error as error:
        raise ValueError(f"{paths[0]}: no table: {error}") from None
