"""Scores against sums written out, with a model whose logits are its input."""

import numpy as np
import pytest
import torch
from torch import nn

from poseattn.inputs.features import load_features
from poseattn.inputs.sampling import sample_test
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet
from poseattn.training.evaluate import attend, read_out, score_clips
from tests import toy

CLIPS = ["clip002", "clip000", "clip004"]


class Stub(nn.Module):
    """Logits of a step: two coordinates of its pose. Attention: the third and fourth."""

    def forward(self, pose):
        return pose[..., 15:17].contiguous(), {"temporal": pose[..., 17], "spatial": pose[..., 18:22]}


class Blind(Stub):
    def forward(self, pose):
        return super().forward(pose)[0], {}


@pytest.fixture
def features(tmp_path):
    shards = {"poses": ShardSet([toy.write_poses(tmp_path / "poses.h5", list(range(6)))], "poses")}
    return load_features(CLIPS, shards, ["pose"], toy.settings(), torch.device("cpu"), 1 << 30)


def whole(features, clip: int) -> np.ndarray:
    return features.window(np.array([clip]), np.arange(features.timeline.length[clip])[None])["pose"][0].numpy()


@pytest.mark.parametrize("readout", ["mean", "last"])
def test_scores_are_the_mean_over_draws_of_logits(features, readout):
    run = toy.settings(readout=readout, batch=2)
    logits, _ = score_clips(Blind(), features, run)
    assert logits.shape == (3, 2) and logits.dtype == np.float32
    for clip, clip_id in enumerate(CLIPS):
        pose, total = whole(features, clip).astype(np.float64), np.zeros(2)
        for draw in range(3):
            frames = sample_test("segments", [clip_id], features.timeline.length[[clip]], 4, draw, 3)[0]
            steps = [pose[frame, 15:17] for frame in frames]
            total += sum(steps) / 4 if readout == "mean" else steps[-1]
        assert np.allclose(logits[clip], total / 3, atol=1e-6)


def test_attention_is_that_of_the_first_and_the_last_draw(features):
    _, maps = score_clips(Stub(), features, toy.settings(batch=2))
    assert sorted(maps) == ["frame", "spatial", "temporal"]
    for clip, clip_id in enumerate(CLIPS):
        for window, draw in enumerate((0, 2)):
            frames = sample_test("segments", [clip_id], features.timeline.length[[clip]], 4, draw, 3)[0]
            assert maps["frame"][clip, window].tolist() == frames.tolist()
            assert (maps["temporal"][clip, window] == whole(features, clip)[frames, 17]).all()
            assert (maps["spatial"][clip, window] == whole(features, clip)[frames, 18:22]).all()


def test_a_model_without_attention_leaves_no_maps(features):
    assert score_clips(Blind(), features, toy.settings())[1] == {}


def test_an_unknown_readout_is_refused():
    with pytest.raises(ValueError, match="readout: found 'first', expected mean or last"):
        read_out(torch.zeros(1, 2, 3), toy.settings(readout="first"))


def test_probabilities_are_averaged_where_asked_for():
    logits = torch.tensor([[[0.0, 1.0], [3.0, -1.0]]])
    softmax = [[1 / (1 + np.e), np.e / (1 + np.e)], [np.e**4 / (1 + np.e**4), 1 / (1 + np.e**4)]]
    found = read_out(logits, toy.settings(average="probabilities"))
    assert np.allclose(found, np.mean(softmax, axis=0), atol=1e-6)
    sigmoid = 1 / (1 + np.exp([[0.0, -1.0], [-3.0, 1.0]]))
    found = read_out(logits, toy.settings(average="probabilities", loss="sigmoid"))
    assert np.allclose(found, sigmoid.mean(axis=0), atol=1e-6)


def test_attention_over_a_whole_clip_is_that_of_the_windows_side_by_side(tmp_path):
    """Cubes of one channel that say the frame; the map of a step is its cube plus the sum of its window."""

    class Looking(nn.Module):
        def forward(self, cube):
            values = cube[..., 0].flatten(2)
            return values, {"location": values + values.sum(dim=(1, 2))[:, None, None]}

    side = {"time": SideArray("frame", "seconds")}
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    with ShardWriter(tmp_path / "cubes.h5", **header, side=side) as writer:
        for clip_id, length in (("a", 3), ("b", 10)):
            cubes = np.arange(length, dtype=np.float16).reshape(-1, 1, 1, 1).repeat(4, axis=1)
            writer.append(clip_id, cubes, time=np.arange(length) / 10)
    run = toy.settings(sampling="windows", frames=4, rate=10, batch=2)
    shards = {"cubes": ShardSet([tmp_path / "cubes.h5"], "cubes")}
    features = load_features(["a", "b"], shards, ["cube"], run, torch.device("cpu"), 0)
    frames, maps = attend(Looking(), features, run, 1)
    assert frames.tolist() == list(range(10))
    sums = [4 * 6] * 4 + [4 * 22] * 4 + [4 * 30] * 2  # of frames 0 to 3, 4 to 7, and 6 to 9 for the last two
    assert maps["location"].tolist() == [[frame + total] * 4 for frame, total in zip(range(10), sums, strict=True)]
    frames, maps = attend(Looking(), features, run, 0)
    assert frames.tolist() == [0, 1, 2]
    assert maps["location"][:, 0].tolist() == [20, 21, 22]  # 0 + 1 + 2 + 2, at four places each
