"""Rows of lost frames never reach a model: from shards with the side array `healthy` to windows of features."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.inputs.features import load_features
from poseattn.inputs.windows import scoring_windows, training_windows
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet
from tests import toy

CPU, ENOUGH = torch.device("cpu"), 1 << 30
HEADER = {"units": "1", "code": "", "attrs": {"weights": "random", "device": "cpu"}}


def _cubes(path: Path, clips: dict[str, list[int] | None], kept: bool = True) -> ShardSet:
    """Rows that hold their own number plus 1; zeros in frames that are not healthy."""
    side = {"time": SideArray("frame", "seconds")} | ({"healthy": SideArray("frame", "1")} if kept else {})
    with ShardWriter(path, kind="cubes", axes="frame channel", recipe="{}", side=side, **HEADER) as writer:
        for clip_id, healthy in clips.items():
            mask = np.array(healthy, np.uint8)
            rows = ((np.arange(len(mask)) + 1) * mask)[:, None].astype(np.float16)
            arrays = {"time": np.arange(len(mask)) / 10} | ({"healthy": mask} if kept else {})
            writer.append(clip_id, rows, **arrays)
    return ShardSet([path], "cubes")


@pytest.mark.parametrize("sampling", ["segments", "consecutive", "even", "windows"])
@pytest.mark.parametrize("budget", [ENOUGH, 0])
def test_no_row_of_zeros_reaches_a_model(tmp_path: Path, sampling: str, budget: int) -> None:
    cubes = _cubes(tmp_path / "a.h5", {"a": [0, 1, 1, 0, 0, 1, 1, 0, 1, 0], "b": [1] * 7, "c": [0, 0, 1]})
    run = toy.settings(sampling=sampling, frames=4, test_draws=3, rate=10.0, training_stride=1, test_stride=1)
    features = load_features(["c", "a", "b"], {"cubes": cubes}, ["global_feature"], run, CPU, budget)
    clips = np.array([0, 1, 2])
    for windows in (
        training_windows(run, features.timeline, clips, np.random.default_rng(0)),
        scoring_windows(run, features.timeline, clips),
    ):
        rows = features.window(windows.clips, windows.frames)["global_feature"][..., 0].numpy()
        assert (rows == windows.frames + 1).all()  # the frame that is recorded is the one that was read
    assert features.timeline.healthy[0].tolist() == [0, 0, 1] and features.timeline.healthy[2] is None


def test_files_that_say_nothing_and_clips_without_damage_are_read_as_ever(tmp_path: Path) -> None:
    whole = {"a": [1] * 9, "b": [1] * 4}
    run = toy.settings(sampling="segments", frames=4)
    for kept in (True, False):
        cubes = _cubes(tmp_path / f"{kept}.h5", whole, kept)
        features = load_features(["a", "b"], {"cubes": cubes}, ["global_feature"], run, CPU, ENOUGH)
        assert features.timeline.healthy is None


def test_a_frame_counts_only_if_it_is_healthy_in_all_inputs(tmp_path: Path) -> None:
    """Glimpses of a clip of 7 frames, of which the cubes lost two; then so many that no frame is left."""
    side = {"mask": SideArray("frame hand", "1"), "healthy": SideArray("frame", "1")}
    with ShardWriter(
        tmp_path / "g.h5", kind="glimpses", axes="frame hand channel", recipe="{}", side=side, **HEADER
    ) as writer:
        healthy = np.array([1, 0, 1, 1, 1, 1, 1], np.uint8)
        writer.append("a", np.ones((7, 4, 2), np.float16), mask=np.ones((7, 4), np.uint8), healthy=healthy)
    glimpses = ShardSet([tmp_path / "g.h5"], "glimpses")
    cubes = {"glimpses": glimpses, "cubes": _cubes(tmp_path / "a.h5", {"a": [1, 1, 0, 1, 1, 0]})}
    features = load_features(["a"], cubes, ["glimpse", "global_feature"], toy.settings(), CPU, ENOUGH)
    assert features.timeline.length.tolist() == [6] and features.timeline.healthy[0].tolist() == [1, 0, 0, 1, 1, 0]
    cubes["cubes"] = _cubes(tmp_path / "b.h5", {"a": [0, 1, 0, 0, 0, 0]})
    with pytest.raises(ValueError, match="^clip a: no frame is healthy in all of cubes, glimpses$"):
        load_features(["a"], cubes, ["glimpse", "global_feature"], toy.settings(), CPU, ENOUGH)


def _pieces(path: Path, stride: int, healthy: list[int]) -> ShardSet:
    recipe = json.dumps({"length": 16, "stride": stride})
    side = {"time": SideArray("piece", "seconds"), "healthy": SideArray("piece", "1")}
    mask = np.array(healthy, np.uint8)
    rows = ((np.arange(len(mask)) + 1) * mask)[:, None].astype(np.float16)
    with ShardWriter(path, kind="pieces", axes="piece channel", recipe=recipe, side=side, **HEADER) as writer:
        writer.append("a", rows, time=np.arange(len(mask)) * stride / 10, healthy=mask)
    return ShardSet([path], "pieces")


@pytest.mark.parametrize("budget", [ENOUGH, 0])
def test_chunks_take_the_nearest_healthy_row_of_the_chunk(tmp_path: Path, budget: int) -> None:
    """Of pieces and of what is attended to, each on its own grid; a chunk with nothing healthy looks beyond itself."""
    rng = np.random.default_rng(0)
    masks = {"pieces": (rng.random(20) < 0.4).astype(int).tolist(), "attended": (rng.random(40) < 0.3).astype(int)}
    masks["pieces"][8:12], masks["attended"] = [0, 0, 0, 0], masks["attended"].tolist()
    shards = {role: _pieces(tmp_path / f"{role}.h5", 16 if role == "pieces" else 8, masks[role]) for role in masks}
    run = toy.settings(sampling="chunks", frames=4, chunk=64, test_draws=30)
    names = ["input_features", "attended_features"]
    features = load_features(["a"], shards, names, run, CPU, budget)
    windows = scoring_windows(run, features.timeline, np.array([0]))
    found = features.window(windows.clips, windows.frames)
    assert 8 in windows.frames[:, 0]
    for name, role, rows in (("input_features", "pieces", 4), ("attended_features", "attended", 8)):
        for start, got in zip(windows.frames[:, 0].tolist(), found[name][..., 0].tolist(), strict=True):
            begin = start * rows // 4
            for row in range(begin, begin + rows):
                inside = [one for one in range(begin, begin + rows) if masks[role][one]]
                among = inside or np.flatnonzero(masks[role]).tolist()
                nearest = min(among, key=lambda one: (abs(one - row), one))  # noqa: B023
                assert got[row - begin] == nearest + 1
