"""Penn Action: classes, clips and the official division (Zhang, Zhu, Derpanis; ICCV 2013).

2,326 clips of 15 actions, each a folder of frames and a MATLAB file with the joints of one person in every frame.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.datasets.penn_action_poses import read_labels

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
    """Clips of a manifest: those that have a label file.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`frames`, `labels`) -> path relative to the root.
        lists: None; the division is in the label files.

    Returns:
        One row a clip with columns of a manifest. A clip whose label file is broken is in no part of the protocol, and
        the stage read_poses says why; one of an unknown action is excluded.
    """
    rows = []
    for clip_id, files in clip_files.items():
        row = {"clip_id": clip_id, "path": files.get("frames", ""), "pose_path": files.get("labels", "")}
        row |= {"start": "", "end": "", "label": "0", "group": clip_id}
        try:
            labels = read_labels(root / files["labels"])
        except (ValueError, KeyError, OSError):
            rows.append(row)
            continue
        row |= {"trains" if labels.trains else "tests": PROTOCOLS[0]}
        if labels.action in CLASSES:
            row |= {"label": str(CLASSES.index(labels.action))}
        else:
            row |= {
                "excluded": f"build_manifest: action {labels.action!r} is none of the {len(CLASSES)} of Penn Action"
            }
        rows.append(row)
    return rows
