"""UCF-11: names, classes, groups, and the published counts."""

from collections import Counter
from pathlib import Path

import pytest

from poseattn.datasets import ucf11

COUNTS = {
    "basketball": 141, "biking": 145, "diving": 156, "golf_swing": 142, "horse_riding": 198, "soccer_juggling": 156,
    "swing": 137, "tennis_swing": 167, "trampoline_jumping": 119, "volleyball_spiking": 116, "walking": 123,
}  # fmt: skip


def rows(*clip_ids: str) -> list[dict[str, str]]:
    return ucf11.manifest_rows(Path(), {clip_id: {"video": f"{clip_id}.mpg"} for clip_id in clip_ids}, [])


def test_a_name_says_class_group_and_clip() -> None:
    assert ucf11.parse_name("v_shooting_05_02") == ("basketball", 5, 2)
    assert ucf11.parse_name("v_walk_dog_25_11") == ("walking", 25, 11)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("v_shooting_05", "clip 'v_shooting_05': expected a name such as v_shooting_05_02"),
        ("v_basketball_05_02", "expected a name such as"),
        ("v_shooting_26_01", "group is 26, expected 1 to 25"),
        ("v_shooting_00_01", "group is 0, expected 1 to 25"),
    ],
)
def test_a_bad_name_is_shown_with_what_was_expected(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ucf11.parse_name(name)


def test_files_of_other_names_are_left_aside_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = rows("v_biking_01_01", "v_biking_01_01 (1)", "intro")
    assert [row["clip_id"] for row in found] == ["v_biking_01_01"]
    expected = f"expected a name such as v_shooting_05_02 of one of {', '.join(ucf11.PREFIXES.values())}"
    assert caplog.messages == [
        f"v_biking_01_01 (1).mpg is left aside: clip 'v_biking_01_01 (1)': {expected}",
        f"intro.mpg is left aside: clip 'intro': {expected}",
    ]


def test_a_row_of_a_manifest() -> None:
    row = {"clip_id": "v_juggle_04_01", "path": "v_juggle_04_01.mpg", "pose_path": "", "start": "", "end": ""}
    row |= {"label": "5", "group": "soccer_juggling_04", "trains": "groups", "tests": "", "excluded": ""}
    assert rows("v_juggle_04_01") == [row]


def test_groups_5_to_14_test_and_no_group_is_in_both_parts() -> None:
    table = rows(*(f"v_{prefix}_{group:02d}_01" for prefix in ucf11.PREFIXES.values() for group in range(1, 26)))
    testing, training = ({row["group"] for row in table if row[part]} for part in ("tests", "trains"))
    assert not testing & training and len(testing | training) == 275
    assert {int(group[-2:]) for group in testing} == set(range(5, 15))


def test_classes_are_the_folders_in_order() -> None:
    assert ucf11.classes(Path(), []) == tuple(sorted(COUNTS))


@pytest.mark.data
def test_the_real_names_give_the_published_counts(samples: Path) -> None:
    lists = [samples / f"ucf11/lists/{part}.csv" for part in ("train", "test")]
    paths = [Path(line.split(",")[0]) for file in lists for line in file.read_text().splitlines()[1:]]
    table = rows(*(path.stem for path in paths))
    assert len(table) == len({row["clip_id"] for row in table}) == 1600
    assert sum(row["trains"] == "groups" for row in table) == 975
    assert sum(row["tests"] == "groups" for row in table) == 625
    assert Counter(ucf11.CLASSES[int(row["label"])] for row in table) == COUNTS
    folders = {path.stem: path.parts[1:3] for path in paths}
    for row in table:
        folder, group = folders[row["clip_id"]]
        assert ucf11.CLASSES[int(row["label"])] == folder and row["group"][-2:] == group[-2:]
