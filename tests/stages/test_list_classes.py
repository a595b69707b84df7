"""The names of a data set's classes: one a line, in the order of their numbers."""

import json
from pathlib import Path

import pytest

from poseattn.clips.manifest import read_classes
from poseattn.clips.raw_digests import digest_of_classes
from poseattn.stages import list_classes

LISTS = ["splits/*.txt"]


def _split_files(root: Path, *classes: str) -> Path:
    """Three split files of HMDB-51 for each class."""
    (root / "splits").mkdir(parents=True, exist_ok=True)
    for name in classes:
        for number in (1, 2, 3):
            (root / f"splits/{name}_test_split{number}.txt").write_text(f"{name}_1.avi 1\n")
    return root


def _run(root: Path, out: Path, layout: str = "hmdb51", **more: str) -> tuple[str, ...]:
    files = json.dumps({"video": "**/*.avi"})
    list_classes.run(root=root, layout=layout, files=files, lists=json.dumps(LISTS), out=out, **more)
    return read_classes(out)


def test_names_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """HMDB-51 numbers its classes by the alphabet; the file ends with a checksum."""
    root = _split_files(tmp_path / "raw", "wave", "brush_hair", "run")
    assert _run(root, tmp_path / "classes.txt") == ("brush_hair", "run", "wave")
    lines = (tmp_path / "classes.txt").read_text().splitlines()
    assert lines[:3] == ["brush_hair", "run", "wave"] and len(lines) == 4 and lines[3].startswith("# crc32 ")


def test_a_folder_that_holds_the_data_set_is_as_good_as_the_data_set(tmp_path: Path) -> None:
    _split_files(tmp_path / "raw/hmdb", "wave", "run")
    assert _run(tmp_path / "raw", tmp_path / "classes.txt") == ("run", "wave")


def test_lists_that_changed_since_the_plan_are_refused(tmp_path: Path) -> None:
    root, out = _split_files(tmp_path / "raw", "wave", "run"), tmp_path / "classes.txt"
    planned = digest_of_classes(root, "hmdb51", LISTS)
    assert _run(root, out, planned=planned) == ("run", "wave")
    _split_files(root, "walk")
    out.unlink()
    with pytest.raises(OSError, match=str(root)):
        _run(root, out, planned=planned)
    assert not out.exists()


def test_a_name_that_cannot_stand_in_a_line_is_named(tmp_path: Path) -> None:
    root = _split_files(tmp_path / "raw", "wa\tve")
    with pytest.raises(ValueError, match=r"class 'wa\\tve': expected a name that can stand in a line$"):
        _run(root, tmp_path / "classes.txt")
    assert not (tmp_path / "classes.txt").exists()
