"""NTU RGB+D: names, the list of unusable clips, and the published sizes of both protocols."""

import re
from pathlib import Path

import pandas as pd
import pytest

from poseattn.clips.manifest import official_split
from poseattn.datasets import ntu

LIST = "NTU_RGBD_samples_with_missing_skeletons.txt"
# Published sizes (train, test): all clips, and those with usable skeletons.
ALL = {"cross_subject": (40320, 16560), "cross_view": (37920, 18960)}
USABLE = {"cross_subject": (40091, 16487), "cross_view": (37646, 18932)}


def _clips(names: list[str]) -> pd.DataFrame:
    parts = [ntu.parse_name(name) for name in names]
    rows = [
        one | ntu.protocols_of(one) | {"clip_id": name, "validates": ""} for one, name in zip(parts, names, strict=True)
    ]
    return pd.DataFrame(rows)


def _sizes(clips: pd.DataFrame, protocol: str) -> tuple[int, int]:
    split = official_split(clips, protocol)
    assert set(split) <= {"train", "test"}
    return int((split == "train").sum()), int((split == "test").sum())


def test_a_name_is_taken_apart() -> None:
    parts = {"setup": 17, "camera": 2, "subject": 40, "repetition": 1, "action": 60}
    assert ntu.parse_name("S017C002P040R001A060") == parts


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("S001C001P001R001A001 (1)", "expected a name such as"),
        ("s001c001p001r001a001", "expected a name such as"),
        ("S001C001P001R001", "expected a name such as"),
        ("S001C001P001R001A0011", "expected a name such as"),
        ("S000C001P001R001A001", "setup is 0, expected 1 to 32"),
        ("S001C004P001R001A001", "camera is 4, expected 1 to 3"),
        ("S001C001P107R001A001", "subject is 107, expected 1 to 106"),
        ("S001C001P001R003A001", "repetition is 3, expected 1 to 2"),
        ("S001C001P001R001A121", "action is 121, expected 1 to 120"),
    ],
)
def test_a_bad_name_is_shown_with_what_was_expected(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"clip '{re.escape(name)}': {message}"):
        ntu.parse_name(name)


def test_sixty_classes_in_the_order_of_the_actions() -> None:
    assert len(set(ntu.CLASSES)) == 60
    some = {1: "drink water", 14: "wear jacket", 43: "falling", 50: "punching/slapping other person"}
    some |= {56: "giving something to other person", 58: "handshaking", 60: "walking apart from each other"}
    assert {action: ntu.CLASSES[action - 1] for action in some} == some


def test_twenty_subjects_train_and_twenty_test_among_them_subject_40() -> None:
    """A grid of 40 subjects, 3 cameras and 60 actions: half of the subjects, two of three cameras train."""
    grid = [f"S001C{c:03d}P{p:03d}R001A{a:03d}" for c in (1, 2, 3) for p in range(1, 41) for a in range(1, 61)]
    clips = _clips(grid)
    assert _sizes(clips, "cross_subject") == (3600, 3600)
    assert _sizes(clips, "cross_view") == (4800, 2400)
    testing = set(clips.subject[official_split(clips, "cross_subject") == "test"])
    assert testing == {3, 6, 7, 10, 11, 12, 20, 21, 22, 23, 24, 26, 29, 30, 32, 33, 36, 37, 39, 40}
    assert set(clips.camera[official_split(clips, "cross_view") == "test"]) == {1}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_list_is_read_past_its_prose(tmp_path: Path, newline: str) -> None:
    lines = ['302 of the samples in the "NTU RGB+D" dataset', "please ignore them, as S001C001P001R001A001", ""]
    lines += ["S001C002P005R002A008", " S001C002P006R001A008 "]
    (tmp_path / LIST).write_bytes(newline.join(lines).encode())
    assert ntu.read_missing(tmp_path / LIST) == {"S001C002P005R002A008", "S001C002P006R001A008"}


def test_the_first_clip_of_a_list_with_a_byte_order_mark_counts(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("\ufeffS001C002P005R002A008\n")
    assert ntu.read_missing(tmp_path / LIST) == {"S001C002P005R002A008"}


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{LIST} is missing: the list of clips without usable skeletons"):
        ntu.manifest_rows(tmp_path, {}, [LIST])


def test_rows_of_a_manifest(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text("prose\n\nS001C002P005R002A008\n")
    files = {
        "S001C002P005R002A008": {"video": "v.avi", "skeleton": "s.skeleton"},
        "S001C003P006R001A060": {"video": "w.avi"},
        "S018C001P041R001A061": {"skeleton": "t.skeleton"},
    }
    listed, plain, later = ntu.manifest_rows(tmp_path, files, [LIST])
    assert plain == {
        "clip_id": "S001C003P006R001A060", "path": "w.avi", "pose_path": "", "start": "", "end": "", "label": "59",
        "group": "P006", "trains": "cross_view", "tests": "cross_subject", "excluded": "",
    }  # fmt: skip
    assert listed["excluded"] == "protocol: listed as without usable skeleton"
    assert (listed["path"], listed["pose_path"], listed["label"]) == ("v.avi", "s.skeleton", "7")
    assert later["excluded"] == "protocol: action 61 belongs to the second release"


@pytest.mark.data
def test_published_sizes_of_both_protocols(samples: Path) -> None:
    """The usable clips are 56,578: their list ends without a line end, so that counting lines gives 56,577."""
    folder = samples / "ntu_rgbd"
    text = (folder / "statistics/skes_available_name.txt").read_text()
    usable, missing = text.split(), ntu.read_missing(folder / LIST)
    assert text.count("\n") == 56577
    assert len(set(usable)) == len(usable) == 56578
    assert len(missing) == 302
    assert not missing & set(usable)
    clips = _clips(sorted({*usable, *missing}))
    assert len(clips) == 56880
    assert (clips.groupby("action").size() == 948).all()
    assert (clips.setup.nunique(), clips.subject.nunique(), clips.camera.nunique()) == (17, 40, 3)
    kept = clips[~clips.clip_id.isin(missing)]
    for protocol in ntu.PROTOCOLS:
        assert _sizes(clips, protocol) == ALL[protocol]
        assert _sizes(kept, protocol) == USABLE[protocol]


@pytest.mark.data
def test_names_say_what_the_published_statistics_say(samples: Path) -> None:
    folder = samples / "ntu_rgbd/statistics"
    clips = _clips((folder / "skes_available_name.txt").read_text().split())
    files = {"setup": "setup", "camera": "camera", "subject": "performer", "repetition": "replication"}
    for part, name in (files | {"action": "label"}).items():
        assert [int(line) for line in (folder / f"{name}.txt").read_text().split()] == list(clips[part])


@pytest.mark.data
def test_classes_are_those_of_the_label_map(samples: Path) -> None:
    """Names are shortened; the first word of each tells whether the order is right."""
    names = (samples / "ntu_rgbd/label_map_ntu60.txt").read_text().splitlines()
    other = {28: "make/answer"}
    for action, (ours, theirs) in enumerate(zip(ntu.CLASSES, names, strict=True), 1):
        assert ours.split()[0] == other.get(action, theirs.split()[0])
