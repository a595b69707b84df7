"""The loop: when it stops, what it keeps, and that it may be interrupted."""

import math

import numpy as np
import pytest
import torch

from poseattn.inputs.features import load_features
from poseattn.inputs.windows import validation_windows
from poseattn.models import deep_gru
from poseattn.networks.device import pick_device
from poseattn.shards.shard_set import ShardSet
from poseattn.training.checkpoint import SideFile
from poseattn.training.optimizers import optimizer_of
from poseattn.training.train import TrainingClips, fit, seed_epoch
from tests import toy


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


def test_sgd_takes_the_steps_of_its_equations():
    """v = 0.9 v + g and theta = theta - rate v, with g + 2 gamma theta for the decay gamma * |theta|^2 in the loss."""
    model = torch.nn.Linear(2, 1, bias=False).double()
    theta = model.weight.detach().clone()
    inputs = torch.tensor([[1.0, 2.0], [3.0, -1.0]]).double()
    run = {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.05, "weight_decay": 0.01}
    optimizer, velocity = optimizer_of(model, run), torch.zeros_like(theta)
    for _ in range(3):
        optimizer.zero_grad()
        (model(inputs).square().sum() / 2).backward()
        optimizer.step()
        gradient = sum((theta @ row) * row for row in inputs) + 2 * 0.01 * theta
        velocity = 0.9 * velocity + gradient
        theta = theta - 0.05 * velocity
    torch.testing.assert_close(model.weight.detach(), theta)


def test_an_unknown_optimiser_is_refused():
    with pytest.raises(ValueError, match="'lion' is none of adam, sgd, rmsprop"):
        optimizer_of(torch.nn.Linear(1, 1), {"optimizer": "lion", "learning_rate": 1, "weight_decay": 0})


def test_clipped_gradients_move_a_model_no_further_than_their_norm(clips, tmp_path):
    run = toy.settings() | {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 1.0, "batch": 18, "epochs": 1}
    start = new_model()
    before = {name: value.clone() for name, value in start.state_dict().items()}
    state = fit(start, clips, run | {"grad_clip": 0.01}, 0, SideFile(tmp_path / "r.pt", {})).state
    moved = sum(float((state[name] - before[name]).square().sum()) for name in before) ** 0.5
    assert moved == pytest.approx(0.01, rel=1e-3)


def test_a_training_that_diverges_is_an_error(clips, tmp_path):
    run = toy.settings() | {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 1e39, "batch": 2, "epochs": 5}
    with pytest.raises(ValueError, match="the loss is (nan|inf), the training diverges; lower learning_rate"):
        fit(new_model(), clips, run, 0, SideFile(tmp_path / "r.pt", {}))


@pytest.mark.parametrize(
    ("rate", "validation", "what"), [(1e30, 9, "validation loss"), (1e30, 0, ""), (1e39, 0, "sum of the weights")]
)
def test_a_training_that_diverges_in_its_last_step_is_an_error(clips, tmp_path, rate, validation, what):
    """The loss of an epoch is taken before each step, so that it does not see the last one."""
    run = toy.settings() | {"optimizer": "sgd", "momentum": 0.0, "learning_rate": rate, "batch": 18, "epochs": 1}
    model, given = Exploding(), clips._replace(validation=clips.validation[:validation])
    if not what:
        fit(model, given, run, 0, SideFile(tmp_path / "r.pt", {}))  # large, but finite
        return
    with pytest.raises(ValueError, match=f"^epoch 1: the {what} is (nan|inf), the training diverges; lower learning_r"):
        fit(model, given, run, 0, SideFile(tmp_path / "r.pt", {}))


class Exploding(torch.nn.Module):
    """A model whose logits are the squares of its weights: they overflow before the weights do."""

    inputs = ("pose",)

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3))

    def forward(self, pose):
        return (self.weight.square() * pose[:, :, :1].abs().clamp(1, 2)), {}


def test_validation_clips_of_no_class_have_no_score(clips, tmp_path):
    """Training goes on to its last epoch by the score, and to the lowest loss by the loss."""
    label = clips.label.clone()
    label[clips.validation] = 0
    run = toy.settings(loss="sigmoid", epochs=2)
    fitted = fit(new_model(), clips._replace(label=label), run, 0, SideFile(tmp_path / "r.pt", {}))
    assert [math.isnan(epoch.val_score) for epoch in fitted.history] == [True, True]
    assert all(math.isfinite(epoch.val_loss) for epoch in fitted.history) and fitted.best == 2


