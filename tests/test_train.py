"""The loop: when it stops, what it keeps, and that it may be interrupted."""

import math

import numpy as np
import pytest
import torch

from poseattn.checkpoint import SideFile
from poseattn.device import pick_device
from poseattn.features import load_features
from poseattn.models import deep_gru
from poseattn.shard_set import ShardSet
from poseattn.train import Epoch, TrainingClips, best_epoch, finished, fit, seed_epoch
from poseattn.windows import validation_windows
from tests import toy


def history_of(*val_score: float) -> list[Epoch]:
    return [Epoch(number, 1.0, 0.5, 1.0, acc, 0.1) for number, acc in enumerate(val_score, start=1)]


def test_early_stopping_on_a_sequence_worked_by_hand():
    """Patience 3: 0.5 in epoch 2 is best, its equal in epoch 4 does not count, 0.6 in 5 starts anew, 8 is last."""
    accuracies = [0.2, 0.5, 0.4, 0.5, 0.6, 0.1, 0.6, 0.3, 0.9]
    best = [best_epoch(history_of(*accuracies[:n])) for n in range(1, 10)]
    assert best == [1, 2, 2, 2, 5, 5, 5, 5, 9]
    stopped = [finished(history_of(*accuracies[:n]), epochs=100, patience=3) for n in range(10)]
    assert stopped == [False, False, False, False, False, False, False, False, True, False]


def test_the_number_of_epochs_is_a_limit():
    rising = history_of(0.1, 0.2, 0.3)
    assert finished(rising, epochs=3, patience=10)
    assert not finished(rising, epochs=4, patience=10)


def test_without_validation_all_epochs_run_and_the_last_is_kept():
    blind = history_of(*[math.nan] * 30)
    assert best_epoch(blind) == 30
    assert not finished(blind, epochs=31, patience=2)


def test_draws_of_an_epoch_depend_on_seed_and_epoch_alone():
    first = seed_epoch(3, 7).permutation(50).tolist(), torch.rand(4).tolist()
    seed_epoch(3, 8).permutation(50), torch.rand(9)
    assert (seed_epoch(3, 7).permutation(50).tolist(), torch.rand(4).tolist()) == first
    assert seed_epoch(3, 8).permutation(50).tolist() != first[0]
    assert seed_epoch(7, 3).permutation(50).tolist() != first[0]


@pytest.fixture
def clips(tmp_path):
    """18 clips to train on, 9 to validate on."""
    shards = {"poses": ShardSet([toy.write_poses(tmp_path / "poses.h5", list(range(27)))], "poses")}
    clip_ids = [f"clip{number:03d}" for number in range(27)]
    features = load_features(clip_ids, shards, ["pose"], toy.settings(), torch.device("cpu"), 1 << 30)
    return TrainingClips(features, torch.eye(3)[torch.arange(27) % 3], np.arange(18), np.arange(18, 27))


def new_model(dropout: float = 0.0) -> deep_gru.Model:
    seed_epoch(0, 0)
    return deep_gru.Model(n_classes=3, hidden=8, layers=2, dropout=dropout, pose_channels=150)


def test_a_separable_toy_is_learnt(clips, tmp_path):
    fitted = fit(new_model(), clips, toy.settings(epochs=25, patience=25), 0, SideFile(tmp_path / "resume.pt", {}))
    assert fitted.history[0].train_loss > 2 * fitted.history[-1].train_loss
    assert fitted.history[-1].val_score == 1.0


def test_the_state_kept_is_that_of_the_best_epoch(clips, tmp_path):
    """Kept states give the validation loss of their epoch, and a training cut there ends in the same state."""
    run = toy.settings(epochs=12, patience=2, learning_rate=0.3)
    fitted = fit(new_model(), clips, run, 0, SideFile(tmp_path / "a.pt", {}))
    assert fitted.best < len(fitted.history)  # a step size that overshoots
    model = new_model()
    model.load_state_dict(fitted.state)
    windows = validation_windows(run, clips.features.timeline, clips.validation)
    inputs = clips.features.window(windows.clips, windows.frames)
    hits = model.eval()(**inputs)[0].mean(1).argmax(1) == clips.label[clips.validation].argmax(1)
    assert hits.float().mean().item() == pytest.approx(fitted.history[fitted.best - 1].val_score)
    cut = new_model()
    fit(cut, clips, run | {"epochs": fitted.best}, 0, SideFile(tmp_path / "b.pt", {}))
    assert all(torch.equal(fitted.state[name], tensor) for name, tensor in cut.state_dict().items())


def test_a_training_goes_on_where_it_was_interrupted(clips, tmp_path):
    run = toy.settings(epochs=6)
    whole = fit(new_model(0.5), clips, run, 5, SideFile(tmp_path / "whole.pt", {}))
    fit(new_model(0.5), clips, run | {"epochs": 2}, 5, SideFile(tmp_path / "cut.pt", {}))
    resumed = fit(new_model(0.5), clips, run, 5, SideFile(tmp_path / "cut.pt", {}))
    assert resumed.history == whole.history and resumed.best == whole.best
    assert all(torch.equal(resumed.state[name], whole.state[name]) for name in whole.state)


def test_each_epoch_sees_every_training_clip_once_and_never_another(clips, tmp_path):
    seen = []

    class Recorder(deep_gru.Model):
        def forward(self, pose):
            seen.append((self.training, pose))
            return super().forward(pose)

    model = Recorder(n_classes=3, hidden=4, layers=1, dropout=0.0, pose_channels=150)
    fit(model, clips, toy.settings(epochs=1), 0, SideFile(tmp_path / "resume.pt", {}))
    mean_x = clips.features.inputs["pose"].window  # joint 5 of the first body tells the class, its noise the clip
    rows = {clip: mean_x(np.array([clip]), np.arange(7)[None])[0, :, 15].tolist() for clip in range(27)}
    for training, expected in ((True, range(18)), (False, range(18, 27))):
        poses = torch.cat([pose for mode, pose in seen if mode == training])
        found = [next(clip for clip in rows if value in rows[clip]) for value in poses[:, 0, 15].tolist()]
        assert sorted(found) == list(expected)


@pytest.mark.gpu
def test_an_epoch_on_a_gpu_repeats_itself(tmp_path):
    """Deterministic algorithms are asked for, so an operation that has none would raise an error."""
    device = pick_device("cuda")
    states = []
    for attempt in range(2):
        shards = {"poses": ShardSet([toy.write_poses(tmp_path / f"{attempt}.h5", list(range(27)))], "poses")}
        clip_ids = [f"clip{number:03d}" for number in range(27)]
        features = load_features(clip_ids, shards, ["pose"], toy.settings(), device, 1 << 30)
        label = torch.eye(3, device=device)[torch.arange(27) % 3]
        given = TrainingClips(features, label, np.arange(18), np.arange(18, 27))
        side_file = SideFile(tmp_path / f"{attempt}.pt", {})
        states.append(fit(new_model(0.5).to(device), given, toy.settings(epochs=3), 0, side_file).state)
    assert all(torch.equal(states[0][name], tensor) for name, tensor in states[1].items())
