"""MPII: annotation files, the people that they name, and the squares around them."""

from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from poseattn.clips.ids import file_of
from poseattn.datasets import mpii
from poseattn.datasets.mpii_annotations import read_people
from poseattn.datasets.mpii_poses import POSES, read_poses
from poseattn.video.crops import cut_square, to_square


def write_annotations(path: Path, images: list[str], **changes: np.ndarray) -> Path:
    """Two people an image: the joints of person p of image i are at (100 i + 10 p + joint, 50 + joint)."""
    names = [name for name in images for _ in range(2)]
    number = np.tile([0.0, 1.0], len(images))
    first = 100 * np.repeat(np.arange(len(images)), 2) + 10 * number
    joints = first[:, None, None] + np.arange(16.0)[:, None] * [1, 1] + [1, 0]
    joints[..., 1] = 50 + np.arange(16)
    joints[0, 3] = 0
    arrays = {
        "imgname": np.array(names, "S20"),
        "person": number,
        "index": number,
        "center": np.stack([first + 8, np.full(len(names), 62.0)], axis=1),
        "scale": np.full(len(names), 0.25),
        "part": joints,
        "visible": np.ones((len(names), 16)) * (np.arange(16) != 3),
        "normalize": np.full(len(names), 4.0),
    } | changes
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file[name] = array
    return path


def write_images(root: Path, images: list[str]) -> dict[str, dict[str, str]]:
    (root / "images").mkdir(parents=True, exist_ok=True)
    for name in images:
        cv2.imwrite(str(root / "images" / name), np.random.default_rng(0).integers(0, 256, (90, 240, 3), np.uint8))
    return {Path(name).stem: {"image": f"images/{name}"} for name in images}


def test_rows_are_of_all_annotated_people(tmp_path: Path) -> None:
    write_annotations(tmp_path / "annot/train.h5", ["a.jpg", "b.jpg"])
    write_annotations(tmp_path / "annot/valid.h5", ["c.jpg"])
    files = write_images(tmp_path, ["a.jpg", "c.jpg", "other.jpg"])
    rows = {row["clip_id"]: row for row in mpii.manifest_rows(tmp_path, files, ["annot/train.h5", "annot/valid.h5"])}
    assert list(rows) == ["a=0", "a=1", "b=0", "b=1", "c=0", "c=1"]
    assert {clip_id: row["path"] for clip_id, row in rows.items() if clip_id.endswith("=1")} == {
        "a=1": "images/a.jpg",
        "b=1": "",
        "c=1": "images/c.jpg",
    }
    assert rows["b=1"]["pose_path"] == "annot/train.h5=3" and rows["c=0"]["pose_path"] == "annot/valid.h5=0"
    assert [rows[name].get("trains", "") for name in rows] == ["official"] * 4 + [""] * 2
    assert [rows[name].get("tests", "") for name in rows] == [""] * 4 + ["official"] * 2
    assert {row["group"] for row in rows.values()} == {"a", "b", "c"} == {file_of(name) for name in rows}
    assert mpii.classes(tmp_path, []) == ("person",)


def test_joints_and_square_of_a_person_by_hand(tmp_path: Path) -> None:
    write_annotations(tmp_path / "annot/train.h5", ["a.jpg", "b.jpg"])
    write_images(tmp_path, ["a.jpg", "b.jpg"])
    arrays = read_poses(tmp_path / "annot/train.h5=3", {})
    assert set(arrays) == {"data", *POSES.side} and arrays["data"].shape == (1, *POSES.shape)
    assert arrays["data"][0, 0, 5].tolist() == [115.5, 54.5]  # pixel 116 of them counted from 1, its centre
    assert arrays["box"].tolist() == [[[92.5, 36.5, 142.5, 86.5]]]  # 0.25 of 200 pixels around (117.5, 61.5)
    assert arrays["size"].tolist() == [[90, 240]] and arrays["head"].tolist() == [[4]]
    first = read_poses(tmp_path / "annot/train.h5=0", {})
    assert first["valid"][0, 0].tolist() == [1, 1, 1, 0] + 12 * [1]
    assert arrays["valid"].all() and arrays["visibility"][0, 0].tolist() == [1, 1, 1, 0] + 12 * [1]


