"""Runs on pieces from shards to scores: chunks, mirrored test clips, the baseline that learns nothing, and starts."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.inputs.sampling import sample_test
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import mirrored_of
from poseattn.stages import evaluate, train
from poseattn.training.checkpoint import load_checkpoint
from tests import toy

N_CLIPS = 18
BASELINE = {"model": "piece_average", "run": "baseline", "arguments": {}, "inputs": {"pieces": "toy"}, "epochs": 0}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    threads = torch.get_num_threads()
    toy.write_manifest(tmp_path / "toy.tsv", N_CLIPS)
    toy.write_classes(tmp_path / "toy.classes.txt")
    toy.write_pieces(tmp_path / "pieces.h5", list(range(N_CLIPS)))
    toy.write_pieces(tmp_path / "fine.h5", list(range(N_CLIPS)), stride=8, channels=5)
    toy.write_pieces(tmp_path / "logits.h5", list(range(N_CLIPS)), channels=3)
    yield tmp_path
    torch.set_num_threads(threads)


def _given(folder: Path, run: dict[str, Any], pieces: str, attended: str = "", **changes: Any) -> dict[str, Any]:
    given = {"manifest": folder / "toy.tsv", "classes": folder / "toy.classes.txt"}
    given |= {"poses": [], "glimpses": [], "cubes": [], "heatmaps": [], "pieces": [folder / pieces]}
    given |= {"attended": [folder / attended] if attended else [], "run": json.dumps(run), "protocol": "cross_view"}
    return given | {"seed": 0, "threads": 1, "device": "cpu", "memory": 2000, "code": "c0de"} | changes


def _train(folder: Path, out: str, given: dict[str, Any], start: list[Path] | None = None) -> Path:
    train.run(**given, joints=[], start=start or [], out=folder / out / "checkpoint.pt")
    return folder / out / "checkpoint.pt"


def _score(folder: Path, given: dict[str, Any], checkpoint: Path) -> Shard:
    evaluate.run(**given, checkpoint=checkpoint, split="test", out=folder / "scores.h5")
    return Shard(folder / "scores.h5", kind="scores")


def test_the_baseline_is_the_mean_of_the_softmax_over_the_pieces_of_all_chunks(folder: Path) -> None:
    given = _given(folder, toy.piece_settings(**BASELINE, test_draws=3), "logits.h5")
    scores = _score(folder, given, _train(folder, "a", given))
    assert (folder / "a/history.csv").read_text().count("\n") == 1
    logits = Shard(folder / "logits.h5")
    for clip_id in scores.clip_ids:
        total = np.zeros(3)
        for name in (clip_id, mirrored_of(clip_id)):
            rows = logits.clip(name).astype(np.float64)
            for draw in range(3):
                for row in sample_test("chunks", [name], np.array([len(rows)]), 12, draw, 3)[0]:
                    odds = np.exp(rows[row])
                    total += odds / odds.sum() / (2 * 3 * 12)
        np.testing.assert_allclose(scores.clip(clip_id)[0], total, rtol=1e-5)
    assert scores.attrs["units"] == "probabilities"


def test_an_attending_run_learns_and_says_which_frames_it_attends_to(folder: Path) -> None:
    given = _given(folder, toy.piece_settings(epochs=12), "pieces.h5", "fine.h5")
    checkpoint = _train(folder, "a", given)
    assert checkpoint.read_bytes() == _train(folder, "b", given).read_bytes()
    scores = _score(folder, given, checkpoint)
    hits = scores.side_all("data").argmax(axis=1) == scores.side_all("label").argmax(axis=1)
    assert hits.mean() > 0.8
    clip_id = scores.clip_ids[1]
    moment, frame, attended = (scores.side(name, clip_id)[0] for name in ("moment", "frame", "attended_frame"))
    assert moment.shape == (2, 12, 24) and np.allclose(moment.sum(axis=-1), 1, atol=1e-5)
    for window, (name, draw) in enumerate(((clip_id, 0), (mirrored_of(clip_id), 3))):
        n_rows = toy.piece_frames(int(clip_id[4:])) // 16
        start = sample_test("chunks", [name], np.array([n_rows]), 12, draw, 4)[0, 0] * 16
        assert frame[window].tolist() == [*range(start, start + 192, 16)]
        assert attended[window].tolist() == [*range(start, start + 192, 8)]


def test_early_stopping_watches_the_loss(folder: Path) -> None:
    run = toy.piece_settings(epochs=8, learning_rate=0.6)
    given = _given(folder, run, "pieces.h5", "pieces.h5")
    best = load_checkpoint(_train(folder, "a", given))[1]["best_epoch"]
    history = pd.read_csv(folder / "a/history.csv")
    assert best == history.epoch[history.val_loss.idxmin()] and history.val_loss.idxmin() != history.val_score.idxmax()


def test_a_run_starts_from_another_one(folder: Path) -> None:
    """With a learning rate of almost nothing it stays where it starts, but for the classifier of its own seed."""
    first = _given(folder, toy.piece_settings(epochs=2), "pieces.h5", "fine.h5")
    begin = _train(folder, "first", first)
    start = {"dataset": "toy_synthetic", "run": "toy_alstm", "protocol": "cross_view"}
    run = toy.piece_settings(run="second", start=start, epochs=1, learning_rate=1e-30, loss="sigmoid", validation=0.0)
    given = _given(folder, run, "pieces.h5", "fine.h5")
    state, _ = load_checkpoint(_train(folder, "second", given, [begin]))
    fresh = {key: value for key, value in run.items() if key != "start"}
    plain, _ = load_checkpoint(_train(folder, "plain", _given(folder, fresh, "pieces.h5", "fine.h5")))
    for name, tensor in load_checkpoint(begin)[0].items():
        expected = plain[name] if name.startswith("classifier") else tensor
        assert torch.allclose(state[name], expected, rtol=0, atol=1e-25), name
    with pytest.raises(ValueError, match="run: start is .*, and 0 files are given for it"):
        _train(folder, "x", given)


def test_a_start_without_a_model_is_a_run_without_one(folder: Path) -> None:
    first = _given(folder, toy.piece_settings(), "pieces.h5", "fine.h5", protocol="no_training")
    begin = _train(folder, "first", first)
    start = {"dataset": "toy_synthetic", "run": "toy_alstm", "protocol": "no_training"}
    given = _given(folder, toy.piece_settings(run="second", start=start), "pieces.h5", "fine.h5")
    checkpoint = _train(folder, "second", given, [begin])
    note = "run toy_alstm, which this one starts from, has no model: no training clip in no_training"
    assert load_checkpoint(checkpoint)[0] is None and load_checkpoint(checkpoint)[1]["note"] == note
    assert _score(folder, given, checkpoint).attrs["note"] == note
