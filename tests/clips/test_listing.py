"""Raw files: found, spread over shards and fingerprinted."""

import os
from pathlib import Path

import pytest

from poseattn.clips import listing

PATTERNS = {"video": "rgb/*_rgb.avi", "skeleton": "skeletons/*.skeleton"}


def _make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"12345")


def test_scan_takes_the_clip_id_from_the_star_and_passes_over_other_files(tmp_path: Path) -> None:
    _make(tmp_path, "rgb/b_rgb.avi", "rgb/a_rgb.avi", "rgb/notes.txt", "rgb/_rgb.avi", "skeletons/a.skeleton")
    found = [(file.clip_id, file.kind, file.path, file.size) for file in listing.scan(tmp_path, PATTERNS)]
    assert found == [
        ("a", "skeleton", "skeletons/a.skeleton", 5),
        ("a", "video", "rgb/a_rgb.avi", 5),
        ("b", "video", "rgb/b_rgb.avi", 5),
    ]


def test_folders_and_files_in_folders_are_clips_too(tmp_path: Path) -> None:
    _make(tmp_path, "frames/0001/1.jpg", "frames/.trash/1.jpg", "frames/notes.txt")
    _make(tmp_path, "joints/catch/a [b]/x.mat", "joints/catch/c/other.mat", "joints/x.mat")
    patterns = {"frames": "frames/*/", "joints": "joints/**/*/x.mat"}
    found = [(file.clip_id, file.kind, file.path, file.is_folder) for file in listing.scan(tmp_path, patterns)]
    assert found == [
        ("0001", "frames", "frames/0001", True),
        ("a [b]", "joints", "joints/catch/a [b]/x.mat", False),
    ]
    assert listing.scan(tmp_path, {"x": "joints/catch/*/x.mat"})[0].clip_id == "a [b]"
    assert listing.find_root(tmp_path, patterns) == tmp_path


def test_links_are_followed_and_those_to_nowhere_stand_for_missing_files(tmp_path: Path) -> None:
    """As git-annex and DVC keep files: size and mtime are those of the target."""
    _make(tmp_path, "store/key", "elsewhere/frames/1.jpg", "elsewhere/x/x.mat")
    (tmp_path / "data/rgb").mkdir(parents=True)
    (tmp_path / "data/frames").mkdir()
    links = {"rgb/a_rgb.avi": "store/key", "rgb/b_rgb.avi": "store/none", "skeletons": "elsewhere/x"}
    links |= {"frames/0001": "elsewhere/frames", "frames/0002": "elsewhere/none"}
    for name, target in links.items():
        (tmp_path / "data" / name).symlink_to(tmp_path / target)
    os.utime(tmp_path / "store/key", ns=(7, 7))
    patterns = {"video": "rgb/*_rgb.avi", "frames": "frames/*/", "mat": "skeletons/*.mat", "deep": "**/*/x.mat"}
    files = listing.scan(tmp_path / "data", patterns)
    assert [(file.clip_id, file.size, file.mtime_ns) for file in files if file.kind == "video"] == [
        ("a", 5, 7),
        ("b", -1, 0),
    ]
    assert [file.path for file in files if file.is_missing] == ["frames/0002", "rgb/b_rgb.avi"]
    assert [file.path for file in files if file.kind in ("mat", "deep")] == ["skeletons/x.mat", "skeletons/x.mat"]


def test_lists_are_found_as_files_are(tmp_path: Path) -> None:
    """In folders of any depth, also behind links, but not in hidden ones, nor by hidden names."""
    _make(tmp_path, "a/net_1.json", ".git/net_2.json", "other/net.json")
    _make(tmp_path, "lists/._wave_split1.txt", "lists/wave_split1.txt")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/other").symlink_to(tmp_path / "other")
    (tmp_path / "lists/net_3.json").mkdir()
    found = listing.find_lists(tmp_path / "a", ["**/net*.json"])
    assert found == ["net_1.json", "other/net.json"]
    assert listing.find_lists(tmp_path, ["**/net*.json", "lists/*_split*.txt", "x.txt"]) == [
        *("a/net_1.json", "other/net.json", "lists/wave_split1.txt", "x.txt"),
    ]


