"""Penn Action: label files as they vary, the placeholders, and the published counts."""

import errno
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io

from poseattn.datasets import penn_action
from poseattn.datasets.penn_action_poses import POSES, read_labels, read_poses
from tests.failing import refuse


def write_labels(path: Path, **changes: Any) -> Path:
    fields = {
        "action": "squat", "pose": "front", "x": np.full((3, 13), 40, np.uint8), "y": np.full((3, 13), 60, np.uint16),
        "visibility": np.ones((3, 13), np.uint8), "train": np.int32(1), "nframes": np.uint8(3),
        "bbox": np.array([[1.0, 2, 30, 40]] * 3), "dimensions": np.array([[270, 480, 3]], np.uint16),
    }  # fmt: skip
    scipy.io.savemat(path, {name: value for name, value in (fields | changes).items() if value is not None})
    return path


def test_a_label_file_of_small_integers(tmp_path: Path) -> None:
    labels = read_labels(write_labels(tmp_path / "0001.mat"))
    assert (labels.action, labels.trains, labels.size) == ("squat", True, (270, 480))
    assert labels.position.shape == (3, 13, 2) and labels.position.dtype == np.float32
    assert labels.position[0, 0].tolist() == [39.5, 59.5]  # pixel 1 is the first, and half a pixel from the edge
    assert labels.box[0].tolist() == [0.5, 1.5, 29.5, 39.5]
    assert labels.valid.all() and labels.visibility.all()
    assert not read_labels(write_labels(tmp_path / "0002.mat", train=np.int16(-1))).trains


def test_placeholders_are_told_from_guesses(tmp_path: Path) -> None:
    x, y, seen = np.full((3, 13), 40.0), np.full((3, 13), 60.0), np.ones((3, 13))
    x[0, 0] = y[0, 0] = 1  # visible: a joint in the corner
    x[0, 1] = y[0, 1] = 2 / 3  # placeholders, scaled with the clip
    x[1, 2] = y[1, 2] = 1.5
    x[2, 3], y[2, 3] = 1, 50  # a guess at the left edge
    seen[[0, 1, 2, 2], [1, 2, 3, 4]] = 0
    labels = read_labels(write_labels(tmp_path / "0001.mat", x=x, y=y, visibility=seen))
    assert np.argwhere(labels.valid == 0).tolist() == [[0, 1], [1, 2]]
    assert (labels.visibility == 0).sum() == 4


