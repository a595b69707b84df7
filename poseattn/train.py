"""Training: Adam, sub-sequences of every clip in each epoch, early stopping on the validation score.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4; Sharma et al. 2015 (arXiv 1511.04119), Eq. 7. What an epoch draws
depends on seed and epoch alone, so a training that was killed and resumed takes the same steps as one that ran through.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor, nn
from torch.optim import Adam

from poseattn.checkpoint import SideFile
from poseattn.features import Features
from poseattn.layers.losses import attention_penalty, sequence_loss
from poseattn.metrics import METRICS
from poseattn.scoring import average_windows, read_out, run_windows
from poseattn.windows import Windows, mirror_some, training_windows, validation_windows

_log = logging.getLogger(__name__)


class TrainingClips(NamedTuple):
    """Clips of a training.

    Attributes:
        features: Windows of frames of all clips.
        label: 1 for each class of a clip, else 0; (n, c) on the device of the features.
        train: Numbers of the clips to train on.
        validation: Numbers of the clips that decide when to stop.
        twin: Number of the mirrored twin of each clip; None to train without.
    """

    features: Features
    label: Float[Tensor, "n c"]
    train: Int[np.ndarray, " i"]
    validation: Int[np.ndarray, " j"]
    twin: Int[np.ndarray, " n"] | None = None


class Epoch(NamedTuple):
    """One line of `history.csv`; NaN where there is no validation clip.

    Attributes:
        epoch: Number, from 1.
        train_loss: Loss in nats, penalties included.
        train_acc: Share of sub-sequences whose highest logit is that of one of their classes.
        val_loss: Loss in nats, penalties included.
        val_score: Accuracy of clips, or the mean average precision where classes do not exclude each other.
        learning_rate: Of Adam.
    """

    epoch: int
    train_loss: float
    train_acc: float
    val_loss: float
    val_score: float
    learning_rate: float


class Fit(NamedTuple):
    """What a training leaves behind: its epochs, the number of the best one, and the model's state after that one."""

    history: list[Epoch]
    best: int
    state: dict[str, Tensor]


def fit(model: nn.Module, clips: TrainingClips, run: dict[str, Any], seed: int, side_file: SideFile) -> Fit:
    """Train a model until its validation score no longer rises.

    Args:
        model: Network on the device of the features, in its initial state.
        clips: What to train and to validate on.
        run: Settings; used are `epochs`, `patience`, `batch`, `learning_rate`, `drops` (after how many epochs it falls
            to a tenth), those of sampling and those of the loss:
            `loss` (`softmax`, or `sigmoid` where classes do not exclude each other), `loss_steps` (see
            `sequence_loss`), and the factors `attention_penalty` (lambda of Eq. 7) and `weight_decay` (gamma).
        seed: Of the order of clips, of their frames and of dropout.
        side_file: Where every epoch is saved, and where a killed training goes on from.

    Returns:
        The epochs and the state after the best of them; after the last if there is no validation clip.
    """
    # PyTorch adds weight_decay * theta to the gradient, and that of gamma * theta^2 is twice as much.
    optimizer = Adam(model.parameters(), run["learning_rate"], weight_decay=2 * run["weight_decay"], fused=True)
    validation = validation_windows(run, clips.features.timeline, clips.validation)
    history: list[Epoch] = []
    best_state: dict[str, Tensor] = {}
    if saved := side_file.load():
        history, best_state = [Epoch(*epoch) for epoch in saved["history"]], saved["best_state"]
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    while not finished(history, run["epochs"], run["patience"]):
        rng = seed_epoch(seed, len(history) + 1)
        rate = run["learning_rate"] * 0.1 ** sum(len(history) >= drop for drop in run["drops"])
        optimizer.param_groups[0]["lr"] = rate
        windows = mirror_some(training_windows(run, clips.features.timeline, clips.train, rng), clips.twin, rng)
        trained = _train_epoch(model, optimizer, clips, windows, run)
        validated = _validate(model, clips, validation, run)
        history.append(Epoch(len(history) + 1, *trained, *validated, rate))
        if best_epoch(history) == len(history):
            best_state = copy_state(model)
        progress = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "best_state": best_state}
        side_file.save(progress | {"history": [tuple(epoch) for epoch in history]})
        _log.info("epoch %d train_loss %.4f train_acc %.4f val_loss %.4f val_score %.4f", *history[-1][:5])
    return Fit(history, best_epoch(history), best_state)


