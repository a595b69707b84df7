"""What each shard of a real data set is made from, in digits."""

import os
from pathlib import Path

import pytest

from poseattn.clips.raw_digests import RawDigests, digest_of_classes

FOLDERS = {"frames": "frames/*/"}
LIST = "path,label,split,start,subject\n"
SPLITS = ["splits/*_test_split*.txt"]


def _make(root: Path, *names: str, text: str = "12345") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
        os.utime(root / name, ns=(9, 9))


def _clips(root: Path, patterns: dict[str, str] = FOLDERS) -> str:
    return RawDigests(root, "penn_action", patterns, [], 1).of_clips(0)


def _own(root: Path, *lines: str, n_shards: int = 1) -> RawDigests:
    (root / "clips.csv").write_text(LIST + "".join(f"{line}\n" for line in lines))
    return RawDigests(root, "csv", {"video": "clips.csv"}, ["clips.csv"], n_shards)


def test_a_new_a_replaced_and_a_touched_file_change_the_digest(tmp_path: Path) -> None:
    patterns = {"video": "rgb/*.avi"}
    _make(tmp_path, "rgb/a.avi")
    seen = [_clips(tmp_path, patterns)]
    os.utime(tmp_path / "rgb/a.avi", ns=(1, 2))
    seen.append(_clips(tmp_path, patterns))
    _make(tmp_path, "rgb/a.avi", text="longer")
    seen.append(_clips(tmp_path, patterns))
    _make(tmp_path, "rgb/b.avi")
    seen.append(_clips(tmp_path, patterns))
    assert len(set(seen)) == 4
    assert _clips(tmp_path, patterns) == seen[-1]


@pytest.mark.parametrize(
    "edit", ["overwritten", "longer", "one more", "one fewer", "renamed", "gone", "a link to nowhere"]
)
def test_a_folder_of_images_is_watched_by_its_images(tmp_path: Path, edit: str) -> None:
    names = [f"frames/0001/{number:06d}.jpg" for number in (1, 2, 3)]
    _make(tmp_path, *names, "frames/0002/000001.jpg")
    _make(tmp_path, "own/1.jpg", "own/2.jpg")
    image, folder = tmp_path / names[1], tmp_path / "frames/0001"
    before = _clips(tmp_path)
    _make(tmp_path, "frames/0001/.DS_Store", "frames/0001/Thumbs.db")
    os.utime(folder)
    assert _clips(tmp_path) == before
    if edit == "overwritten":
        os.utime(image, ns=(9, 10))
    elif edit == "longer":
        _make(tmp_path, names[1], text="123456")
    elif edit == "one more":
        _make(tmp_path, "frames/0001/000004.jpg")
    elif edit == "renamed":
        image.rename(folder / "000007.JPG")
    else:
        image.unlink()
        if edit == "a link to nowhere":
            image.symlink_to("gone")
        elif edit == "gone":
            for path in folder.iterdir():
                path.unlink()
            folder.rmdir()
    assert _clips(tmp_path) != before


def test_a_missing_file_that_appears_changes_its_shard(tmp_path: Path) -> None:
    """Behind a link to nowhere as git-annex leaves it, and named by an own list: as a file, an image or a folder."""
    (tmp_path / "rgb").mkdir()
    (tmp_path / "rgb/a.avi").symlink_to("../store/a")
    before = _clips(tmp_path, {"video": "rgb/*.avi"})
    _make(tmp_path, "store/a")
    assert _clips(tmp_path, {"video": "rgb/*.avi"}) != before
    for name, file in (("x.avi", "x.avi"), ("y.jpg", "y.jpg"), ("z", "z/1.jpg")):
        _make(tmp_path, "here.avi")
        lines = ["here.avi,a,train,,", f"{name},b,test,,"]
        before = _own(tmp_path, *lines).of_clips(0)
        _make(tmp_path, file)
        assert _own(tmp_path, *lines).of_clips(0) != before


def test_an_own_list_is_taken_by_its_lines(tmp_path: Path) -> None:
    """0.avi and 2.avi are in shard 1 of 2, 4.avi in shard 0."""
    _make(tmp_path, "0.avi", "2.avi", "4.avi")
    lines = ["0.avi,run,train,,", "4.avi,sit,test,,", "2.avi,run,train,3,"]

    def digests(*changed: str) -> tuple[str, ...]:
        found = _own(tmp_path, *changed, n_shards=2)
        assert found.shards == [0, 1]
        return (*map(found.of_clips, (0, 1)), *map(found.of_uses, (0, 1)))

    def moved(*changed: str) -> list[bool]:
        return [one != other for one, other in zip(digests(*lines), digests(*changed), strict=True)]

    assert moved(*lines[::-1]) == [False] * 4
    assert moved("./0.avi,run,train,,0.avi", *lines[1:]) == [False] * 4
    assert moved("0.avi,sit,train,,", *lines[1:]) == [False, False, False, True]
    assert moved(lines[0], "4.avi,sit,val,,", lines[2]) == [False, False, True, False]
    assert moved(*lines[:2], "2.avi,run,train,3,ann") == [False, False, False, True]
    assert moved("0.avi,jump,train,,", *lines[1:]) == [False, False, True, True]
    assert moved(*lines[:2], "2.avi,run,train,4,") == [False, True, False, True]
    assert moved(*lines, "none.avi,run,test,,") == [True, False, True, False]


def test_lists_of_a_protocol_move_features_only_where_they_name_other_clips(tmp_path: Path) -> None:
    for split in (1, 2, 3):
        _make(tmp_path, f"splits/wave_test_split{split}.txt", text="a.avi 1\nb.avi 2\n")
    _make(tmp_path, "a.avi", "b.avi", "c.avi")

    def digests() -> tuple[str, str]:
        found = RawDigests(tmp_path, "hmdb51", {"video": "**/*.avi"}, SPLITS, 1)
        return found.of_clips(0), found.of_uses(0)

    before = digests()
    _make(tmp_path, "splits/wave_test_split2.txt", text="a.avi 2\nb.avi 1\n")
    divided = digests()
    assert divided[0] == before[0] and divided[1] != before[1]
    _make(tmp_path, "splits/wave_test_split2.txt", text="a.avi 2\nb.avi 1\nc.avi 0\n")
    assert digests()[0] != before[0]


def test_lists_are_digested_by_name_length_and_text_of_each(tmp_path: Path) -> None:
    """A line that moves from one to the next changes the digest, and so does another name."""

    def digest(**texts: str) -> str:
        for path in (tmp_path / "splits").glob("*"):
            path.unlink()
        for name, text in texts.items():
            _make(tmp_path, f"splits/{name}.txt", text=text)
        return digest_of_classes(tmp_path, "hmdb51", SPLITS)

    one = digest(x_test_split1="a\n", x_test_split2="b\nc\n")
    assert one == digest(x_test_split2="b\nc\n", x_test_split1="a\n")
    assert one != digest(x_test_split1="a\nb\n", x_test_split2="c\n")
    assert one != digest(x_test_split1="a\n", x_test_split3="b\nc\n")
