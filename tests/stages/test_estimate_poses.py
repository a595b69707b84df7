"""Stage estimate_poses: joints are the highest places of heatmaps, in pixels of the image or video."""

from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.backbones import hourglass
from poseattn.clips.manifest import read_status
from poseattn.extraction.heatmaps import Maps
from poseattn.inputs.features import load_features
from poseattn.inputs.guidance import PoseGuide
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet, mirrored_of
from poseattn.stages.estimate_poses import joints_of
from tests.spots import RECIPE, SPOT, Spot, run_stage, write_raw

MPII = BODIES["mpii"]


@pytest.fixture
def spot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hourglass, "build", lambda *, weights, size, seed, stacks, features: Spot().eval())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image, a video of three frames whose spot moves down, a broken image and a missing one."""
    folder = tmp_path_factory.mktemp("raw")
    write_raw(folder)
    return folder


def test_joints_of_maps_by_hand() -> None:
    heatmap = np.zeros((2, 16, 4, 8), np.float16)
    heatmap[0, 0, 1, 2], heatmap[0, 5, 2, 5] = 1, 0.5
    square = np.array([[10, 20, 90, 60]] * 2, np.float32)
    maps = Maps("a", heatmap, square, np.array([[100, 200]] * 2, np.int32), np.zeros(2), np.ones(2, np.uint8), None)
    found = joints_of(maps, 0.5)
    assert found["data"][0, 0, 0].tolist() == [10 + 80 * 2.5 / 8, 20 + 40 * 1.5 / 4]
    assert found["data"][0, 0, 5].tolist() == [10 + 80 * 5.5 / 8, 20 + 40 * 2.5 / 4]
    assert found["valid"][0, 0].nonzero()[0].tolist() == [0, 5] and not found["valid"][1].any()
    assert found["box"][0, 0].tolist() == [35, 35, 65, 45] and found["box"][1, 0].tolist() == [10, 20, 90, 60]
    assert found["presence"].tolist() == [[1], [0]]


def test_joints_in_pixels_of_the_picture(spot: None, root: Path, tmp_path: Path) -> None:
    recipe = RECIPE | {"min_confidence": 0.3}
    assert run_stage("estimate-poses", root, tmp_path / "a.h5", recipe) == 0
    with Shard(tmp_path / "a.h5", kind="poses", axes="frame body joint xy") as shard:
        joints = shard.clip("v")
        assert joints.shape == (3, 1, 16, 2) and joints.dtype == np.float32
        expected = np.array([SPOT]) + [[0.5, 0.5], [0.5, 10.5], [0.5, 20.5]]
        assert abs(joints[:, 0, 0] - expected).max() < 12.5 / 2 + 1
        confidence, valid = shard.side("confidence", "v"), shard.side("valid", "v")
        np.testing.assert_array_equal(valid, confidence >= 0.3)
        assert valid[0, 0].tolist() == [1, 1, 0] + [1] * 13
        np.testing.assert_array_equal(shard.side("visibility", "v"), valid)
        assert shard.side("presence", "v").tolist() == [[1]] * 3
        assert set(shard.side_names) == {"presence", "visibility", "valid", "box", "size", "confidence"}


def test_estimated_joints_guide_attention_and_feed_models_as_annotated_ones_do(
    spot: None, root: Path, tmp_path: Path
) -> None:
    """RPAN's targets and the input of the Deep GRU, on a video and its mirrored twin."""
    assert run_stage("estimate-poses", root, tmp_path / "a.h5", RECIPE | {"min_confidence": 0.3}) == 0
    poses, twins = ShardSet([tmp_path / "a.h5"], "poses"), ["v", mirrored_of("v")]
    assert poses.is_planar
    settings = {"deviation": 2.0, "occluded": False}
    guide = PoseGuide(twins, poses, (50, 100), (4, 10), settings, torch.device("cpu"))
    target = next(guide.windows(np.array([0, 1]), np.array([[0, 2], [0, 2]]), 2))
    assert target.heatmap.shape == (2, 2, 16, 40)
    left, right = MPII.joints.index("left_hip"), MPII.joints.index("right_hip")  # the latter has a low map
    assert target.valid[0, 0].tolist() == [1, 1, 0] + [1] * 13
    assert target.valid[1, 0, [left, right]].tolist() == [0, 1]
    # 200x100 pixels are 10 columns and 4 rows: the spot is in column 6, in row 2 and then in row 3
    assert [int(row) for row in target.heatmap[0, :, 0].argmax(dim=1)] == [26, 36]
    assert [int(row) for row in target.heatmap[1, :, 5].argmax(dim=1)] == [23, 33]
    run = {"center": "per_clip", "differences": "sampled", "derivatives": 1, "sampling": "segments"}
    features = load_features(twins, {"poses": poses}, ["pose"], run, torch.device("cpu"), 1 << 30)
    window = features.window(np.array([0, 1]), np.array([[0, 1, 2], [0, 1, 2]]))["pose"]
    assert window.shape == (2, 3, 2 * 16 * 2) and bool(torch.isfinite(window).all()) and float(window.std()) > 0


def test_boxes_bring_the_person_nearer(spot: None, root: Path, tmp_path: Path) -> None:
    """Cells are 4 pixels wide instead of 12.5; the video has a frame more than boxes."""
    recipe = RECIPE | {"crop": "box", "margin": 1.6, "poses": "annotated", "min_confidence": 0.3}
    assert run_stage("estimate-poses", root, tmp_path / "a.h5", recipe, "boxes.h5") == 0
    with Shard(tmp_path / "a.h5") as shard:
        assert shard.clip_ids == ["still"]
        assert abs(shard.clip("still")[0, 0, 0] - [SPOT[0] + 0.5, SPOT[1] + 0.5]).max() < 3
    reasons = read_status(tmp_path / "a.tsv").set_index("clip_id").reason
    assert (
        reasons["v"] == "boxes have 2 frames, the video has more"
        and reasons["gone"] == "the clip has no box of a person"
    )