def test_a_name_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels" / os.fsdecode(b"caf\xe9.mat")).touch()
    with pytest.raises(ValueError, match=r"^.*: 'labels/caf\\udce9.mat': a file's name is not in UTF-8$"):
        listing.scan(tmp_path, {"labels": "labels/*.mat"})


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    _make(tmp_path, "skeletons/a.skeleton")
    assert [file.clip_id for file in listing.scan(tmp_path, PATTERNS)] == ["a"]


def test_root_is_the_folder_itself_or_the_one_that_holds_it(tmp_path: Path) -> None:
    _make(tmp_path, "other/x.txt", "release/skeletons/a.skeleton")
    assert listing.find_root(tmp_path, PATTERNS) == tmp_path / "release"
    assert listing.find_root(tmp_path / "release", PATTERNS) == tmp_path / "release"


@pytest.mark.parametrize("folder", ["", "absent"])
def test_a_wrong_root_is_named_with_what_was_expected(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ValueError, match=r"root .* (has none of the folders rgb, skeletons|is not a folder)"):
        listing.find_root(tmp_path / folder, PATTERNS)


def test_a_root_may_be_a_link_or_in_the_users_home_and_hidden_folders_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _make(tmp_path, "home/.cache/skeletons/b.skeleton", "home/release/skeletons/a.skeleton")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "link").symlink_to(tmp_path / "home")
    assert listing.find_root(Path("~"), PATTERNS) == tmp_path / "home/release"
    assert listing.find_root(Path("~/release"), PATTERNS) == tmp_path / "home/release"
    assert listing.find_root(tmp_path / "link", PATTERNS) == tmp_path / "link/release"
    with pytest.raises(ValueError, match=r"^root ~nobody-here/x: .*home"):
        listing.find_root(Path("~nobody-here/x"), PATTERNS)


def _own(root: Path, *lines: str) -> list[listing.RawFile]:
    (root / "clips.csv").write_text("\n".join(["path,label,split,start", *lines, ""]))
    return listing.scan(root, {"video": "clips.csv"})


def test_an_own_list_may_name_videos_images_and_folders_of_images(tmp_path: Path) -> None:
    _make(tmp_path, "a.avi", "b.jpg", "c/1.jpg")
    files = _own(tmp_path, "a.avi,x,train,", "./b.jpg,x,train,", "c/,x,test,", "none.avi,x,test,")
    assert [(file.clip_id, file.path, file.size, file.is_folder) for file in files] == [
        ("a", "a.avi", 5, False),
        ("b", "b.jpg", 5, False),
        ("c", "c", 0, True),
    ]


def test_one_file_by_two_names_is_not_for_training_and_for_testing(tmp_path: Path) -> None:
    """Links and hard links, as tools leave them that keep equal files once."""
    _make(tmp_path, "a.avi")
    (tmp_path / "b.avi").symlink_to("a.avi")
    (tmp_path / "c.avi").hardlink_to(tmp_path / "a.avi")
    assert len(_own(tmp_path, "a.avi,x,train,", "b.avi,x,train,", "c.avi,x,,")) == 3
    for other in ("b.avi", "c.avi"):
        with pytest.raises(ValueError, match=rf"clips.csv: seconds of '{other}', which is the same file as 'a.avi',"):
            _own(tmp_path, "a.avi,x,train,", f"{other},x,test,4")


def test_a_file_is_found_by_the_bytes_of_its_name(tmp_path: Path) -> None:
    """A file system keeps composed and decomposed letters apart, so that a path must not be composed anew."""
    decomposed = "cafe\u0301.avi"
    _make(tmp_path, decomposed)
    assert [file.path for file in _own(tmp_path, f"{decomposed},x,train,", "caf\u00e9.avi,x,test,")] == [decomposed]
