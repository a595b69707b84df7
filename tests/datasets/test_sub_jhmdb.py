"""sub-JHMDB: split files, joint files, and the clips that they name."""

from pathlib import Path

import numpy as np
import pytest
import scipy.io

from poseattn.datasets import sub_jhmdb
from poseattn.datasets.sub_jhmdb_poses import POSES, read_poses


def _split(root: Path, name: str, number: int, lines: list[str]) -> str:
    path = root / f"sub_splits/{name}_test_split{number}.txt"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path.relative_to(root).as_posix()


def test_rows_are_of_the_clips_that_the_splits_name(tmp_path: Path) -> None:
    names = ["a_@_7_catch_f_cm_np1_fr_med_2", "-b [x]_catch_f_cm_np1_ri_med_0"]
    lists = [_split(tmp_path, "catch", n, [f"{names[0]}.avi {1 + n % 2}", f"{names[1]}.avi 1 "]) for n in (1, 2, 3)]
    files = {names[0]: {"video": "v.avi", "joints": "j/joint_positions.mat"}, "other": {"video": "o.avi"}}
    rows = {row["clip_id"]: row for row in sub_jhmdb.manifest_rows(tmp_path, files, lists)}
    assert set(rows) == set(names)
    first = rows[names[0]]
    assert (first["path"], first["pose_path"]) == ("v.avi", "j/joint_positions.mat")
    assert (first["trains"], first["tests"]) == ("split2", "split1 split3")
    assert (rows[names[1]]["path"], rows[names[1]]["pose_path"]) == ("", "")
    assert sub_jhmdb.classes(tmp_path, lists) == ("catch",)


def test_joints_are_in_pixels_from_the_edges(tmp_path: Path) -> None:
    joints = np.random.default_rng(0).uniform(1, 200, (2, 15, 4))
    scipy.io.savemat(tmp_path / "joint_positions.mat", {"pos_img": joints})
    arrays = read_poses(tmp_path / "joint_positions.mat", {})
    assert arrays["data"].shape == (4, *POSES.shape) and set(arrays) == {"data", *POSES.side}
    for frame in range(4):
        for joint in range(15):
            assert arrays["data"][frame, 0, joint] == pytest.approx(joints[:, joint, frame] - 0.5, abs=1e-4)
        low, high = joints[:, :, frame].min(axis=1) - 0.5, joints[:, :, frame].max(axis=1) - 0.5
        assert arrays["box"][frame, 0] == pytest.approx([*low, *high], abs=1e-4)
    assert arrays["size"].tolist() == [[240, 320]] * 4


def test_other_joints_are_refused(tmp_path: Path) -> None:
    scipy.io.savemat(tmp_path / "x.mat", {"pos_img": np.zeros((2, 13, 4))})
    with pytest.raises(ValueError, match=r"pos_img has shape \(2, 13, 4\), expected"):
        read_poses(tmp_path / "x.mat", {})


@pytest.mark.data
def test_the_real_joint_file_has_a_row_for_each_decoded_frame(samples: Path) -> None:
    (path,) = (samples / "jhmdb/estimated_joint_positions").rglob("joint_positions.mat")
    arrays = read_poses(path, {})
    assert arrays["data"].shape == (40, 1, 15, 2)  # its container claims 48