def seed_epoch(seed: int, epoch: int) -> np.random.Generator:
    """Seed PyTorch (weights, dropout) for one epoch, 0 being the initialisation; returns NumPy's source for it."""
    rng = np.random.default_rng([seed, epoch])
    torch.manual_seed(int(rng.integers(2**63)))
    return rng


def best_epoch(history: Sequence[Epoch]) -> int:
    """Number of the epoch with the highest validation score, the earliest of equals; the last without validation."""
    if math.isnan(history[-1].val_score):
        return history[-1].epoch
    return max(history, key=lambda epoch: (epoch.val_score, -epoch.epoch)).epoch


def finished(history: Sequence[Epoch], epochs: int, patience: int) -> bool:
    """Whether all epochs are over, or `patience` of them passed without a new best validation score."""
    return bool(history) and (len(history) >= epochs or len(history) - best_epoch(history) >= patience)


def copy_state(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a model by name, copied to the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _train_epoch(
    model: nn.Module, optimizer: Adam, clips: TrainingClips, windows: Windows, run: dict[str, Any]
) -> tuple[float, float]:
    """One step for every batch of sub-sequences in the order given; returns mean loss and accuracy before each step."""
    model.train()
    tally = clips.label.new_zeros(2, dtype=torch.float64)
    batches = clips.features.windows(windows.clips, windows.frames, run["batch"])
    for inputs, label in zip(batches, _labels(clips, windows, run["batch"]), strict=True):
        logits, maps = model(**inputs)
        loss = _loss(logits, maps, label, run)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tally += _sums(logits.detach(), label, loss.detach())
    loss, accuracy = (tally / len(windows.clips)).tolist()
    return loss, accuracy


@torch.no_grad()
def _validate(model: nn.Module, clips: TrainingClips, windows: Windows, run: dict[str, Any]) -> tuple[float, float]:
    """Mean loss of the sub-sequences, and score of the clips."""
    if not len(clips.validation):
        return math.nan, math.nan
    loss = clips.label.new_zeros((), dtype=torch.float64)
    scores = []
    answers = run_windows(model, clips.features, windows, run["batch"])
    for (logits, maps), label in zip(answers, _labels(clips, windows, run["batch"]), strict=True):
        loss += _loss(logits, maps, label, run) * len(label)
        scores.append(read_out(logits, run | {"readout": "mean"}))
    number = np.searchsorted(clips.validation, windows.clips)  # of each clip among those of validation
    averaged = average_windows(torch.cat(scores).cpu().numpy(), number, len(clips.validation))
    label = clips.label[clips.validation].cpu().numpy().astype(np.uint8)
    return loss.item() / len(windows.clips), _validation_score(averaged, label, run["loss"])


def _validation_score(scores: Float[np.ndarray, "n c"], label: Shaped[np.ndarray, "n c"], loss: str) -> float:
    """Accuracy, or the mean average precision of the classes that there are."""
    if loss == "softmax":
        return METRICS["accuracy"](scores, label)
    there = label.any(axis=0)
    return METRICS["mean_average_precision"](scores[:, there], label[:, there])


def _labels(clips: TrainingClips, windows: Windows, size: int) -> Iterator[Float[Tensor, "b c"]]:
    """Labels of the sub-sequences, `size` at a time."""
    yield from clips.label[torch.from_numpy(windows.clips).to(clips.label.device)].split(size)


def _loss(
    logits: Float[Tensor, "b s c"], maps: dict[str, Tensor], label: Float[Tensor, "b c"], run: dict[str, Any]
) -> Float[Tensor, ""]:
    """What the gradient is taken of, but for the decay of weights."""
    target = label.argmax(dim=1) if run["loss"] == "softmax" else label
    loss = sequence_loss(logits, target, steps=run["loss_steps"])
    if run["attention_penalty"]:
        loss = loss + run["attention_penalty"] * attention_penalty(maps["location"])
    return loss


def _sums(logits: Float[Tensor, "b s c"], label: Float[Tensor, "b c"], loss: Float[Tensor, ""]) -> Float[Tensor, "2"]:
    """Loss and hits of a batch, added up over it; left on the device, since reading them would wait for it."""
    hits = label.gather(1, logits.mean(dim=1).argmax(dim=1, keepdim=True)).sum()
    return torch.stack([loss * len(label), hits]).double()
