"""Training: Adam, one random sub-sequence of every clip in each epoch, early stopping on the validation accuracy.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4. What an epoch draws depends on seed and epoch alone, so a training
that was killed and resumed takes the same steps as one that ran through.
"""

import logging
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam

from poseattn.checkpoint import SideFile
from poseattn.features import Features
from poseattn.sampling import sample_training

_log = logging.getLogger(__name__)


class TrainingClips(NamedTuple):
    """Clips of a training.

    Attributes:
        features: Windows of frames of all clips.
        label: Class of each clip, on the device of the features.
        train: Numbers of the clips to train on.
        validation: Numbers of the clips that decide when to stop.
        validation_frames: Frames that every epoch is validated on.
    """

    features: Features
    label: Int[Tensor, " n"]
    train: Int[np.ndarray, " i"]
    validation: Int[np.ndarray, " j"]
    validation_frames: Int[np.ndarray, "j t"]


class Epoch(NamedTuple):
    """One line of `history.csv`: losses in nats, accuracies as fractions; NaN where there is no validation clip."""

    epoch: int
    train_loss: float
    train_acc: float
    val_loss: float
    val_acc: float
    learning_rate: float


class Fit(NamedTuple):
    """What a training leaves behind: its epochs, the number of the best one, and the model's state after that one."""

    history: list[Epoch]
    best: int
    state: dict[str, Tensor]


def fit(model: nn.Module, clips: TrainingClips, run: dict[str, Any], seed: int, side_file: SideFile) -> Fit:
    """Train a model until its validation accuracy no longer rises.

    Args:
        model: Network on the device of the features, in its initial state.
        clips: What to train and to validate on.
        run: Settings; used are `epochs`, `patience`, `batch`, `learning_rate`, `frames` and `sampling`.
        seed: Of the order of clips, of their frames and of dropout.
        side_file: Where every epoch is saved, and where a killed training goes on from.

    Returns:
        The epochs and the state after the best of them; after the last if there is no validation clip.
    """
    optimizer = Adam(model.parameters(), run["learning_rate"], fused=True)
    history: list[Epoch] = []
    best_state: dict[str, Tensor] = {}
    if saved := side_file.load():
        history, best_state = [Epoch(*epoch) for epoch in saved["history"]], saved["best_state"]
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
    while not finished(history, run["epochs"], run["patience"]):
        rng = seed_epoch(seed, len(history) + 1)
        order = rng.permutation(clips.train)
        frames = sample_training(run["sampling"], clips.features.length[order], run["frames"], rng)
        trained = _train_epoch(model, optimizer, clips, order, frames, run["batch"])
        validated = _validate(model, clips, run["batch"])
        history.append(Epoch(len(history) + 1, *trained, *validated, run["learning_rate"]))
        if best_epoch(history) == len(history):
            best_state = copy_state(model)
        progress = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "best_state": best_state}
        side_file.save(progress | {"history": [tuple(epoch) for epoch in history]})
        _log.info("epoch %d train_loss %.4f train_acc %.4f val_loss %.4f val_acc %.4f", *history[-1][:5])
    return Fit(history, best_epoch(history), best_state)


def seed_epoch(seed: int, epoch: int) -> np.random.Generator:
    """Seed PyTorch (weights, dropout) for one epoch, 0 being the initialisation; returns NumPy's source for it."""
    rng = np.random.default_rng([seed, epoch])
    torch.manual_seed(int(rng.integers(2**63)))
    return rng


def best_epoch(history: Sequence[Epoch]) -> int:
    """Number of the epoch with the highest validation accuracy, the earliest of equals; the last without validation."""
    if math.isnan(history[-1].val_acc):
        return history[-1].epoch
    return max(history, key=lambda epoch: (epoch.val_acc, -epoch.epoch)).epoch


def finished(history: Sequence[Epoch], epochs: int, patience: int) -> bool:
    """Whether all epochs are over, or `patience` of them passed without a new best validation accuracy."""
    return bool(history) and (len(history) >= epochs or len(history) - best_epoch(history) >= patience)


def sequence_loss(logits: Float[Tensor, "b s c"], label: Int[Tensor, " b"]) -> Float[Tensor, ""]:
    """Cross-entropy in nats, averaged over clips and over the steps at which a model gives logits (Sec. 3.1)."""
    return functional.cross_entropy(logits.transpose(1, 2), label[:, None].expand(-1, logits.shape[1]))


def copy_state(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a model by name, copied to the CPU."""
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _train_epoch(
    model: nn.Module,
    optimizer: Adam,
    clips: TrainingClips,
    order: Int[np.ndarray, " i"],
    frames: Int[np.ndarray, "i t"],
    batch: int,
) -> tuple[float, float]:
    """One step for every batch of clips in the order given; returns mean loss and accuracy before each step."""
    model.train()
    tally = clips.label.new_zeros(2, dtype=torch.float64)
    for inputs, label in _batches(clips, order, frames, batch):
        logits, _ = model(**inputs)
        loss = sequence_loss(logits, label)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tally += _sums(logits.detach(), label, loss.detach())
    return _means(tally, len(order))


@torch.no_grad()
def _validate(model: nn.Module, clips: TrainingClips, batch: int) -> tuple[float, float]:
    """Mean loss and accuracy over the validation clips."""
    model.eval()
    tally = clips.label.new_zeros(2, dtype=torch.float64)
    for inputs, label in _batches(clips, clips.validation, clips.validation_frames, batch):
        logits, _ = model(**inputs)
        tally += _sums(logits, label, sequence_loss(logits, label))
    return _means(tally, len(clips.validation))


def _batches(
    clips: TrainingClips, order: Int[np.ndarray, " i"], frames: Int[np.ndarray, "i t"], size: int
) -> Iterator[tuple[dict[str, Tensor], Int[Tensor, " b"]]]:
    """Inputs and labels of clips in the order given."""
    label = clips.label[torch.from_numpy(order).to(clips.label.device)]
    labels = (label[begin : begin + size] for begin in range(0, len(order), size))
    return zip(clips.features.windows(order, frames, size), labels, strict=True)


def _sums(logits: Float[Tensor, "b s c"], label: Int[Tensor, " b"], loss: Float[Tensor, ""]) -> Float[Tensor, "2"]:
    """Loss and hits of a batch, added up over its clips; left on the device, since reading them would wait for it."""
    hits = (logits.mean(dim=1).argmax(dim=1) == label).sum()
    return torch.stack([loss * len(label), hits]).double()


def _means(tally: Float[Tensor, "2"], count: int) -> tuple[float, float]:
    loss, accuracy = (tally / count).tolist()  # NaN if there is no clip
    return loss, accuracy
