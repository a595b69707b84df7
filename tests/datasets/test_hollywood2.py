"""Hollywood2: several labels a clip, lists of other tasks, and what is missing."""

from pathlib import Path

import pytest

from poseattn.datasets import hollywood2

TRAIN, TEST = ([f"actionclip{part}{number:05d}" for number in (1, 2, 3)] for part in ("train", "test"))


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    """Lists in which training clip 1 shows two classes, test clip 2 one, and the others none."""
    (tmp_path / "ClipSets").mkdir()
    shows = {"AnswerPhone": TRAIN[:1], "StandUp": TRAIN[:1] + TEST[1:2]}
    names = []
    for name in hollywood2.CLASSES:
        for part, clips in (("train", TRAIN), ("test", TEST)):
            lines = [f"{clip}  {1 if clip in shows.get(name, []) else -1}" for clip in clips]
            names.append(f"ClipSets/{name}_{part}.txt")
            (tmp_path / names[-1]).write_bytes(("\r\n".join(lines) + " \r\n").encode())
    (tmp_path / "ClipSets/EXT-House_train.txt").write_text("sceneclipautoautotrain00001  1\n")
    return [*names, "ClipSets/EXT-House_train.txt"]


def test_rows_of_a_manifest(tmp_path: Path, lists: list[str]) -> None:
    files = {name: {"video": f"AVIClips/{name}.avi"} for name in (TRAIN[0], TEST[1], "sceneclipautoautotrain00001")}
    rows = {row["clip_id"]: row for row in hollywood2.manifest_rows(tmp_path, files, lists)}
    assert set(rows) == {*TRAIN, *TEST}
    first = {"clip_id": TRAIN[0], "path": f"AVIClips/{TRAIN[0]}.avi", "pose_path": "", "start": "", "end": ""}
    first |= {"label": "0+11", "group": TRAIN[0], "trains": "official", "tests": "", "excluded": ""}
    assert rows[TRAIN[0]] == first
    assert (rows[TEST[1]]["label"], rows[TEST[1]]["trains"], rows[TEST[1]]["tests"]) == ("11", "", "official")
    assert (rows[TEST[0]]["label"], rows[TEST[0]]["path"]) == ("", "")


def test_twelve_classes_in_order() -> None:
    assert hollywood2.classes(Path(), []) == tuple(sorted(hollywood2.CLASSES)) and len(hollywood2.CLASSES) == 12


def test_a_missing_list_is_named(tmp_path: Path, lists: list[str]) -> None:
    with pytest.raises(ValueError, match="no list ClipSets/AnswerPhone_train.txt; it says which clips show"):
        hollywood2.manifest_rows(tmp_path, {}, [])
    (tmp_path / "ClipSets/Kiss_test.txt").unlink()
    with pytest.raises(ValueError, match="no list ClipSets/Kiss_test.txt"):
        hollywood2.manifest_rows(tmp_path, {}, lists)


@pytest.mark.parametrize("line", ["actioncliptest00001", "actioncliptest00001  0", "actioncliptest00001  1  1"])
def test_a_broken_line_is_shown(tmp_path: Path, lists: list[str], line: str) -> None:
    (tmp_path / "ClipSets/Kiss_test.txt").write_text(line)
    with pytest.raises(ValueError, match=f"Kiss_test.txt: line '{line}' is not of the form"):
        hollywood2.manifest_rows(tmp_path, {}, lists)


def test_a_clip_in_both_parts_is_refused(tmp_path: Path, lists: list[str]) -> None:
    (tmp_path / "ClipSets/Kiss_test.txt").write_text(f"{TRAIN[0]}  1\n")
    with pytest.raises(ValueError, match="Kiss_test.txt: clip 'actioncliptrain00001' is in a list of the other part"):
        hollywood2.manifest_rows(tmp_path, {}, lists)


@pytest.mark.data
def test_the_real_clip_has_a_name_that_lists_would_hold(samples: Path) -> None:
    """The lists are not at hand, only one clip."""
    (path,) = (samples / "hollywood2/AVIClips").iterdir()
    assert path.stem in TRAIN