def test_broken_annotations_say_what_is_wrong(tmp_path: Path) -> None:
    path = write_annotations(tmp_path / "annot/train.h5", ["a.jpg"], part=np.zeros((2, 14, 2)))
    with pytest.raises(ValueError, match=r"train.h5: part has shape \(2, 14, 2\), expected \(2, 16, 2\)"):
        read_people(path)
    (tmp_path / "valid.h5").write_bytes(path.read_bytes()[:700])
    with pytest.raises(ValueError, match="valid.h5: no HDF5 file, or a damaged one"):
        read_people(tmp_path / "valid.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["imgname"] = np.array(["a.jpg"], "S5")
    with pytest.raises(ValueError, match="other.h5: no array person, center, .*expected imgname"):
        read_people(tmp_path / "other.h5")
    twice = write_annotations(tmp_path / "x/valid.h5", ["a.jpg"], person=np.zeros(2))
    with pytest.raises(ValueError, match="person 0 of a.jpg is there twice"):
        mpii.manifest_rows(twice.parent, {}, ["valid.h5"])
    with pytest.raises(FileNotFoundError, match="gone/train.h5"):
        mpii.manifest_rows(tmp_path, {}, ["gone/train.h5"])
    with pytest.raises(ValueError, match="test.h5: expected train.h5 or valid.h5"):
        mpii.manifest_rows(tmp_path, {}, ["test.h5"])


@pytest.mark.data
def test_the_published_validation_people(samples: Path) -> None:
    """2,958 people; the crop's centre and scale were enlarged when the file was made, so whole pixels come back."""
    files = {path.stem: {"image": f"images/{path.name}"} for path in (samples / "mpii/images").iterdir()}
    rows = mpii.manifest_rows(samples / "mpii", files, ["annot/valid.h5"])
    assert len(rows) == 2958 and sum(row["path"] != "" for row in rows) == 3
    people = read_people(samples / "mpii/annot/valid.h5")
    annotated = people.center[:, 1] + 0.5 - 15 * people.scale / 1.25
    assert abs(annotated - annotated.round()).max() < 1e-3
    assert int((people.valid == 0).sum()) == 3088 and not people.visible[people.valid == 0].any()
    np.testing.assert_allclose(people.head, 0.1 * 200 * people.scale, rtol=1e-5)  # a tenth of the crop's edge
    listed = (samples / "mpii/annot/valid_images.txt").read_text().split()
    assert set(people.image) <= set(listed)


@pytest.mark.data
def test_the_square_holds_the_annotated_person(samples: Path) -> None:
    """In the crop every joint of these three is where its share of the square says, with room around the person."""
    for row in range(3):
        arrays = read_poses(samples / f"mpii/annot/valid.h5={row}", {})
        share = to_square(arrays["data"][0, 0], arrays["box"][0])[arrays["valid"][0, 0] > 0]
        assert ((share > 0) & (share < 1)).all()
        assert 0.5 < (share.max(axis=0) - share.min(axis=0)).max() < 0.95
        people = read_people(samples / "mpii/annot/valid.h5")
        image = cv2.imread(str(samples / "mpii/images" / people.image[row]))
        assert arrays["size"].tolist() == [list(image.shape[:2])]
        crop = cut_square(image, arrays["box"][0, 0], 256)
        # the same patch around a joint, cut directly
        x, y = arrays["data"][0, 0, 8]
        side = arrays["box"][0, 0, 2] - arrays["box"][0, 0, 0]
        reach = 12 * side / 256
        patch = cut_square(image, np.array([x - reach, y - reach, x + reach, y + reach]), 24).astype(int)
        col, line = np.rint(256 * to_square(arrays["data"][0, 0, 8], arrays["box"][0, 0])).astype(int)
        same = crop[line - 12 : line + 12, col - 12 : col + 12].astype(int)
        assert np.corrcoef(same.ravel(), patch.ravel())[0, 1] > 0.9
