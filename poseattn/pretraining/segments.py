"""Temporal segment networks (Wang et al. 2016, arXiv 1608.00859): a backbone trained on snippets of clips.

A clip is cut into equal parts; the mean of the logits of one random snippet of each is the clip's (Sec. 3.1). Rates and
decays by kind of parameter are those of the release (yjxiong/temporal-segment-networks).
"""

import logging
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim import SGD

from poseattn.background import read_many_ahead
from poseattn.layers.dropout import Dropout
from poseattn.networks.shared import seeded
from poseattn.pretraining.groups import parameter_groups
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.snippets import Snippets, snippet_clips
from poseattn.shards.images import open_images
from poseattn.training.checkpoint import SideFile

_log = logging.getLogger(__name__)
_SAVED_EVERY = 50  # iterations
_CLASSIFIER_STD = 0.001  # of initial weights, as in the release
_CHANNELS_OF_FIELD = 2
_DROPOUT = 2  # what random numbers are for, beside what snippets draw


class SegmentNetwork(nn.Module):
    """A backbone with a classifier whose answers to the snippets of a clip are averaged.

    Args:
        backbone: From uint8 pictures to features.
        n_classes: Number of classes.
        dropout: Share of the features set to zero before the classifier.
    """

    def __init__(self, backbone: nn.Module, n_classes: int, dropout: float | int) -> None:
        super().__init__()
        self.backbone, self.dropout = backbone, Dropout(float(dropout))
        self.classifier = nn.Linear(backbone.channels, n_classes)
        nn.init.normal_(self.classifier.weight, std=_CLASSIFIER_STD)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, snippets: UInt8[Tensor, "b segment row col channel"]) -> Float[Tensor, "b c"]:
        """Logits of clips: the segmental consensus (Eq. 1), a mean."""
        features = self.backbone(snippets.flatten(0, 1))  # (b * segment, d)
        logits = self.classifier(self.dropout(features))
        return logits.unflatten(0, snippets.shape[:2]).mean(dim=1)


