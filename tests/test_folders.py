"""What stands in folders of raw files."""

import os
from pathlib import Path

import pytest

from poseattn.folders import entries, is_folder, stat_of


def _names(folder: Path, *, is_deep: bool = True) -> list[str]:
    return sorted(os.path.relpath(entry.path, folder) for entry in entries(folder, is_deep))


def test_hidden_names_are_no_data(tmp_path: Path) -> None:
    for name in (".git/annex", ".snapshot/a", ".ipynb_checkpoints", "a/.b", "a/c"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a/._d.avi").touch()
    assert _names(tmp_path) == ["a", "a/c"]
    assert _names(tmp_path, is_deep=False) == ["a"]
    assert _names(tmp_path / "none") == []


def test_folders_that_links_lead_to_are_looked_at_once_and_by_their_own_way(tmp_path: Path) -> None:
    """A link to a parent ends, and the order of names does not matter."""
    (tmp_path / "m/deep").mkdir(parents=True)
    (tmp_path / "m/deep/x.avi").touch()
    for link, target in (("a", "m"), ("m/deep/up", ".."), ("z", "m/deep"), ("other", "elsewhere")):
        (tmp_path / link).symlink_to(tmp_path / target if target != ".." else tmp_path)
    (tmp_path / "elsewhere").mkdir()
    assert _names(tmp_path) == ["a", "elsewhere", "m", "m/deep", "m/deep/up", "m/deep/x.avi", "other", "z"]


def test_what_is_not_there_is_none_and_what_is_no_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "nowhere").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    for name in ("gone", "nowhere", "file/x", "x" * 300):
        assert stat_of(tmp_path / name) is None and not is_folder(tmp_path / name)
    with pytest.raises(ValueError, match="loop: links that lead in a loop, expected a file or a folder"):
        stat_of(tmp_path / "loop")
    for path in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(ValueError, match=f"{path}: a pipe, a socket or a device, expected a file or a folder"):
            stat_of(path)


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").mkdir()
    scandir = os.scandir

    def broken(path: str) -> object:
        if path.endswith("a"):
            raise OSError(5, "Input/output error", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", broken)
    with pytest.raises(OSError, match=r"Input/output error: .*a"):
        _names(tmp_path)
