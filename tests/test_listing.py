"""Raw files: found, spread over shards and fingerprinted."""

import os
from pathlib import Path

import pytest

from poseattn import listing

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
    found = [(file.clip_id, file.kind, file.path) for file in listing.scan(tmp_path, patterns)]
    assert found == [("0001", "frames", "frames/0001"), ("a [b]", "joints", "joints/catch/a [b]/x.mat")]
    assert listing.scan(tmp_path, {"x": "joints/catch/*/x.mat"})[0].clip_id == "a [b]"
    assert listing.find_root(tmp_path, patterns) == tmp_path
    before = listing.digest(listing.scan(tmp_path, patterns))
    _make(tmp_path, "frames/0001/2.jpg")
    os.utime(tmp_path / "frames/0001", ns=(5, 5))
    assert listing.digest(listing.scan(tmp_path, patterns)) != before


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


def test_a_clip_keeps_its_shard_when_others_come_and_all_shards_are_used() -> None:
    ids = [f"S{setup:03d}C001P001R001A{action:03d}" for setup in range(1, 18) for action in range(1, 61)]
    shards = [listing.shard_of(clip_id, 10) for clip_id in ids]
    assert set(shards) == set(range(10))
    assert listing.shard_of("S001C001P001R001A001", 100) == 35  # CRC-32 of the id: 0xdcb5eb8b = 3702909835


def test_parts_of_a_file_share_its_shard_and_other_signs_do_not_count() -> None:
    assert listing.part_of("--1DO2V4K74", 3) == "--1DO2V4K74=3"
    for name in ("S001C001P001R001A001", "-_FREE_HUGS_-_Abrazos_wave_1", "a=b", "=4", "Training_Day_#_7", "lr=0.1__a"):
        assert listing.file_of(name) == name
        assert listing.file_of(listing.part_of(name, 12)) == name
        shards = {listing.shard_of(listing.part_of(name, number), 997) for number in range(30)}
        assert shards == {listing.shard_of(name, 997)}


def test_digest_notices_a_new_a_replaced_and_a_touched_file(tmp_path: Path) -> None:
    def digest() -> str:
        return listing.digest(listing.scan(tmp_path, PATTERNS))

    _make(tmp_path, "rgb/a_rgb.avi")
    os.utime(tmp_path / "rgb/a_rgb.avi", ns=(1, 1))
    seen = [digest()]
    os.utime(tmp_path / "rgb/a_rgb.avi", ns=(1, 2))
    seen.append(digest())
    (tmp_path / "rgb/a_rgb.avi").write_bytes(b"longer")
    os.utime(tmp_path / "rgb/a_rgb.avi", ns=(1, 2))
    seen.append(digest())
    _make(tmp_path, "rgb/b_rgb.avi")
    seen.append(digest())
    assert len(set(seen)) == 4
    assert digest() == seen[-1]
    assert listing.digest([], "a") != listing.digest([], "b")
