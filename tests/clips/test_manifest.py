"""Tables of clips, and the draw of validation clips."""

import re
from pathlib import Path

import pandas as pd
import pytest

from poseattn.clips import manifest
from poseattn.files import read_sealed, write_sealed


def _clips(*names: str) -> pd.DataFrame:
    row = {"path": "rgb/x.avi", "pose_path": "", "start": "", "end": "1.5", "label": "3+11", "group": "P001"}
    row |= {"trains": "split1 split3", "validates": "", "tests": "split2", "excluded": ""}
    return pd.DataFrame([{"clip_id": name, **row} for name in names])


def test_a_manifest_comes_back_as_written_in_the_order_of_the_clips(tmp_path: Path) -> None:
    clips = _clips("b", "a", "NA", "1e5")  # names that look like missing values or numbers are text all the same
    clips.loc[0, "excluded"] = 'read_poses: found "no" body'
    manifest.write_manifest(clips, tmp_path / "new/folder.tsv")
    back = manifest.read_manifest(tmp_path / "new/folder.tsv")
    assert list(back.clip_id) == ["1e5", "NA", "a", "b"]
    expected = clips.sort_values("clip_id").reset_index(drop=True)
    assert back.to_dict("list") == expected.to_dict("list")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["folder.tsv"]


def test_the_same_clips_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    manifest.write_manifest(_clips("a", "b"), tmp_path / "1.tsv")
    manifest.write_manifest(_clips("b", "a")[::-1].iloc[:, ::-1], tmp_path / "2.tsv")
    assert (tmp_path / "1.tsv").read_bytes() == (tmp_path / "2.tsv").read_bytes()
    assert (tmp_path / "1.tsv").read_text().splitlines()[
        1
    ] == "a\trgb/x.avi\t\t\t1.5\t3+11\tP001\tsplit1 split3\t\tsplit2\t"


def test_tables_may_be_empty(tmp_path: Path) -> None:
    manifest.write_manifest(_clips("a")[:0], tmp_path / "m.tsv")
    manifest.write_status([], tmp_path / "s.tsv")
    manifest.write_excluded([], tmp_path / "e.tsv")
    assert len(manifest.read_manifest(tmp_path / "m.tsv")) == 0
    assert list(manifest.read_status(tmp_path / "s.tsv")) == [
        "clip_id",
        "stage",
        "n_frames",
        *manifest.ACCOUNT,
        "reason",
    ]
    assert list(manifest.read_excluded(tmp_path / "e.tsv")) == ["clip_id", "kind", "stage", "reason"]


def test_a_reason_of_several_lines_becomes_one(tmp_path: Path) -> None:
    account = dict(zip(manifest.ACCOUNT, (9, 8, 1, 2, 9, 0), strict=True))
    row = {"clip_id": "a", "stage": "read_poses", "n_frames": 0, **account, "reason": "cut\toff\nhere"}
    manifest.write_status([row], tmp_path / "s.tsv")
    assert manifest.read_status(tmp_path / "s.tsv").to_dict("records") == [{**row, "reason": "cut\\toff\\nhere"}]


@pytest.mark.parametrize(
    ("clips", "message"),
    [
        (_clips("a", "b", "a"), "m.tsv: clip a is there twice"),
        (_clips("a", "b\tc"), r"m.tsv: clip 'b\\tc' has a tab or a line end"),
        (
            _clips("a").drop(columns=["group", "label"]),
            "m.tsv: no column label, group to write; expected clip_id, path",
        ),
    ],
)
def test_what_would_not_come_back_is_not_written(tmp_path: Path, clips: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        manifest.write_manifest(clips, tmp_path / "m.tsv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "m.tsv: is empty, expected a table"),
        ("clip_id\tpath\na\tx\n", "m.tsv: no column pose_path, start, .*; expected clip_id"),
        ("clip_id\na\tb\tc\nd\te\n", "m.tsv: line 2 has 3 columns, expected 1"),
    ],
)
def test_a_file_that_is_no_manifest_is_named(tmp_path: Path, text: str, message: str) -> None:
    write_sealed(tmp_path / "m.tsv", text)
    with pytest.raises(ValueError, match=message) as caught:
        manifest.read_manifest(tmp_path / "m.tsv")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[:-20], "cut off"),
        (lambda text: text[: text.rindex("\t")] + "\n", "line 3 has 10 columns, expected 11"),
        (lambda text: text.replace("\ta", "\t\ta") + text.splitlines()[-1] + "\tx\n", "line 4 has 12 columns"),
        (lambda text: text.replace("3+11", "3-11"), "clip 'a': label is '3-11', expected numbers joined by +"),
        (lambda text: text.replace("\nb", "\na"), "clip a is there twice"),
        (lambda text: text.replace("\nb", "\n../b"), "clip '../b': expected a name without slashes"),
        (lambda text: text.replace("\nb", "\n"), "clip '': expected a name"),
    ],
)
def test_a_damaged_manifest_never_moves_values_to_other_columns(tmp_path: Path, change: object, message: str) -> None:
    manifest.write_manifest(_clips("a", "b"), tmp_path / "m.tsv")
    write_sealed(tmp_path / "m.tsv", change(read_sealed(tmp_path / "m.tsv")))
    with pytest.raises(ValueError, match=f"m.tsv: .*{re.escape(message)}"):
        manifest.read_manifest(tmp_path / "m.tsv")


def test_a_file_name_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"m.tsv: .*udcff.*: a file's name is not in UTF-8"):
        manifest.write_manifest(
            _clips("a").assign(path=b"rgb\xff/x.avi".decode("utf-8", "surrogateescape")), tmp_path / "m.tsv"
        )


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest.write_manifest(_clips("a"), tmp_path / "m.tsv")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*m\.tsv"):
        manifest.write_manifest(_clips("b"), tmp_path / "m.tsv")
    assert [path.name for path in tmp_path.iterdir()] == ["m.tsv"]
    assert list(manifest.read_manifest(tmp_path / "m.tsv").clip_id) == ["a"]


def test_a_split_stands_on_the_index_of_its_clips() -> None:
    clips = _clips("a", "b", "c").assign(trains=["split1 split3", "split2", ""]).set_index(pd.Index([7, 3, 5]))
    clips["tests"] = ["split2", "", "split3"]
    assert manifest.official_split(clips, "split3").to_dict() == {7: "train", 3: "", 5: "test"}
    assert manifest.official_split(clips, "split1").to_dict() == {7: "train", 3: "", 5: ""}
    with pytest.raises(ValueError, match="protocol is 'split4', expected one of split1, split2, split3"):
        manifest.official_split(clips, "split4")
    clips["validates"] = ["", "split3", ""]
    assert manifest.official_split(clips, "split3").to_dict() == {7: "train", 3: "val", 5: "test"}
    with pytest.raises(ValueError, match="clip b is for train and test in split2"):
        manifest.official_split(clips.assign(tests="split2"), "split2")


def test_classes_of_clips() -> None:
    clips = _clips("a", "b").assign(label=["7", "0+11"])
    assert manifest.class_numbers(clips) == [[7], [0, 11]]
