"""The stage `evaluate` on toy shards: scores worked out by hand, attributes, determinism and missing parts."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.inputs.sampling import sample_test
from poseattn.shards.shard import Shard
from poseattn.stages import evaluate, train
from poseattn.training.checkpoint import load_checkpoint, save_checkpoint
from tests import toy

N_CLIPS = 45
TESTED = [f"clip{number:03d}" for number in range(N_CLIPS) if number // 3 % 3 + 1 == 1]


@pytest.fixture(autouse=True)
def same_threads():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def folder(tmp_path):
    toy.write_manifest(tmp_path / "toy.tsv", N_CLIPS)
    toy.write_classes(tmp_path / "toy.classes.txt")
    for shard, numbers in enumerate([list(range(20)), list(range(20, N_CLIPS))]):
        toy.write_poses(tmp_path / f"poses{shard}.h5", numbers)
        toy.write_glimpses(tmp_path / f"glimpses{shard}.h5", numbers)
    return tmp_path


def score(folder: Path, run: dict, out: str = "scores.h5", **changes) -> Shard:
    """Train if there is no checkpoint yet, and score."""
    files = {
        kind: sorted(folder.glob(f"{kind}*.h5")) if kind in run["inputs"] else [] for kind in ("poses", "glimpses")
    }
    given = files | {"manifest": folder / "toy.tsv", "classes": folder / "toy.classes.txt", "cubes": []}
    given |= {"pieces": [], "attended": [], "heatmaps": []}
    given |= {"run": json.dumps(run, sort_keys=True), "protocol": "cross_view"}
    given |= {"seed": 0, "threads": 1, "device": "cpu", "memory": 2000, "code": "c0de"} | changes
    checkpoint = folder / "checkpoint.pt"
    split = given.pop("split", "test")
    if not checkpoint.exists():
        train.run(**given, joints=[], start=[], out=checkpoint)
    evaluate.run(**given, split=split, checkpoint=checkpoint, out=folder / out)
    return Shard(folder / out, kind="scores", axes="clip class")


def test_scores_of_a_network_with_weights_set_by_hand(folder):
    """A GRU of one unit whose update gate is shut is h = tanh(x), here of one coordinate of the second hip joint."""
    run = toy.settings(arguments={"hidden": 1, "layers": 1, "dropout": 0.0}, batch=4)
    coordinate = 15
    score(folder, run)
    state, about = load_checkpoint(folder / "checkpoint.pt")
    state = {name: torch.zeros_like(tensor) for name, tensor in state.items()}
    state["layers.0.weight_ih_l0"][2, coordinate] = 1.0  # rows: reset gate, update gate, new state
    state["layers.0.bias_ih_l0"][1] = -100.0
    state["classifier.weight"][:, 0] = torch.tensor([1.0, -2.0, 0.5])
    state["classifier.bias"][:] = torch.tensor([0.25, 0.0, -1.0])
    save_checkpoint(folder / "checkpoint.pt", state, about)
    scores = score(folder, run)
    assert scores.clip_ids == TESTED
    for clip_id in TESTED:
        number = int(clip_id[4:])
        pose = next(p for p in map(Shard, sorted(folder.glob("poses*.h5"))) if clip_id in p.clip_ids).clip(clip_id)
        total = np.zeros(3)
        for draw in range(3):
            frames = sample_test("segments", [clip_id], np.array([toy.clip_length(number)]), 4, draw, 3)[0]
            for frame in frames:
                state_of_frame = math.tanh(float(pose[frame, 0, 5, 0]) - float(pose[frame, 0, 1, 0]))
                total += (np.array([1.0, -2.0, 0.5]) * state_of_frame + [0.25, 0.0, -1.0]) / 4
        assert np.allclose(scores.clip(clip_id)[0], total / 3, atol=1e-5)
        assert scores.side("label", clip_id)[0].tolist() == np.eye(3)[number % 3].tolist()


def test_attributes_tell_where_scores_come_from(folder):
    excluded = {
        "clip000": "read_poses: cut short",
        "clip001": "protocol: skeleton missing",
        "clip003": "read_poses: empty",
    }
    toy.write_manifest(folder / "toy.tsv", N_CLIPS, excluded)  # clip003 is one of the training clips
    run = toy.hand_settings(note="stand-in")
    scores = score(folder, run)
    assert scores.clip_ids == TESTED[2:]
    expected = {"dataset": "toy_synthetic", "run": "toy_hands", "protocol": "cross_view", "seed": 0, "split": "test"}
    expected |= {"data": "synthetic", "weights": "random", "note": "stand-in", "device": "cpu", "threads": 1}
    expected |= {"n_excluded": 1, "n_protocol_excluded": 1, "code": "c0de", "recipe": json.dumps(run, sort_keys=True)}
    assert {name: scores.attrs[name] for name in expected} == expected
    inputs = json.loads(scores.attrs["input_versions"])
    assert inputs == [Shard(folder / "poses0.h5").attrs["versions"]]


def test_a_clip_that_an_input_lacks_counts_as_excluded(folder):
    (folder / "glimpses0.h5").unlink()
    toy.write_glimpses(folder / "glimpses0.h5", [number for number in range(20) if number != 2])
    scores = score(folder, toy.hand_settings())
    assert scores.attrs["n_excluded"] == 1 and "clip002" not in scores.clip_ids


def test_real_data_and_pose_only_runs_are_called_so(folder):
    scores = score(folder, toy.settings(dataset="toy"))
    assert (scores.attrs["data"], scores.attrs["weights"]) == ("real", "none")
    assert scores.side_names == ["label"]


def test_attention_maps_sum_to_one_and_name_their_frames(folder):
    scores = score(folder, toy.hand_settings())
    assert sorted(scores.side_names) == ["frame", "label", "spatial", "temporal"]
    assert np.allclose(scores.side_all("spatial").sum(-1), 1, atol=1e-5)
    assert np.allclose(scores.side_all("temporal").sum(-1), 1, atol=1e-5)
    length = np.array([toy.clip_length(int(clip_id[4:])) for clip_id in scores.clip_ids])
    for window, draw in enumerate((0, 2)):
        drawn = sample_test("segments", scores.clip_ids, length, 4, draw, 3)
        assert (scores.side_all("frame")[:, window] == drawn).all()


@pytest.mark.parametrize("run", [toy.settings(), toy.hand_settings()], ids=["deep_gru", "sta_hands"])
def test_two_evaluations_give_equal_arrays_and_attributes(folder, run):
    one, two = score(folder, run, "a.h5"), score(folder, run, "b.h5")
    assert one.clip_ids == two.clip_ids and one.attrs == two.attrs and one.side_names == two.side_names
    assert all((one.clip(clip_id) == two.clip(clip_id)).all() for clip_id in TESTED)
    assert all((one.side_all(name) == two.side_all(name)).all() for name in one.side_names)


def test_the_last_step_is_another_readout_of_the_same_checkpoint(folder):
    arguments = toy.hand_settings()["arguments"] | {"hands": "sum", "temporal": False}
    run = toy.hand_settings(arguments=arguments)
    mean = score(folder, run, "mean.h5")
    last = score(folder, run | {"run": "toy_last", "readout": "last"}, "last.h5")
    assert mean.clip_ids == last.clip_ids
    assert not np.allclose(mean.clip(TESTED[0]), last.clip(TESTED[0]))


def test_other_parts_can_be_scored(folder):
    parts = {split: set(score(folder, toy.settings(), split=split).clip_ids) for split in ("train", "val", "test")}
    assert [len(parts[split]) for split in ("train", "val", "test")] == [24, 6, 15]
    assert len(set.union(*parts.values())) == N_CLIPS


@pytest.mark.parametrize(
    ("protocol", "note"),
    [("no_training", "no training clip in no_training"), ("no_test", "no test clip in no_test")],
)
def test_a_protocol_that_lacks_a_part_gives_no_rows_and_says_so(folder, protocol, note):
    scores = score(folder, toy.settings(note="stand-in"), protocol=protocol)
    assert scores.n_rows == 0 and scores.row_shape == (3,) and scores.dtype == np.float32
    assert scores.attrs["note"] == f"stand-in; {note}"
    assert scores.side_all("label").shape == (0, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 1}, "checkpoint.pt: trained with seed 0, asked to score 1"),
        ({"protocol": "no_test"}, "trained with protocol 'cross_view'"),
        ({"batch": 5}, "trained with batch 8, asked to score 5"),
        ({"readout": "first"}, "readout: found 'first', expected mean or last"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(folder, change, message):
    run = toy.settings()
    score(folder, run)
    where = {name: change.pop(name) for name in ("seed", "protocol") if name in change}
    with pytest.raises(ValueError, match=message):
        score(folder, run | change, "other.h5", **where)
    assert not (folder / "other.h5").exists()
