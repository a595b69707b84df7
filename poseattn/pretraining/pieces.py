"""Fine-tuning a network on random pieces of clips, with a new last layer, until a validation loss no longer falls.

Defaults where Torabi and Sigal 2017 (arXiv 1708.09522) say nothing: those of the release of C3D (facebookarchive/C3D).
"""

import logging
from contextlib import closing
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import SGD

from poseattn.background import read_many_ahead
from poseattn.pretraining.groups import parameter_groups
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.last_layer import append_layer, last_layer, layout_of
from poseattn.pretraining.piece_batches import PieceBatches, labelled_clips
from poseattn.shards.images import open_images

_log = logging.getLogger(__name__)
_DROPOUT = 2  # what random numbers are for, beside what batches draw
_DROP = 0.1  # factor of the learning rate


def train(backbone: nn.Module, inputs: Inputs, recipe: dict[str, Any]) -> dict[str, Any]:
    """Train all of a backbone and a new last layer, with SGD, on the device where it is.

    Args:
        backbone: From pieces, or single images, to features; trained in place and left in evaluation mode, with the
            last layer as a part of it.
        inputs: All are used; the images are shards of random pieces (see `poseattn.video.pieces.draw_pieces`).
        recipe: Settings of `poseattn.pretraining.piece_batches`; name of the last layer (`classifier`) and by how much
            it learns faster (`head_rate`); `loss`: `softmax`, or `sigmoid`, summed over classes, where a clip may have
            several; `batch`, most `epochs`, `learning_rate`, `momentum`, `weight_decay`. The learning rate falls to a
            tenth after the epochs `drops`, and after `plateau` epochs without a lower validation loss (None: never);
            after `patience` such epochs training ends.

    Returns:
        Names of the `classes`, numbers of clips, the validation `accuracy` (of clips with one class only) and loss of
        the epoch that is kept, and a `note` on what is missing.

    Raises:
        ValueError: The recipe, the clips or the pieces do not fit.

    Deviates: an epoch takes one of the random pieces that are stored of a clip, not any piece of it; so all of it is
        decoded once.
    """
    reader = open_images(inputs.images)
    clips = labelled_clips(inputs, recipe, reader.shards.clip_ids)
    batches = PieceBatches(reader, clips, backbone, recipe)
    _log.info("%s: %d clips train, %d validate", inputs.protocol, len(clips.train), len(clips.validate))
    head = last_layer(backbone.channels, len(clips.classes), recipe["seed"])
    append_layer(backbone, recipe["classifier"], head.to(next(backbone.parameters()).device))
    backbone.network.to(memory_format=layout_of(backbone.network))
    history = _fit(backbone, head, batches, recipe, inputs)
    backbone.eval()
    loss, accuracy = min(history)
    about = {"classes": list(clips.classes), "epochs": len(history), "loss": loss, "accuracy": accuracy}
    return about | {"n_train": len(clips.train), "n_validate": len(clips.validate), "note": clips.note}


def _fit(
    network: nn.Module, head: nn.Linear, batches: PieceBatches, recipe: dict[str, Any], inputs: Inputs
) -> list[tuple[float, float]]:
    """Train to the end; validation loss and accuracy of each epoch. The network is left as in the best of them."""
    groups = parameter_groups(network, head, recipe["head_rate"], recipe["weight_decay"])
    optimizer = SGD(groups, recipe["learning_rate"], recipe["momentum"], fused=True)
    history: list[tuple[float, float]] = []
    best = _state(network)
    if saved := inputs.side_file.load():
        history = [(loss, accuracy) for loss, accuracy in saved["history"]]
        best = saved["best"]
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
    while len(history) < recipe["epochs"] and _stalled(history) < recipe["patience"]:
        rate = recipe["learning_rate"] * _DROP ** _drops(history, recipe)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        trained = _train_epoch(network.train(), optimizer, batches, len(history), recipe, inputs.threads)
        history.append(_validate(network.eval(), batches, recipe, inputs.threads))
        _log.info(
            "epoch %d of %d: loss %.3f, validation loss %.3f, accuracy %.3f, rate %g",
            *(len(history), recipe["epochs"], trained, *history[-1], rate),
        )
        best = _state(network) if _stalled(history) == 0 else best
        progress = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "best": best}
        inputs.side_file.save(progress | {"history": history})
    network.load_state_dict(best)
    return history


def _stalled(history: list[tuple[float, float]]) -> int:
    """Epochs since that of the lowest validation loss."""
    losses = [loss for loss, _ in history]
    return len(losses) - 1 - losses.index(min(losses)) if losses else 0


def _drops(history: list[tuple[float, float]], recipe: dict[str, Any]) -> int:
    """How often the learning rate has fallen: after some epochs, and whenever there was no lower loss for long."""
    drops = sum(len(history) >= drop for drop in recipe["drops"])
    since = 0
    for epoch in range(1, len(history) + 1) if recipe["plateau"] else ():
        since = 0 if _stalled(history[:epoch]) == 0 else since + 1
        if since == recipe["plateau"]:
            drops, since = drops + 1, 0
    return drops


def _train_epoch(
    network: nn.Module, optimizer: SGD, batches: PieceBatches, epoch: int, recipe: dict[str, Any], threads: int
) -> float:
    """One piece of each clip; their mean loss."""
    device = next(network.parameters()).device
    torch.manual_seed(int(np.random.default_rng([recipe["seed"], _DROPOUT, epoch]).integers(2**63)))
    losses, weights = [], []
    with closing(read_many_ahead(batches.training(epoch), threads, 1)) as source:
        for pieces, labels in source:
            optimizer.zero_grad()
            loss = _loss(network(pieces.to(device)), labels.to(device), recipe["loss"])
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
            weights.append(len(pieces))
    mean = float(torch.stack(losses).cpu() @ torch.tensor(weights, dtype=torch.float32)) / sum(weights)
    if not np.isfinite(mean):
        raise ValueError(f"the loss of epoch {epoch + 1} is {mean}: the learning rate may be too high")
    return mean


@torch.no_grad()
def _validate(network: nn.Module, batches: PieceBatches, recipe: dict[str, Any], threads: int) -> tuple[float, float]:
    """Mean loss of the validation clips' pieces, and the share of them whose highest logit is of a right class."""
    device = next(network.parameters()).device
    total, hits, number = 0.0, 0.0, 0
    with closing(read_many_ahead(batches.validation(), threads, 1)) as source:
        for pieces, labels in source:
            logits = network(pieces.to(device)).cpu()
            total += float(_loss(logits, labels, recipe["loss"])) * len(pieces)
            hits += float(labels.gather(1, logits.argmax(dim=1, keepdim=True)).sum())
            number += len(pieces)
    return total / number, hits / number


def _loss(logits: Tensor, labels: Tensor, loss: str) -> Tensor:
    """Mean over pieces; of sigmoids the sum over classes."""
    if loss == "softmax":
        return functional.cross_entropy(logits, labels)
    return functional.binary_cross_entropy_with_logits(logits, labels, reduction="sum") / len(logits)


def _state(network: nn.Module) -> dict[str, Tensor]:
    """Copy of the parameters."""
    return {name: value.clone() for name, value in network.state_dict().items()}
