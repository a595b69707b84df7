"""UCF-11 (UCF YouTube Action): names, classes and a division by groups (Liu, Luo, Shah; CVPR 2009).

1,600 clips of 11 actions. The clips of an action come in 25 groups that share actor, place or camera; a name such as
v_shooting_05_02 gives the class (basketball; names and folders differ), the group and the clip.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_log = logging.getLogger(__name__)
PROTOCOLS = ("groups",)
# Folder of a class -> what its clips are called.
PREFIXES = {
    "basketball": "shooting",
    "biking": "biking",
    "diving": "diving",
    "golf_swing": "golf",
    "horse_riding": "riding",
    "soccer_juggling": "juggle",
    "swing": "swing",
    "tennis_swing": "tennis",
    "trampoline_jumping": "jumping",
    "volleyball_spiking": "spiking",
    "walking": "walk_dog",
}
CLASSES = tuple(PREFIXES)
N_GROUPS = 25
TEST_GROUPS = tuple(range(5, 15))

_NAME = re.compile(r"v_([a-z_]+)_(\d{2})_(\d{2})")
_CLASS_OF = {prefix: name for name, prefix in PREFIXES.items()}


class ClipName(NamedTuple):
    """Class, group (from 1) and number of a clip inside its group (from 1)."""

    action: str
    group: int
    number: int


def parse_name(clip_id: str) -> ClipName:
    """Take a clip's name apart.

    Args:
        clip_id: Name such as v_shooting_05_02.

    Returns:
        What it says.

    Raises:
        ValueError: The text is no such name, or there is no such class or group.
    """
    match = _NAME.fullmatch(clip_id)
    if match is None or match[1] not in _CLASS_OF:
        raise ValueError(f"clip {clip_id!r}: expected a name such as v_shooting_05_02 of one of {', '.join(_CLASS_OF)}")
    if not 1 <= int(match[2]) <= N_GROUPS:
        raise ValueError(f"clip {clip_id!r}: group is {int(match[2])}, expected 1 to {N_GROUPS}")
    return ClipName(_CLASS_OF[match[1]], int(match[2]), int(match[3]))


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Class names in the order of their numbers; root and lists do not matter."""
    return CLASSES


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest. Groups 05 to 14 of every class test, which makes 975 and 625 clips.

    Args:
        root: Folder of the data set; names say all, so that it is not looked at.
        clip_files: Clip -> kind of file (`video`) -> path relative to the root.
        lists: None; the data set has no lists of its own.

    Returns:
        One row a clip with the columns of a manifest. Files whose name is not one of the data set's have no row, and
        the log names them.

    Deviates: the paper does not say how it divides the clips. Whole groups are held out here, since the clips of a
        group are near-duplicates; these ten give the sizes of the authors' division.
    """
    rows = []
    for clip_id, files in clip_files.items():
        try:
            name = parse_name(clip_id)
        except ValueError as error:
            _log.warning("%s is left aside: %s", ", ".join(files.values()), error)
            continue
        tests = name.group in TEST_GROUPS
        rows.append(
            {
                "clip_id": clip_id,
                "path": files.get("video", ""),
                "pose_path": "",
                "start": "",
                "end": "",
                "label": str(CLASSES.index(name.action)),
                "group": f"{name.action}_{name.group:02d}",
                "trains": "" if tests else PROTOCOLS[0],
                "tests": PROTOCOLS[0] if tests else "",
                "excluded": "",
            }
        )
    return rows
