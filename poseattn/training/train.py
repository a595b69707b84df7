"""Training: sub-sequences of every clip in each epoch, early stopping on the validation score or loss.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4; Sharma et al. 2015 (arXiv 1511.04119), Sec. 4; Du et al. 2017, Sec. 4.
What an epoch draws depends on seed and epoch alone, so a training that was killed and resumed takes the same steps as
one that ran through.
"""

import logging
import math
from collections.abc import Iterator
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.optim import Optimizer

from poseattn.inputs.features import Features
from poseattn.inputs.guidance import PoseGuide, Target
from poseattn.inputs.windows import Windows, mirror_some, training_windows, validation_windows
from poseattn.tables.metrics import METRICS
from poseattn.training.checkpoint import SideFile
from poseattn.training.evaluate import average_windows, read_out, run_windows
from poseattn.training.history import Epoch, best_epoch, finished
from poseattn.training.objective import EXCLUSIVE, objective
from poseattn.training.optimizers import learning_rate, optimizer_of

_log = logging.getLogger(__name__)


class TrainingClips(NamedTuple):
    """Clips of a training.

    Attributes:
        features: Windows of frames of all clips.
        label: 1 for each class of a clip, else 0; (n, c) on the device of the features.
        train: Numbers of the clips to train on.
        validation: Numbers of the clips that decide when to stop.
        twin: Number of the mirrored twin of each clip; None to train without.
        guide: What the heatmaps of joints are to look like; None where no pose guides.
    """

    features: Features
    label: Float[Tensor, "n c"]
    train: Int[np.ndarray, " i"]
    validation: Int[np.ndarray, " j"]
    twin: Int[np.ndarray, " n"] | None = None
    guide: PoseGuide | None = None


class Fit(NamedTuple):
    """What a training leaves behind: its epochs, the number of the best one, and the state of the model to keep."""

    history: list[Epoch]
    best: int
    state: dict[str, Tensor]


def fit(model: nn.Module, clips: TrainingClips, run: dict[str, Any], seed: int, side_file: SideFile) -> Fit:
    """Train a model until its validation score no longer rises, or its validation loss no longer falls.

    Args:
        model: Network on the device of the features, in its initial state.
        clips: What to train and to validate on.
        run: Settings; used are `epochs`, `patience`, `stop_by` (`loss`; the score without it), `keep` (`last`; the best
            epoch without it), `batch`, `grad_clip` (largest norm of the gradient, or None), `grad_clamp` (largest
            absolute value of each of its numbers), `precision` (`bfloat16`; float32 without it: a step multiplies
            matrices in this type, parameters and their updates stay float32), those of the optimiser and its learning
            rate (see `poseattn.training.optimizers`), of sampling and of the loss (see
            `poseattn.training.objective.objective`).
        seed: Of the order of clips, of their frames and of dropout.
        side_file: Where every epoch is saved, and where a killed training goes on from.

    Returns:
        The epochs, and the state after the best of them or after the last, which is the best one where there is no
        validation clip.

    Raises:
        ValueError: The loss, a weight after the last step of an epoch, or the validation loss is no finite number.
    """
    optimizer = optimizer_of(model, run)
    validation = validation_windows(run, clips.features.timeline, clips.validation)
    history: list[Epoch] = []
    best_state: dict[str, Tensor] = {}
    if saved := side_file.load():
        history, best_state = [Epoch(*epoch) for epoch in saved["history"]], saved["best_state"]
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    stop_by, keeps_best = run.get("stop_by", "score"), run.get("keep", "best") == "best"
    while not finished(history, run["epochs"], run["patience"], stop_by):
        rng = seed_epoch(seed, len(history) + 1)
        rate = learning_rate(run, len(history) + 1)
        optimizer.param_groups[0]["lr"] = rate
        windows = mirror_some(training_windows(run, clips.features.timeline, clips.train, rng), clips.twin, rng)
        trained = _train_epoch(model, optimizer, clips, windows, run)
        _check_finite("loss", trained[0], len(history) + 1)
        _check_finite("sum of the weights", _sum_of_weights(model), len(history) + 1)
        validated = _validate(model, clips, validation, run)
        if len(clips.validation):
            _check_finite("validation loss", validated[0], len(history) + 1)
        history.append(Epoch(len(history) + 1, *trained, *validated, rate))
        if keeps_best and best_epoch(history, stop_by) == len(history):
            best_state = copy_state(model)
        progress = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "best_state": best_state}
        side_file.save(progress | {"history": [tuple(epoch) for epoch in history]})
        _log.info("epoch %d train_loss %.4f train_acc %.4f val_loss %.4f val_score %.4f", *history[-1][:5])
    return Fit(history, best_epoch(history, stop_by), best_state if keeps_best else copy_state(model))


