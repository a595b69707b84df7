"""HMDB-51: split files with odd names, source films, and the published counts."""

from collections import Counter
from pathlib import Path

import pytest

from poseattn.datasets import hmdb51

FOLDER = "testTrainMulti_7030_splits"
ODD = [
    "-_FREE_#_HUGS_@_home_hug_u_cm_np2_ba_goo_10",
    "[NEW] clip!! (1)_&_more_hug_f_nm_np1_fr_med_0",
    "a b  c",
]


def write(root: Path, content: dict[str, str], end: str = " \n") -> list[str]:
    """Split files from "uses of each clip in splits 1, 2, 3"."""
    names = []
    (root / FOLDER).mkdir(exist_ok=True)
    for action in {name for name, _ in content}:
        for split in range(3):
            clips = [(clip, uses[split]) for (name, clip), uses in content.items() if name == action]
            names.append(f"{FOLDER}/{action}_test_split{split + 1}.txt")
            text = "".join(f"{clip}.avi {use}{end}" for clip, use in clips)
            (root / names[-1]).write_bytes(text.encode())
    return names


@pytest.mark.parametrize("end", [" \n", "\n", "\r\n", " \r\n"])
def test_odd_names_and_line_ends_are_ordinary(tmp_path: Path, end: str) -> None:
    lists = write(tmp_path, {("hug", clip): "120" for clip in ODD} | {("wave", "film_wave_x"): "012"}, end)
    files = {ODD[0]: {"video": f"hug/{ODD[0]}.avi"}, "unlisted": {"video": "hug/unlisted.avi"}}
    rows = {row["clip_id"]: row for row in hmdb51.manifest_rows(tmp_path, files, lists)}
    assert set(rows) == {*ODD, "film_wave_x"}
    first = {"clip_id": ODD[0], "path": f"hug/{ODD[0]}.avi", "pose_path": "", "start": "", "end": "", "label": "0"}
    first |= {"group": "-_FREE_#_HUGS_@_home", "trains": "split1", "tests": "split2", "excluded": ""}
    assert rows[ODD[0]] == first
    assert [rows[ODD[index]]["group"] for index in (1, 2)] == ["[NEW] clip!! (1)_&_more", "a b  c"]
    assert (rows["film_wave_x"]["trains"], rows["film_wave_x"]["tests"]) == ("split2", "split3")
    assert (rows["film_wave_x"]["path"], rows["film_wave_x"]["label"]) == ("", "1")


def test_a_clip_may_train_in_several_splits(tmp_path: Path) -> None:
    (row,) = hmdb51.manifest_rows(tmp_path, {}, write(tmp_path, {("wave", "clip"): "121"}))
    assert (row["trains"], row["tests"]) == ("split1 split3", "split2")


def test_missing_split_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no split file such as testTrainMulti_7030_splits/wave_test_split1.txt"):
        hmdb51.manifest_rows(tmp_path, {}, [])
    lists = write(tmp_path, {("wave", "clip"): "121"})
    with pytest.raises(ValueError, match="no file wave_test_split2.txt, though class 'wave' has other splits"):
        hmdb51.classes(tmp_path, [name for name in lists if "split2" not in name])
    (tmp_path / lists[0]).unlink()
    with pytest.raises(ValueError, match="split1.txt is missing: it says which clips train"):
        hmdb51.manifest_rows(tmp_path, {}, lists)


def test_a_list_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "wave_test_split1.txt").write_text("\ufeffa.avi 1\nb.avi 2\n")
    assert hmdb51.read_split(tmp_path / "wave_test_split1.txt") == {"a": "trains", "b": "tests"}


@pytest.mark.parametrize("line", ["clip.avi 3", "clip.avi", "clip.mp4 1"])
def test_a_broken_line_is_shown(tmp_path: Path, line: str) -> None:
    lists = write(tmp_path, {("wave", "clip"): "121"})
    (tmp_path / lists[0]).write_text(line + "\n")
    with pytest.raises(ValueError, match=f"split1.txt: line '{line}' is not of the form"):
        hmdb51.manifest_rows(tmp_path, {}, lists)


def test_a_clip_of_two_classes_is_refused(tmp_path: Path) -> None:
    lists = write(tmp_path, {("hug", "clip"): "121", ("wave", "clip"): "121"})
    with pytest.raises(ValueError, match="wave_test_split1.txt: clip 'clip' belongs to another class"):
        hmdb51.manifest_rows(tmp_path, {}, lists)


@pytest.mark.data
def test_the_official_split_files_give_the_published_counts(samples: Path) -> None:
    root = samples / "hmdb51"
    lists = [str(path.relative_to(root)) for path in sorted((root / FOLDER).iterdir())]
    assert len(lists) == 3 * 51
    names = hmdb51.classes(root, lists)
    assert list(names) == sorted((root / "class_list.txt").read_text().split())
    rows = hmdb51.manifest_rows(root, {}, lists)
    assert len(rows) == len({row["clip_id"] for row in rows}) == 6766
    for split in hmdb51.PROTOCOLS:
        training, testing = ([row for row in rows if split in row[part].split()] for part in ("trains", "tests"))
        assert (len(training), len(testing), len(rows) - len(training) - len(testing)) == (3570, 1530, 1666)
        assert set(Counter(row["label"] for row in training).values()) == {70}
        assert set(Counter(row["label"] for row in testing).values()) == {30}
    assert all(row["group"] != row["clip_id"] for row in rows)  # every genuine name has its tags


@pytest.mark.data
def test_the_real_clips_find_their_rows(samples: Path) -> None:
    root = samples / "hmdb51"
    lists = [str(path.relative_to(root)) for path in sorted((root / FOLDER).iterdir())]
    files = {path.stem: {"video": str(path.relative_to(root))} for path in (root / "hmdb51_org").rglob("*.avi")}
    rows = {row["clip_id"]: row for row in hmdb51.manifest_rows(root, files, lists) if row["path"]}
    assert set(rows) == set(files)
    trains = {row["group"]: "split1" in row["trains"].split() for row in rows.values()}
    assert trains == {"RATRACE": True, "Turnk_r_Pippi_Michel": True, "SchoolRulesHowTheyHelpUs": False}
