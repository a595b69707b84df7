"""NTU RGB+D: names, classes and the two official protocols (Shahroudy et al. 2016, arXiv 1604.02808).

56,880 clips of 60 actions by 40 subjects, seen by three cameras in 17 set-ups. A name such as S001C002P003R001A013
gives set-up, camera, performer, repetition and action.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from poseattn.reading import read_input

CLASSES = (
    "drink water",
    "eat meal/snack",
    "brushing teeth",
    "brushing hair",
    "drop",
    "pickup",
    "throw",
    "sitting down",
    "standing up",
    "clapping",
    "reading",
    "writing",
    "tear up paper",
    "wear jacket",
    "take off jacket",
    "wear a shoe",
    "take off a shoe",
    "wear on glasses",
    "take off glasses",
    "put on a hat/cap",
    "take off a hat/cap",
    "cheer up",
    "hand waving",
    "kicking something",
    "reach into pocket",
    "hopping",
    "jump up",
    "make/answer a phone call",
    "playing with phone/tablet",
    "typing on a keyboard",
    "pointing to something",
    "taking a selfie",
    "check time",
    "rub two hands together",
    "nod head/bow",
    "shake head",
    "wipe face",
    "salute",
    "put the palms together",
    "cross hands in front",
    "sneeze/cough",
    "staggering",
    "falling",
    "touch head",
    "touch chest",
    "touch back",
    "touch neck",
    "nausea or vomiting",
    "use a fan/feeling warm",
    "punching/slapping other person",
    "kicking other person",
    "pushing other person",
    "pat on back of other person",
    "point finger at other person",
    "hugging other person",
    "giving something to other person",
    "touch other person's pocket",
    "handshaking",
    "walking towards each other",
    "walking apart from each other",
)
PROTOCOLS = ("cross_subject", "cross_view")
_log = logging.getLogger(__name__)
_NAME = re.compile(r"S(\d{3})C(\d{3})P(\d{3})R(\d{3})A(\d{3})")
# Largest number of each part, in the second release too, whose files often stand in the same folders.
_LARGEST = {"setup": 32, "camera": 3, "subject": 106, "repetition": 2, "action": 120}
_TRAINING_SUBJECTS = (1, 2, 4, 5, 8, 9, 13, 14, 15, 16, 17, 18, 19, 25, 27, 28, 31, 34, 35, 38)
_TRAINING_CAMERAS = (2, 3)


def parse_name(clip_id: str) -> dict[str, int]:
    """Take a clip's name apart.

    Args:
        clip_id: Name such as S001C002P003R001A013.

    Returns:
        The numbers of setup, camera, subject, repetition and action, all counted from 1.

    Raises:
        ValueError: The text is no such name, or a number is out of range.
    """
    match = _NAME.fullmatch(clip_id)
    if match is None:
        raise ValueError(f"clip {clip_id!r}: expected a name such as S001C002P003R001A013")
    parts = dict(zip(_LARGEST, map(int, match.groups()), strict=True))
    for part, number in parts.items():
        if not 1 <= number <= _LARGEST[part]:
            raise ValueError(f"clip {clip_id!r}: {part} is {number}, expected 1 to {_LARGEST[part]}")
    return parts


def read_missing(path: Path) -> set[str]:
    """Read the list of clips whose skeletons are missing or incomplete, 302 in the data set's own list.

    Args:
        path: Text file with one name a line; other lines are prose.

    Returns:
        The names.

    Raises:
        ValueError: There is no such file; it comes with the data set's scripts rather than its archives.
    """
    if not path.is_file():
        raise ValueError(f"{path} is missing: the list of clips without usable skeletons, from the data set's scripts")
    content = read_input(path).removeprefix(b"\xef\xbb\xbf")  # a byte order mark
    lines = (line.strip() for line in content.decode(errors="replace").splitlines())
    return {line for line in lines if _NAME.fullmatch(line)}


def listed_files(root: Path, lists: Sequence[str]) -> dict[str, str]:
    """What the lists say of raw files: which clips have no usable skeleton.

    Args:
        root: Folder of the data set.
        lists: As for `manifest_rows`.

    Returns:
        The clips that a list names, with nothing more to say of them; clips that none names are usable.

    Raises:
        ValueError: A list is missing.
    """
    return dict.fromkeys(set().union(*(read_missing(root / name) for name in lists)), "")


def manifest_rows(
    root: Path, clip_files: Mapping[str, Mapping[str, str]], lists: Sequence[str]
) -> list[dict[str, str]]:
    """Clips of a manifest, with what the protocols exclude.

    Args:
        root: Folder of the data set.
        clip_files: Clip -> kind of file (`video`, `skeleton`) -> path relative to the root.
        lists: Names, relative to the root, of the files that list clips without usable skeletons.

    Returns:
        One row a clip with the columns of a manifest; a path is empty where there is no file. Files with other names
        have no row, and the log names them.

    Raises:
        ValueError: A list is missing.
    """
    missing = set().union(*(read_missing(root / name) for name in lists))
    rows = []
    for clip_id, files in clip_files.items():
        try:
            parts = parse_name(clip_id)
        except ValueError as error:
            _log.warning("%s is left aside: %s", ", ".join(files.values()), error)
            continue
        label = parts.pop("action") - 1
        excluded = "protocol: listed as without usable skeleton" if clip_id in missing else ""
        if label >= len(CLASSES):
            excluded = f"protocol: action {label + 1} belongs to the second release"
        row = {"clip_id": clip_id, "path": files.get("video", ""), "pose_path": files.get("skeleton", "")}
        row |= {"start": "", "end": "", "label": str(label), "group": f"P{parts['subject']:03d}"}
        rows.append(row | protocols_of(parts) | {"excluded": excluded})
    return rows


def protocols_of(parts: Mapping[str, int]) -> dict[str, str]:
    """Which protocols train on a clip and which test on it: the columns `trains` and `tests` of a manifest.

    Args:
        parts: Numbers of a clip as `parse_name` gives them.

    Returns:
        Names of protocols: in `cross_subject` 20 of the 40 subjects train, in `cross_view` cameras 2 and 3 do.

    Deviates: code by the paper's first author for the next paper forgets subject 40 as a test subject; it is one here.
    """
    trains = {
        "cross_subject": parts["subject"] in _TRAINING_SUBJECTS,
        "cross_view": parts["camera"] in _TRAINING_CAMERAS,
    }
    return {
        "trains": " ".join(name for name in PROTOCOLS if trains[name]),
        "tests": " ".join(name for name in PROTOCOLS if not trains[name]),
    }


def classes(root: Path, lists: Sequence[str]) -> tuple[str, ...]:
    """Names of the classes; neither root nor lists move them."""
    return CLASSES
