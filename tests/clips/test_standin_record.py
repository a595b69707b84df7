"""Files of a stand-in are compared with what they were when it was made."""

from pathlib import Path

import pytest

from poseattn.clips.standin_record import check_complete, check_contents, write_contents


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A stand-in of a video, a folder of frames and a list, and something that belongs to nobody."""
    root = tmp_path / "toy"
    for name in ("rgb/a.avi", "frames/b/1.jpg", "frames/b/2.jpg", "frames/bb/1.jpg", "list  of clips.txt", "notes"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"content of {name}")
    assert write_contents(tmp_path / "toy.txt", ["rgb", "frames", "list  of clips.txt"]) == 5
    return root


def test_what_was_not_touched_is_sound(root: Path) -> None:
    (root / "notes").write_text("changed")
    check_contents(root, ["."])
    check_complete(root)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("rgb/a.avi", "rgb/a.avi"), ("frames/b/2.jpg", "frames/b"), ("list  of clips.txt", "list  of clips.txt")],
)
def test_changed_and_missing_files_are_refused_where_they_are_asked_for(root: Path, name: str, asked: str) -> None:
    repair = f"delete {root}.txt and run the same command again"
    (root / name).write_text(f"Content of {name}")
    with pytest.raises(ValueError, match=f"{name} has changed since it was made: {repair}"):
        check_contents(root, [asked])
    check_contents(root, ["frames/bb"])
    check_complete(root)
    (root / name).unlink()
    with pytest.raises(ValueError, match=f"{name} is missing: {repair}"):
        check_contents(root, [asked])
    with pytest.raises(ValueError, match=f"{name} is missing: {repair}"):
        check_complete(root)


def test_a_damaged_record_is_refused(root: Path) -> None:
    record = root.with_suffix(".txt")
    record.write_text(record.read_text().replace("rgb", "rgc"))
    with pytest.raises(ValueError, match="toy.txt: truncated, or changed"):
        check_contents(root, ["rgb/a.avi"])


def test_a_record_whose_title_is_damaged_is_one_all_the_same(root: Path) -> None:
    record = root.with_suffix(".txt")
    record.write_text(record.read_text().replace("# checksum", "# checksun"))
    with pytest.raises(ValueError, match="toy.txt: truncated, or changed"):
        check_contents(root, ["rgb/a.avi"])
    with pytest.raises(ValueError, match="toy.txt: truncated, or changed"):
        check_complete(root)


def test_the_present_folder_is_a_root_like_any_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    check_contents(Path(), ["rgb/a.avi"])
    (root / "rgb/a.avi").unlink()
    with pytest.raises(ValueError, match=r"a.avi is missing: delete .*toy\.txt"):
        check_complete(Path())


@pytest.mark.parametrize("text", [None, "", "a list of my own\n"])
def test_real_data_have_no_record(tmp_path: Path, text: str | None) -> None:
    (tmp_path / "ntu").mkdir()
    if text is not None:
        (tmp_path / "ntu.txt").write_text(text)
    check_contents(tmp_path / "ntu", ["x.avi"])
    check_complete(tmp_path / "ntu")