def train(backbone: nn.Module, inputs: Inputs, recipe: dict[str, Any]) -> dict[str, Any]:
    """Train all of a backbone, with cross-entropy and SGD, on the device where it is.

    Args:
        backbone: From uint8 pictures to features; trained in place and left in evaluation mode.
        inputs: All are used; the images are shards of stored frames or of flow fields.
        recipe: Settings of `poseattn.pretraining.snippets.Snippets`; `batch` (clips), given to the network in as many
            `parts`, as if each were on a GPU of its own; `iterations`, and after how many the learning rate falls to a
            tenth (`drops`); `learning_rate`, its factor for the first convolution (`first_rate`), `momentum`,
            `weight_decay`, largest norm of the gradient (`grad_clip`, or None), `dropout`, and `partial_bn` (whether
            all batch norm but the first is frozen).

    Returns:
        The `classifier`, names of its `classes`, number of clips, and a `note` on what is missing.

    Raises:
        ValueError: The recipe, the clips or the pictures do not fit.
    """
    channels = backbone.input_shape[-1]
    reader = open_images(inputs.images, max(channels // _CHANNELS_OF_FIELD, 1))
    if len(backbone.input_shape) != 3 or reader.channels != channels:
        raise ValueError(f"backbone takes {backbone.input_shape}, pictures have {reader.channels} channels")
    clips = snippet_clips(inputs, reader.shards.clip_ids)
    _log.info("%s: %d training clips of %d classes", inputs.protocol, len(clips.clip_ids), len(clips.classes))
    if clips.note:
        _log.warning(clips.note)
    with seeded(recipe["seed"]):
        network = SegmentNetwork(backbone, len(clips.classes), recipe["dropout"])
    network.to(next(backbone.parameters()).device, memory_format=torch.channels_last).train()
    if recipe["partial_bn"]:
        freeze_batch_norm(backbone)
    fit(network, Snippets(reader, clips, recipe), recipe, inputs.threads, inputs.side_file)
    network.eval()
    classifier = {name: value.cpu() for name, value in network.classifier.state_dict().items()}
    about = {"classes": list(clips.classes), "n_train": len(clips.clip_ids), "note": clips.note}
    return {"classifier": classifier} | about


def freeze_batch_norm(network: nn.Module) -> None:
    """Keep statistics, scale and shift of all batch norm but the first as they are (partial BN, Sec. 3.2)."""
    for norm in [module for module in network.modules() if isinstance(module, _BatchNorm)][1:]:
        norm.eval().requires_grad_(False)


def fit(network: nn.Module, snippets: Snippets, recipe: dict[str, Any], threads: int, side_file: SideFile) -> None:
    """Train until all iterations are over.

    Args:
        network: From snippets to logits of clips, in training mode.
        snippets: What it is trained on.
        recipe: As for `train`.
        threads: How many threads read pictures.
        side_file: Where progress is saved, and where a killed training goes on from.
    """
    first = next((module for module in network.modules() if isinstance(module, nn.Conv2d)), None)
    groups = parameter_groups(network, first, recipe["first_rate"], recipe["weight_decay"])
    optimizer = SGD(groups, recipe["learning_rate"], recipe["momentum"], fused=True)
    history: list[tuple[float, float]] = []
    if saved := side_file.load():
        history = [(loss, accuracy) for loss, accuracy in saved["history"]]
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
    with closing(_batches(snippets, recipe, len(history), threads)) as batches:
        while len(history) < recipe["iterations"]:
            history.append(_step(network, optimizer, batches, recipe, len(history)))
            if len(history) % _SAVED_EVERY == 0 or len(history) == recipe["iterations"]:
                loss, accuracy = np.mean(history[-_SAVED_EVERY:], axis=0)
                _log.info(
                    "iteration %d of %d: loss %.3f, accuracy %.3f", len(history), recipe["iterations"], loss, accuracy
                )
                progress = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
                side_file.save(progress | {"history": history})


def _batches(snippets: Snippets, recipe: dict[str, Any], done: int, threads: int) -> Iterator[Any]:
    """Parts of batches from an iteration on, read ahead."""
    size = recipe["batch"] // recipe["parts"]
    if size * recipe["parts"] != recipe["batch"]:
        raise ValueError(f"batch: {recipe['batch']} clips cannot be given in {recipe['parts']} equal parts")
    parts = range(done * recipe["parts"], recipe["iterations"] * recipe["parts"])
    return read_many_ahead(((snippets.read(*place) for place in [(part * size, size)]) for part in parts), threads, 1)


def _step(
    network: nn.Module, optimizer: SGD, batches: Iterator[Any], recipe: dict[str, Any], done: int
) -> tuple[float, float]:
    """One step against the gradient of a batch; its loss and share of hits before that."""
    device = next(network.parameters()).device
    rate = recipe["learning_rate"] * 0.1 ** sum(done >= drop for drop in recipe["drops"])
    for group in optimizer.param_groups:
        group["lr"] = rate * group["factor"]
    torch.manual_seed(int(np.random.default_rng([recipe["seed"], _DROPOUT, done]).integers(2**63)))
    optimizer.zero_grad()
    tally = torch.zeros(2, device=device)
    for _ in range(recipe["parts"]):
        pictures, labels = (torch.from_numpy(array).to(device) for array in next(batches))
        logits = network(pictures)
        loss = functional.cross_entropy(logits, labels)
        (loss / recipe["parts"]).backward()
        tally += torch.stack([loss.detach(), (logits.argmax(dim=1) == labels).float().mean()])
    if recipe["grad_clip"] is not None:
        nn.utils.clip_grad_norm_(network.parameters(), recipe["grad_clip"])
    optimizer.step()
    loss, accuracy = (tally / recipe["parts"]).tolist()
    return loss, accuracy
