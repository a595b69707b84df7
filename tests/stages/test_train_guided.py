"""Training whose attention the pose guides, by the stages: features that show each joint, in clips and in twins."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from poseattn.datasets.pose_format import planar_format
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from poseattn.shards.shard_set import mirrored_of
from poseattn.stages import evaluate, train
from tests import toy

BODY = BODIES["penn_action"]
JOINTS, GRID, FRAME, SIZE, LENGTH = len(BODY.joints), (3, 5), (30, 80), (60, 240), 6
N_CLIPS = 27  # 9 of each camera; those of camera 1 are tested
RUN = toy.settings() | {
    "run": "toy_rpan", "model": "rpan", "inputs": {"cubes": "toy"}, "frames": 4, "sampling": "even", "test_draws": 1,
    "arguments": {"parts": "penn_action", "sharing": "joint", "pooling": "mean", "hidden": 4, "attention_size": 16,
                  "dropout": 0.0},
    "mirror": True, "epochs": 40, "patience": 40, "batch": 4, "learning_rate": 0.03, "loss_steps": "sum",
    "validation": 0.0, "readout": "last",
    "pose_guidance": {"joints": "annotated", "factor": 1, "deviation": 1, "occluded": True},
}  # fmt: skip


@pytest.fixture
def cells() -> np.ndarray:
    """Row and column of the cell of each joint, (clip, frame, joint, 2); left and right differ."""
    rng = np.random.default_rng(5)
    return np.stack([rng.integers(side, size=(N_CLIPS, LENGTH, JOINTS)) for side in GRID], axis=-1)


@pytest.fixture
def given(tmp_path: Path, cells: np.ndarray) -> dict[str, object]:
    """Channel j of a cube is 1 in the cell of joint j; a twin is the flipped cube whose sides have changed places."""
    clips = toy.write_manifest(tmp_path / "toy.tsv", N_CLIPS)
    toy.write_classes(tmp_path / "classes.txt")
    header = {"units": "1", "code": "", "side": {"time": SideArray("frame", "seconds")}}
    recipe, axes = json.dumps({"size": FRAME}), "frame row col channel"
    with ShardWriter(tmp_path / "cubes.h5", kind="cubes", axes=axes, recipe=recipe, **header) as writer:
        for clip_id, cell in zip(clips.clip_id, cells, strict=True):
            cube = np.zeros((LENGTH, *GRID, JOINTS), np.float16)
            for frame, joint in np.ndindex(LENGTH, JOINTS):
                cube[frame, *cell[frame, joint], joint] = 1
            writer.append(clip_id, cube, time=np.arange(LENGTH) / 30)
            writer.append(mirrored_of(clip_id), cube[:, :, ::-1][..., BODY.mirrored], time=np.arange(LENGTH) / 30)
    form = planar_format(BODY)
    header = {"kind": "poses", "axes": form.axes, "units": form.units, "recipe": "{}", "code": "", "side": form.side}
    with ShardWriter(tmp_path / "poses.h5", **header, attrs={"layout": "penn_action"}) as writer:
        for clip_id, cell in zip(clips.clip_id, cells, strict=True):
            position = ((cell + 0.5) / GRID * SIZE)[..., ::-1].astype(np.float32)  # the middle of the cell
            flags = np.ones((LENGTH, 1, JOINTS), np.uint8)
            side = {"presence": flags[..., 0], "visibility": flags, "valid": flags}
            side |= {
                "box": np.zeros((LENGTH, 1, 4), np.float32),
                "size": np.tile(np.array(SIZE, np.int32), (LENGTH, 1)),
            }
            writer.append(clip_id, position[:, None], **side)
    shared = {"manifest": tmp_path / "toy.tsv", "classes": tmp_path / "classes.txt", "poses": [], "glimpses": []}
    shared |= {"pieces": [], "attended": [], "heatmaps": []}
    shared |= {"cubes": [tmp_path / "cubes.h5"], "run": json.dumps(RUN), "protocol": "cross_view", "seed": 0}
    return shared | {"threads": 1, "device": "cpu", "memory": 500, "code": "c0de"}


def test_attention_learns_to_find_the_joints_of_unseen_clips(
    given: dict[str, object], cells: np.ndarray, tmp_path: Path
) -> None:
    train.run(**given, joints=[tmp_path / "poses.h5"], start=[], out=tmp_path / "run/checkpoint.pt")
    scores = tmp_path / "scores.h5"
    evaluate.run(**given, checkpoint=tmp_path / "run/checkpoint.pt", split="test", out=scores)
    numbers = {
        clip_id: number for number, clip_id in enumerate(toy.write_manifest(tmp_path / "x.tsv", N_CLIPS).clip_id)
    }
    hits = []
    with Shard(scores, kind="scores") as shard:
        assert shard.n_rows == N_CLIPS // 3
        for clip_id in shard.clip_ids:
            frame, heatmap = (shard.side(name, clip_id)[0, 0] for name in ("frame", "heatmap"))
            cell = cells[numbers[clip_id], frame]
            hits.append(heatmap.argmax(-1) == cell[..., 0] * GRID[1] + cell[..., 1])
    assert np.mean(hits) > 0.95
    history = pd.read_csv(tmp_path / "run/history.csv")
    assert history.train_loss.iloc[-1] < 0.5 * history.train_loss.iloc[0]


def test_joints_and_settings_belong_together(given: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pose_guidance is {'joints'.*and 0 files are given for it"):
        train.run(**given, joints=[], start=[], out=tmp_path / "run/checkpoint.pt")


def test_another_guidance_is_another_run(given: dict[str, object], tmp_path: Path) -> None:
    run = RUN | {"epochs": 1}
    train.run(
        **given | {"run": json.dumps(run)}, joints=[tmp_path / "poses.h5"], start=[], out=tmp_path / "run/checkpoint.pt"
    )
    asked = run | {"pose_guidance": run["pose_guidance"] | {"deviation": 10}}
    with pytest.raises(ValueError, match="trained with pose_guidance .* asked to score"):
        evaluate.run(
            **given | {"run": json.dumps(asked)}, checkpoint=tmp_path / "run/checkpoint.pt", split="test",
            out=tmp_path / "scores.h5",
        )  # fmt: skip
