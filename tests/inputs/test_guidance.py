"""Target heatmaps of training: where the joints of a frame are in the grid, for clips and for their mirrored twins."""

from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.datasets.pose_format import planar_format
from poseattn.inputs.guidance import PoseGuide
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import ShardWriter
from poseattn.shards.shard_set import ShardSet, mirrored_of

BODY = BODIES["penn_action"]
SIZE = (100, 400)  # rows and columns of the annotated frames, twice and four times those of the resized ones
SETTINGS = {"factor": 1, "deviation": 0.5, "occluded": True}


def _poses(path: Path) -> ShardSet:
    """Clip a: joint j of frame t is in the middle of cell (t, j mod 10), but a few are placeholders or occluded."""
    form = planar_format(BODY)
    position = np.zeros((4, 1, 13, 2), np.float32)
    for frame, joint in np.ndindex(4, 13):
        position[frame, 0, joint] = (joint % 10 + 0.5) * 40, (frame + 0.5) * 20
    valid, visibility = np.ones((2, 4, 1, 13), np.uint8)
    valid[2, 0, 5] = visibility[2, 0, 5] = visibility[1, 0, 3] = 0
    side = {"presence": np.ones((4, 1), np.uint8), "visibility": visibility, "valid": valid}
    side |= {"box": np.zeros((4, 1, 4), np.float32), "size": np.tile(np.array(SIZE, np.int32), (4, 1))}
    header = {"kind": "poses", "axes": form.axes, "units": form.units, "recipe": "{}", "code": "", "side": form.side}
    with ShardWriter(path, **header, attrs={"layout": "penn_action"}) as writer:
        writer.append("a", position, **side)
    return ShardSet([path], "poses")


def _guide(tmp_path: Path, clip_ids: list[str], **changes: object) -> PoseGuide:
    return PoseGuide(
        clip_ids, _poses(tmp_path / "poses.h5"), (50, 100), (5, 10), SETTINGS | changes, torch.device("cpu")
    )


def test_joints_are_where_the_resized_frame_shows_them(tmp_path: Path) -> None:
    target = next(_guide(tmp_path, ["a"]).windows(np.array([0]), np.array([[0, 2, 3]]), 8))
    assert target.heatmap.shape == (1, 3, 13, 50)
    for step, frame in enumerate((0, 2, 3)):
        for joint in range(13):
            counts = (frame, joint) != (2, 5)
            assert target.valid[0, step, joint] == counts
            if counts:
                assert target.heatmap[0, step, joint].argmax() == frame * 10 + joint % 10
                assert float(target.heatmap[0, step, joint].max()) == pytest.approx(1, abs=1e-6)


def test_a_twin_has_the_flipped_map_of_the_other_side(tmp_path: Path) -> None:
    guide = _guide(tmp_path, ["a", mirrored_of("a")])
    clip, twin = guide.windows(np.array([0, 1]), np.array([[1, 2], [1, 2]]), 1)
    flipped = clip.heatmap.unflatten(3, (5, 10)).flip(4).flatten(3)
    for joint, other in enumerate(BODY.mirrored):
        assert BODY.joints[joint].split("_")[-1] == BODY.joints[other].split("_")[-1]
        torch.testing.assert_close(twin.heatmap[:, :, other], flipped[:, :, joint])
        torch.testing.assert_close(twin.valid[:, :, other], clip.valid[:, :, joint])


def test_what_is_occluded_or_not_annotated_counts_only_if_asked_for(tmp_path: Path) -> None:
    frames = np.array([[1, 3, 4, 9]])
    for occluded in (True, False):
        valid = next(_guide(tmp_path, ["a"], occluded=occluded).windows(np.array([0]), frames, 1)).valid[0]
        assert valid[0].sum() == 12 + occluded
        assert valid[1].all()
        assert not valid[2:].any()


def test_a_clip_without_joints_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no joints of clip b, nor of 1 others"):
        _guide(tmp_path, ["a", "c", mirrored_of("b")])
