"""ActivityNet: clips cut from untrimmed videos by annotated times, and the official division (CVPR 2015).

Releases differ in classes and videos (1.3: 200 classes, 15,410 training and 7,654 validation clips), so all is read
from the annotation file. Videos are named v_<id> and vanish from the public site as time goes by.
"""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.clips.ids import part_of
from poseattn.datasets.activitynet_annotations import Segment, Video, read_annotations

PROTOCOLS = ("official",)

_USES = {"training": "trains", "validation": "tests"}

_log = logging.getLogger(__name__)


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers.

    Args:
        root: Folder of the data set.
        lists: The annotation file; see `read_annotations`.

    Returns:
        The names that the file has, sorted.

    Raises:
        ValueError: The file is missing or broken.
    """
    return read_annotations(root, lists).classes


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """Which raw files the annotation file makes clips of, and when these begin and end.

    Args:
        root: Folder of the data set.
        lists: The annotation file; see `read_annotations`.

    Returns:
        Id of every annotated video that is no test video -> the times of its segments.

    Raises:
        ValueError: The annotation file is missing or broken.
    """
    videos = read_annotations(root, lists).videos
    return {
        video_id: repr([(segment.start, segment.end, _broken(segment, video)) for segment in video.segments])
        for video_id, video in videos.items()
        if video.subset in _USES
    }


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: one for each annotated segment, with or without a file. Test videos have none.

    A segment that does not end after its start, or starts where the video is over, makes a bad clip. One that begins
    before the video begins with it, and one that ends after the video ends with the frames that there are.

    Args:
        root: Folder of the data set.
        clip_files: Id of a video -> format (`mp4`) -> path relative to the root.
        lists: The annotation file; see `read_annotations`.

    Returns:
        One row a clip with the columns of a manifest. A clip is called by its video and its number there, from 0, so
        that no other video changes its name; `group` is the video.

    Raises:
        ValueError: The annotation file is missing or broken, or a video is there in two formats.
    """
    annotations = read_annotations(root, lists)
    numbers = {name: str(number) for number, name in enumerate(annotations.classes)}
    rows = []
    for video_id, video in annotations.videos.items():
        path = _path(video_id, clip_files.get(video_id, {}))
        if video.subset not in _USES:
            continue
        for index, segment in enumerate(video.segments):
            row = _row(video_id, index, segment, _broken(segment, video))
            rows.append(row | {"path": path, "label": numbers[segment.label], _USES[video.subset]: PROTOCOLS[0]})
    _log.info("%d videos have no annotation", len(clip_files.keys() - annotations.videos.keys()))
    return rows


def _path(video_id: str, files: Mapping[str, str]) -> str:
    if len(files) > 1:
        raise ValueError(f"{' and '.join(sorted(files.values()))} are both the video {video_id!r}; leave one of them")
    return next(iter(files.values()), "")


def _broken(segment: Segment, video: Video) -> str:
    """Why a segment cannot be a clip; empty if it can."""
    if not max(segment.start, 0) < segment.end:
        return f"annotated to end at {segment.end:g} s, not after its start at {segment.start:g} s"
    if segment.start >= video.duration:
        return f"annotated to start at {segment.start:g} s, the video ends at {video.duration:g} s"
    return ""


def _row(video_id: str, index: int, segment: Segment, broken: str) -> dict[str, str]:
    row = {"clip_id": part_of(video_id, index), "path": "", "pose_path": "", "label": "", "group": video_id}
    row |= {"start": repr(max(segment.start, 0.0)), "end": repr(segment.end), "trains": "", "tests": ""}
    return row | {"excluded": f"build_manifest: {broken}" if broken else ""}
