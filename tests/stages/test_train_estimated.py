"""Training on joints as the stage estimate_poses writes them: the Deep GRU on poses, and RPAN guided by them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from poseattn.clips.manifest import read_manifest
from poseattn.extraction.heatmaps import Maps
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet, mirrored_of
from poseattn.stages import evaluate, train
from poseattn.stages.estimate_poses import _FORM, _SIDE, joints_of
from poseattn.training.runs import split_clips
from tests import toy

MPII = BODIES["mpii"]
N_CLIPS, LENGTH, EDGE, GRID = 27, 7, 16, (4, 4)
_HEADER = {"kind": "poses", "axes": _FORM.axes, "units": _FORM.units, "side": _SIDE, "recipe": "{}", "code": ""}
_HEADER |= {"attrs": {"layout": "mpii", "weights": "standin"}}


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """The class of a clip is how high the right wrist is held; one joint in eight is not found."""
    clips = toy.write_manifest(tmp_path / "toy.tsv", N_CLIPS)
    rng = np.random.default_rng(0)
    cells = np.tile(rng.integers(0, EDGE, (len(MPII.joints), 2)), (N_CLIPS, LENGTH, 1, 1))
    cells[:, :, MPII.joints.index("right_wrist"), 0] = 1 + 6 * (np.arange(N_CLIPS)[:, None] % 3)
    with ShardWriter(tmp_path / "poses.h5", **_HEADER) as writer:
        for clip_id, cell in zip(clips.clip_id, cells, strict=True):
            heatmap = np.zeros((LENGTH, len(MPII.joints), EDGE, EDGE), np.float16)
            for frame, joint in np.ndindex(LENGTH, len(MPII.joints)):
                heatmap[frame, joint, *cell[frame, joint]] = rng.choice([0.9, 0.1], p=[7 / 8, 1 / 8])
            square, size = np.array([[0, -20, 120, 100]] * LENGTH, np.float32), np.array([[80, 120]] * LENGTH, np.int32)
            healthy = np.ones(LENGTH, np.uint8)
            found = joints_of(Maps(clip_id, heatmap, square, size, np.arange(LENGTH) / 25, healthy, None), 0.2)
            found.pop("healthy")  # which shards have only where damaged videos are kept
            writer.append(clip_id, found.pop("data"), **found)
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": '{"size": [80, 120]}'}
    side = {"time": SideArray("frame", "seconds")}
    with ShardWriter(tmp_path / "cubes.h5", **header, code="", side=side, attrs={"weights": "random"}) as writer:
        for clip_id, cell in zip(clips.clip_id, cells, strict=True):
            cube = np.zeros((LENGTH, *GRID, len(MPII.joints)), np.float16)
            for frame, joint in np.ndindex(LENGTH, len(MPII.joints)):
                cube[frame, *(cell[frame, joint] // (EDGE // 4)), joint] = 1
            writer.append(clip_id, cube, time=np.arange(LENGTH) / 25)
            writer.append(mirrored_of(clip_id), cube[:, :, ::-1][..., MPII.mirrored], time=np.arange(LENGTH) / 25)
    shared = {"manifest": tmp_path / "toy.tsv", "classes": toy.write_classes(tmp_path / "classes.txt")}
    shared |= dict.fromkeys(("poses", "glimpses", "cubes", "pieces", "attended", "heatmaps"), [])
    shared |= {"protocol": "cross_view", "seed": 0, "threads": 1, "device": "cpu", "memory": 500, "code": "c"}
    return shared | {"folder": tmp_path}


def _train(given: dict[str, Any], run: dict[str, Any], joints: list[Path]) -> dict[str, Any]:
    words = {key: value for key, value in given.items() if key != "folder"} | {"run": json.dumps(run)}
    words |= {role: [given["folder"] / f"{role}.h5"] for role in run["inputs"]}
    train.run(**words, joints=joints, start=[], out=given["folder"] / "run/checkpoint.pt")
    return words


def test_the_deep_gru_learns_what_estimated_joints_tell(given: dict[str, Any]) -> None:
    run = toy.settings(inputs={"poses": "hourglass"}, center="per_clip", differences="sampled", derivatives=1)
    run |= {"epochs": 25, "patience": 25, "mirror": True, "learning_rate": 0.02}
    words = _train(given, run, [])
    evaluate.run(
        **words, checkpoint=given["folder"] / "run/checkpoint.pt", split="test", out=given["folder"] / "scores.h5"
    )
    with Shard(given["folder"] / "scores.h5") as shard:
        hits = shard.side_all("data").argmax(axis=1) == shard.side_all("label").argmax(axis=1)
        assert len(hits) == 9 and hits.mean() > 0.8 and shard.attrs["weights"] == "standin"


def test_clips_in_which_no_joint_is_found_are_left_out_and_counted(given: dict[str, Any]) -> None:
    """Zeros in place of joints would pass for a pose."""
    lost = ["clip000", "clip001", "clip003"]
    with Shard(given["folder"] / "poses.h5") as shard:
        arrays = {clip_id: {name: shard.side(name, clip_id) for name in _SIDE} for clip_id in shard.clip_ids}
        positions = {clip_id: shard.clip(clip_id) for clip_id in shard.clip_ids}
    with ShardWriter(given["folder"] / "poses.h5", **_HEADER) as writer:
        for clip_id, side in arrays.items():
            side["valid"] *= clip_id not in lost
            writer.append(clip_id, positions[clip_id], **side)
    run = toy.settings(inputs={"poses": "hourglass"}, center="per_clip", differences="sampled", derivatives=1)
    words = _train(given, run | {"epochs": 1, "patience": 1, "mirror": True}, [])
    clips = split_clips(
        read_manifest(words["manifest"]), run, "cross_view", {"poses": ShardSet(words["poses"], "poses")}
    )
    left_out = clips[clips.excluded != ""]
    assert sorted(left_out.clip_id) == lost and set(left_out.excluded) == {"poses: no joint in any frame"}
    checkpoint = given["folder"] / "run/checkpoint.pt"
    evaluate.run(**words, checkpoint=checkpoint, split="test", out=given["folder"] / "scores.h5")
    with Shard(given["folder"] / "scores.h5") as shard:
        tested = int((left_out.split == "test").sum())
        assert tested == 2 and int(shard.attrs["n_excluded"]) == tested and not set(lost) & set(shard.clip_ids)


def test_rpan_is_guided_by_estimated_joints(given: dict[str, Any]) -> None:
    """What is left of the pose loss after training is far below that of attention that knows no joint."""
    run = toy.settings(model="rpan", inputs={"cubes": "toy"}, sampling="even", test_draws=1, mirror=True)
    run["arguments"] = {"parts": "mpii", "sharing": "joint", "pooling": "mean", "hidden": 4, "attention_size": 16}
    run["arguments"]["dropout"] = 0.0
    run |= {"epochs": 25, "patience": 25, "batch": 4, "learning_rate": 0.03, "validation": 0.0}
    run["pose_guidance"] = {"joints": "hourglass", "factor": 1, "deviation": 2, "occluded": False}
    _train(given, run, [given["folder"] / "poses.h5"])
    history = pd.read_csv(given["folder"] / "run/history.csv")
    assert history.train_loss.iloc[-1] < 0.5 * history.train_loss.iloc[0]