def test_a_box_that_lacks_repeats_the_last(tmp_path: Path) -> None:
    boxes = np.array([[1.0, 1, 5, 5], [2, 2, 2, 2]])
    assert read_labels(write_labels(tmp_path / "0001.mat", bbox=boxes)).box[:, 0].tolist() == [0.5, 1.5, 1.5]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": None}, "no array x in it"),
        ({"x": np.zeros((2, 13))}, r"x has shape \(2, 13\), expected 3 frames of 13 numbers"),
        ({"y": np.full((3, 13), np.nan)}, "y has no frames, or numbers that are not finite"),
        ({"bbox": np.zeros((3, 3))}, r"bbox has shape \(3, 3\), expected 3 frames of 4 numbers"),
        ({"bbox": np.zeros((1, 4))}, r"bbox has shape \(1, 4\), expected 3 frames of 4 numbers"),
        ({"bbox": np.full((3, 4), np.inf)}, "bbox has no frames, or numbers that are not finite"),
        ({"nframes": np.zeros((0, 0))}, r"nframes is \[\], expected 1 numbers"),
        ({"nframes": "three"}, "nframes is .'three'., expected 1 numbers"),
        ({"dimensions": np.array([[0, 480, 3]])}, "dimensions 0 x 480, train 1, 1 actions; expected a size"),
        ({"dimensions": np.array([[480]])}, r"dimensions is \[480\], expected 2 numbers"),
        ({"train": np.int32(0)}, "dimensions 270 x 480, train 0, 1 actions; expected a size, 1 or -1"),
        ({"action": np.zeros((0,))}, "0 actions; expected"),
    ],
)
def test_a_broken_label_file_is_one_sentence_and_its_clip_excluded(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    path = write_labels(tmp_path / "0001.mat", **changes)
    with pytest.raises(ValueError, match=message):
        read_poses(path, {})
    (row,) = penn_action.manifest_rows(tmp_path, {"0001": {"labels": "0001.mat"}}, [])
    assert "trains" not in row and "tests" not in row
    with pytest.raises(ValueError, match=f"^build_manifest: label file: .*{message}"):
        raise ValueError(row["excluded"])


def test_an_unknown_action_is_excluded_by_name(tmp_path: Path) -> None:
    write_labels(tmp_path / "0001.mat", action="juggling")
    (row,) = penn_action.manifest_rows(tmp_path, {"0001": {"labels": "0001.mat"}}, [])
    assert row["excluded"] == "build_manifest: action 'juggling' is none of the 15 of Penn Action"
    assert row["trains"] == "official"


def test_a_clip_without_a_label_file_is_excluded() -> None:
    (row,) = penn_action.manifest_rows(Path(), {"0001": {"frames": "frames/0001"}}, [])
    assert (row["path"], row["excluded"]) == ("frames/0001", "build_manifest: no label file")


@pytest.mark.parametrize("number", [errno.EIO, errno.EACCES, errno.ENOENT, errno.ESTALE])
def test_a_label_file_that_cannot_be_read_moves_no_clip_out_of_its_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    files = {name: {"labels": write_labels(tmp_path / f"{name}.mat").name} for name in ("0001", "0002")}
    refuse(monkeypatch, tmp_path / "0002.mat", number)
    with pytest.raises(OSError, match="0002.mat") as raised:
        penn_action.manifest_rows(tmp_path, files, [])
    assert raised.value.errno == number


def test_files_of_other_names_are_left_aside_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    files = {
        "0001": {"labels": write_labels(tmp_path / "0001.mat").name},
        "0001 (1)": {"labels": "labels/0001 (1).mat"},
    }
    assert [row["clip_id"] for row in penn_action.manifest_rows(tmp_path, files, [])] == ["0001"]
    assert caplog.messages == ["labels/0001 (1).mat is left aside: expected a name such as 0001"]


def test_a_file_that_is_no_matlab_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0001.mat").write_bytes(b"MATLAB" * 40)
    with pytest.raises(ValueError, match="damaged, or no MATLAB file"):
        read_labels(tmp_path / "0001.mat")


def test_rows_say_class_and_part(tmp_path: Path) -> None:
    write_labels(tmp_path / "0001.mat", train=np.int32(-1))
    (row,) = penn_action.manifest_rows(tmp_path, {"0001": {"labels": "0001.mat", "frames": "frames/0001"}}, [])
    assert (row["path"], row["pose_path"], row["label"], row["tests"]) == ("frames/0001", "0001.mat", "11", "official")


@pytest.mark.data
def test_every_real_label_file_is_read(samples: Path) -> None:
    """1,550 of the 2,326 files; the counts of the data-set card bound those of the classes."""
    files = sorted((samples / "penn_action/Penn_Action/labels").glob("*.mat"))
    clips = {path.stem: {"labels": path.relative_to(samples).as_posix()} for path in files}
    rows = penn_action.manifest_rows(samples, clips, [])
    assert len(rows) == 1550 and all(len({"trains", "tests"} & row.keys()) == 1 for row in rows)
    published = {
        "baseball_pitch": (104, 63), "baseball_swing": (115, 58), "bench_press": (69, 71), "bowl": (135, 85),
        "clean_and_jerk": (43, 45), "golf_swing": (89, 77), "jump_rope": (40, 42), "jumping_jacks": (56, 56),
        "pullup": (98, 101), "pushup": (104, 107), "situp": (50, 50), "squat": (114, 117), "strum_guitar": (46, 48),
        "tennis_forehand": (80, 77), "tennis_serve": (115, 71),
    }  # fmt: skip
    assert sorted(published) == list(penn_action.CLASSES)
    found = Counter((penn_action.CLASSES[int(row["label"])], "trains" in row) for row in rows)
    for name, (training, testing) in published.items():
        assert 0 < found[name, True] <= training and 0 < found[name, False] <= testing
    arrays = read_poses(files[0], {})
    assert arrays["data"].shape[1:] == POSES.shape and set(arrays) == {"data", *POSES.side}
    invisible = sum(int((labels.visibility == 0).sum()) for labels in map(read_labels, files))
    hidden = sum(int((labels.valid == 0).sum()) for labels in map(read_labels, files))
    assert hidden / invisible == pytest.approx(187_352 / 469_501, abs=0.02)  # of all 2,326 files
