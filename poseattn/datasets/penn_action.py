"""Penn Action: classes, clips and the official division (Zhang, Zhu, Derpanis; ICCV 2013).

2,326 clips of 15 actions, each a folder of frames and a MATLAB file with the joints of one person in every frame.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.datasets.penn_action_poses import read_labels

_log = logging.getLogger(__name__)
_NAME = re.compile(r"\d{4}")
PROTOCOLS = ("official",)
CLASSES = (
    "baseball_pitch",
    "baseball_swing",
    "bench_press",
    "bowl",
    "clean_and_jerk",
    "golf_swing",
    "jump_rope",
    "jumping_jacks",
    "pullup",
    "pushup",
    "situp",
    "squat",
    "strum_guitar",
    "tennis_forehand",
    "tennis_serve",
)


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers; root and lists do not matter."""
    return CLASSES


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest: those that have frames or a label file.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`frames`, `labels`) -> path relative to the root.
        lists: None; the division is in the label files.

    Returns:
        One row a clip with columns of a manifest. A clip is excluded, with the reason, if its label file is missing or
        broken or has an unknown action: only that file says what the clip shows, and whether it trains or tests. Files
        whose name is not one of the data set's have no row, and the log names them.

    Raises:
        OSError: A label file cannot be read, which says nothing about its clip.
    """
    rows = []
    for clip_id, files in clip_files.items():
        if not _NAME.fullmatch(clip_id):
            _log.warning("%s is left aside: expected a name such as 0001", ", ".join(files.values()))
            continue
        row = {"clip_id": clip_id, "path": files.get("frames", ""), "pose_path": files.get("labels", "")}
        row |= {"start": "", "end": "", "label": "0", "group": clip_id}
        rows.append(row | _labelled(root, row["pose_path"]))
    return rows


def _labelled(root: Path, path: str) -> dict[str, str]:
    """What a label file says of its clip, or why that cannot be said."""
    if not path:
        return {"excluded": "build_manifest: no label file"}
    try:
        labels = read_labels(root / path)
    except ValueError as error:
        return {"excluded": f"build_manifest: label file: {error}"}
    part = {"trains" if labels.trains else "tests": PROTOCOLS[0]}
    if labels.action in CLASSES:
        return part | {"label": str(CLASSES.index(labels.action))}
    return part | {"excluded": f"build_manifest: action {labels.action!r} is none of the {len(CLASSES)} of Penn Action"}