def _check_finite(what: str, value: float, epoch: int) -> None:
    if not math.isfinite(value):
        advice = "lower learning_rate or set grad_clip"
        raise ValueError(f"epoch {epoch}: the {what} is {value}, the training diverges; {advice}")


def _sum_of_weights(model: nn.Module) -> float:
    """Sum of the magnitudes of all parameters, which is finite if each of them is."""
    return sum(float(parameter.detach().abs().double().sum()) for parameter in model.parameters())


def seed_epoch(seed: int, epoch: int) -> np.random.Generator:
    """Seed PyTorch (weights, dropout) for one epoch, 0 being the initialisation; returns NumPy's source for it."""
    rng = np.random.default_rng([seed, epoch])
    torch.manual_seed(int(rng.integers(2**63)))
    return rng


def copy_state(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a model by name, copied to the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _train_epoch(
    model: nn.Module, optimizer: Optimizer, clips: TrainingClips, windows: Windows, run: dict[str, Any]
) -> tuple[float, float]:
    """One step for every batch of sub-sequences in the order given; returns mean loss and accuracy before each step."""
    model.train()
    tally = clips.label.new_zeros(2, dtype=torch.float64)
    batches = clips.features.windows(windows.clips, windows.frames, run["batch"])
    for inputs, (label, target) in zip(batches, _goals(clips, windows, run["batch"]), strict=True):
        with torch.autocast(label.device.type, torch.bfloat16, enabled=run.get("precision") == "bfloat16"):
            logits, maps = model(**inputs)
        loss = objective(logits.float(), maps, label, target, run)
        optimizer.zero_grad()
        loss.backward()
        if run["grad_clip"]:
            clip_grad_norm_(model.parameters(), run["grad_clip"])
        if "grad_clamp" in run:
            clip_grad_value_(model.parameters(), run["grad_clamp"])
        optimizer.step()
        tally += _sums(logits.detach(), label, loss.detach())
    loss, accuracy = (tally / len(windows.clips)).tolist()
    return loss, accuracy


@torch.no_grad()
def _validate(model: nn.Module, clips: TrainingClips, windows: Windows, run: dict[str, Any]) -> tuple[float, float]:
    """Mean loss of the sub-sequences, and score of the clips; NaN for the score where the loss is not finite."""
    if not len(clips.validation):
        return math.nan, math.nan
    loss = clips.label.new_zeros((), dtype=torch.float64)
    scores = []
    answers = run_windows(model, clips.features, windows, run["batch"])
    for (logits, maps), (label, target) in zip(answers, _goals(clips, windows, run["batch"]), strict=True):
        loss += objective(logits, maps, label, target, run) * len(label)
        scores.append(read_out(logits, run | {"readout": "mean"}))
    mean = loss.item() / len(windows.clips)
    if not math.isfinite(mean):
        return mean, math.nan
    number = np.searchsorted(clips.validation, windows.clips)  # of each clip among those of validation
    averaged = average_windows(torch.cat(scores).cpu().numpy(), number, len(clips.validation))
    label = clips.label[clips.validation].cpu().numpy().astype(np.uint8)
    return mean, _validation_score(averaged, label, run["loss"])


def _validation_score(scores: Float[np.ndarray, "n c"], label: Shaped[np.ndarray, "n c"], loss: str) -> float:
    """Accuracy, or the mean average precision of the classes that there are; NaN if no clip has any."""
    if loss in EXCLUSIVE:
        return METRICS["accuracy"](scores, label)
    there = label.any(axis=0)
    if not there.any():
        return math.nan
    return METRICS["mean_average_precision"](scores[:, there], label[:, there])


def _goals(clips: TrainingClips, windows: Windows, size: int) -> Iterator[tuple[Tensor, Target | None]]:
    """Labels (b, c) and target heatmaps of the sub-sequences, `size` at a time; None without a guide."""
    labels = clips.label[torch.from_numpy(windows.clips).to(clips.label.device)].split(size)
    targets = clips.guide.windows(windows.clips, windows.frames, size) if clips.guide else repeat(None, len(labels))
    yield from zip(labels, targets, strict=True)


def _sums(logits: Float[Tensor, "b s c"], label: Float[Tensor, "b c"], loss: Float[Tensor, ""]) -> Float[Tensor, "2"]:
    """Loss and hits of a batch, added up over it; left on the device, since reading them would wait for it."""
    hits = label.gather(1, logits.mean(dim=1).argmax(dim=1, keepdim=True)).sum()
    return torch.stack([loss * len(label), hits]).double()