def test_rmsprop_takes_the_steps_of_its_equations():
    """m = 0.95 m + 0.05 g^2 and theta = theta - rate g / (sqrt(m) + 1e-8), as in Torch7's optim."""
    model = torch.nn.Linear(2, 1, bias=False).double()
    theta = model.weight.detach().clone()
    inputs = torch.tensor([[1.0, 2.0], [3.0, -1.0]]).double()
    run = {"optimizer": "rmsprop", "smoothing": 0.95, "learning_rate": 0.05, "weight_decay": 0}
    optimizer, mean = optimizer_of(model, run), torch.zeros_like(theta)
    for _ in range(3):
        optimizer.zero_grad()
        (model(inputs).square().sum() / 2).backward()
        optimizer.step()
        gradient = sum((theta @ row) * row for row in inputs)
        mean = 0.95 * mean + 0.05 * gradient**2
        theta = theta - 0.05 * gradient / (mean.sqrt() + 1e-8)
    torch.testing.assert_close(model.weight.detach(), theta)


def test_clamped_gradients_move_no_parameter_further_than_the_clamp(clips, tmp_path):
    run = toy.settings() | {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 1.0, "batch": 18, "epochs": 1}
    start = new_model()
    before = {name: value.clone() for name, value in start.state_dict().items()}
    state = fit(start, clips, run | {"grad_clamp": 1e-4}, 0, SideFile(tmp_path / "r.pt", {})).state
    moved = torch.cat([(state[name] - before[name]).abs().flatten() for name in before])
    assert float(moved.max()) == pytest.approx(1e-4, rel=1e-2) and (moved > 0.9e-4).sum() > 10
    assert (moved < 0.9e-4).any()


def test_the_last_epoch_can_be_kept_while_the_best_one_is_recorded(clips, tmp_path):
    """Also by a training that was interrupted; the state is what a validation of the last epoch sees."""
    run = toy.settings(epochs=6, patience=6, learning_rate=0.3, keep="last")
    best = fit(new_model(), clips, run | {"keep": "best"}, 0, SideFile(tmp_path / "a.pt", {}))
    last = fit(new_model(), clips, run, 0, SideFile(tmp_path / "b.pt", {}))
    assert last.history == best.history and last.best == best.best < 6
    assert not all(torch.equal(last.state[name], best.state[name]) for name in best.state)
    fit(new_model(), clips, run | {"epochs": 4}, 0, SideFile(tmp_path / "c.pt", {}))
    resumed = fit(new_model(), clips, run, 0, SideFile(tmp_path / "c.pt", {}))
    assert all(torch.equal(resumed.state[name], last.state[name]) for name in last.state)
    model = new_model()
    model.load_state_dict(last.state)
    windows = validation_windows(run, clips.features.timeline, clips.validation)
    hits = model.eval()(**clips.features.window(windows.clips, windows.frames))[0].mean(1).argmax(1)
    score = (hits == clips.label[clips.validation].argmax(1)).float().mean().item()
    assert score == pytest.approx(last.history[-1].val_score)


def test_an_epoch_takes_so_many_steps(clips, tmp_path):
    steps = []

    class Counter(deep_gru.Model):
        def forward(self, pose):
            steps.append((self.training, len(pose)))
            return super().forward(pose)

    model = Counter(n_classes=3, hidden=4, layers=1, dropout=0.0, pose_channels=150)
    fit(model, clips, toy.settings(epochs=2, iterations=5, batch=4), 0, SideFile(tmp_path / "r.pt", {}))
    assert [size for training, size in steps if training] == [4] * 10


def test_matrices_can_be_multiplied_in_bfloat16(clips, tmp_path):
    """The layers answer in this type; what the optimiser moves stays float32, and it learns as well."""
    types = []

    class Recorder(deep_gru.Model):
        def forward(self, pose):
            logits, maps = super().forward(pose)
            types.append((self.training, logits.dtype))
            return logits, maps

    seed_epoch(0, 0)
    model = Recorder(n_classes=3, hidden=8, layers=2, dropout=0.0, pose_channels=150)
    run = toy.settings(epochs=25, patience=25, precision="bfloat16")
    fitted = fit(model, clips, run, 0, SideFile(tmp_path / "a.pt", {}))
    assert set(types) == {(True, torch.bfloat16), (False, torch.float32)}
    assert {tensor.dtype for tensor in fitted.state.values()} == {torch.float32}
    assert fitted.history[-1].val_score == 1.0
    exact = fit(new_model(), clips, run | {"precision": "float32"}, 0, SideFile(tmp_path / "b.pt", {}))
    assert fitted.history[0].train_loss == pytest.approx(exact.history[0].train_loss, rel=0.02)
    assert fitted.history[0].train_loss != exact.history[0].train_loss
