"""Training a backbone and a linear classifier on labelled images; what the images show is of no concern here.

Where a backbone takes pieces of videos, an image is one such piece: some frames, all of one label.
"""

import logging
import math
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Generator, Tensor, nn
from torch.nn import functional
from torch.optim import Adam
from torch.optim.lr_scheduler import LambdaLR

from poseattn.pretraining.batch_norm import add_batch_norm, fold_batch_norm
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.last_layer import append_layer, last_layer, layout_of
from poseattn.shards.shard import Shard

AXES = {3: "image row col rgb", 4: "image frame row col rgb"}  # by the axes of what a backbone takes
_log = logging.getLogger(__name__)
_NEIGHBOURS = 16  # images held out together, since neighbours in a shard may show one scene


def train(backbone: nn.Module, inputs: Inputs, recipe: dict[str, Any]) -> dict[str, Any]:
    """Train a backbone on one shard of labelled images; a killed training begins anew.

    Args:
        backbone: As for `train_classifier`.
        inputs: Used are the images, a shard of kind `images` with the class of each in `label`.
        recipe: As for `train_classifier`.

    Returns:
        The `accuracy` on held-out images.

    Raises:
        ValueError: The recipe or the shard is wrong.
    """
    if len(inputs.images) != 1:
        raise ValueError(f"method images: {len(inputs.images)} shards of images are given, expected 1")
    with Shard(inputs.images[0], kind="images", axes=AXES[len(backbone.input_shape)]) as shard:
        pictures = np.empty((shard.n_rows, *shard.row_shape), np.uint8)
        shard.read_into(pictures)
        labels = shard.side_all("label").astype(np.int64)
    accuracy = train_classifier(backbone, torch.from_numpy(pictures), torch.from_numpy(labels), recipe)
    _log.info("accuracy %.3f on held-out images", accuracy)
    return {"accuracy": accuracy}


def train_classifier(
    backbone: nn.Module,
    images: UInt8[Tensor, "b *frame row col rgb"],
    labels: Int64[Tensor, " b"],
    recipe: dict[str, Any],
) -> float:
    """Train all of a backbone, with cross-entropy and Adam, on the device where it is.

    Args:
        backbone: From uint8 images to features; trained in place and left in evaluation mode.
        images: RGB images, or pieces of videos.
        labels: Class of each, from 0.
        recipe: `epochs`, `batch`, `learning_rate` (at its highest), `warmup` (share of the steps until there),
            `label_smoothing`, `validation` (share of the images held out), `seed`, and `augment` (see `augmented`). If
            the network is to end with the classifier, `classifier` names that layer; if it is one without batch norm,
            `batch_norm` may say that it has some in training (see `poseattn.pretraining.batch_norm`).

    Returns:
        Accuracy on the images held out, 0 to 1.

    Raises:
        ValueError: The recipe holds out no image or leaves too few to train on.
    """
    draws = Generator().manual_seed(recipe["seed"])
    held_out, kept = _hold_out(len(images), recipe["validation"], draws)
    steps = len(kept) // recipe["batch"]
    if not len(held_out) or not steps:
        raise ValueError(f"{len(images)} images: {len(held_out)} are held out, and {len(kept)} make {steps} batches")
    device = next(backbone.parameters()).device
    classifier = last_layer(backbone.channels, int(labels.max()) + 1, recipe["seed"])
    if recipe.get("batch_norm"):
        add_batch_norm(backbone.network)
    network = nn.Sequential(backbone, classifier).to(device)
    backbone.network.to(memory_format=layout_of(backbone.network))
    optimizer = Adam(network.parameters(), recipe["learning_rate"], fused=True)
    schedule = LambdaLR(optimizer, lambda step: _schedule(step / (steps * recipe["epochs"]), recipe["warmup"]))
    for epoch in range(recipe["epochs"]):
        network.train()
        losses = []
        shuffled = kept[torch.randperm(len(kept), generator=draws)][: steps * recipe["batch"]]
        for batch in shuffled.split(recipe["batch"]):
            pixels = augmented(images[batch], recipe["augment"], draws).to(device)
            losses.append(_descend(network, optimizer, pixels, labels[batch].to(device), recipe["label_smoothing"]))
            schedule.step()
        accuracy = _accuracy(network.eval(), images[held_out], labels[held_out], recipe["batch"], device)
        mean = float(torch.stack(losses).mean())
        _log.info("epoch %d of %d: loss %.3f, accuracy %.3f", epoch + 1, recipe["epochs"], mean, accuracy)
    if recipe.get("batch_norm"):
        fold_batch_norm(backbone.network)
    if "classifier" in recipe:
        append_layer(backbone, recipe["classifier"], classifier)
    return accuracy


def augmented(
    images: UInt8[Tensor, "b *frame row col rgb"], amounts: dict[str, Any], draws: Generator
) -> UInt8[Tensor, "b *frame row col rgb"]:
    """Images moved and coloured at random, each in its own way; what comes in from outside repeats the border.

    Args:
        images: RGB images, or pieces of videos, whose frames are moved and coloured alike.
        amounts: `flip` (whether half of them are mirrored left to right) and the largest `rotation` (degrees), `scale`
            (share of the size), `shift` (share of the edge), `gain` (of each colour) and `offset` (of all colours, as
            a share of white).
        draws: Where the random numbers come from.

    Returns:
        As many images of the same size.
    """

    def uniform(largest: float | int, *shape: int) -> Tensor:
        return largest * (2 * torch.rand(len(images), *shape, generator=draws) - 1)

    angle, zoom = uniform(math.radians(amounts["rotation"])), 1 + uniform(amounts["scale"])
    mirror = torch.where((uniform(1.0) < 0) & amounts["flip"], -1.0, 1.0)
    turn = torch.stack([angle.cos() * mirror, -angle.sin(), angle.sin() * mirror, angle.cos()], 1).unflatten(1, (2, 2))
    moves = torch.cat([turn / zoom[:, None, None], uniform(2 * amounts["shift"], 2, 1)], dim=2)  # (b, xy, xy1)
    frames = images if images.dim() > 4 else images[:, None]
    pixels = frames.movedim(-1, 2).flatten(1, 2).float()  # (b, frame * rgb, row, col)
    grid = functional.affine_grid(moves, list(pixels.shape), align_corners=False)
    pixels = functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
    gain, offset = 1 + uniform(amounts["gain"], 3, 1, 1), 255 * uniform(amounts["offset"], 1, 1, 1)
    pixels = pixels * gain.repeat(1, frames.shape[1], 1, 1) + offset
    moved = pixels.round().clamp(0, 255).to(torch.uint8).unflatten(1, (-1, 3)).movedim(2, -1)
    return moved if images.dim() > 4 else moved[:, 0]


def _hold_out(n_images: int, share: float, draws: Generator) -> tuple[Tensor, Tensor]:
    """Numbers of the images held out, in runs of neighbours, and of those to train on."""
    runs = torch.arange(n_images).split(_NEIGHBOURS)
    first = torch.zeros(len(runs), dtype=torch.bool)
    first[torch.randperm(len(runs), generator=draws)[: round(share * len(runs))]] = True
    is_held_out = first.repeat_interleave(_NEIGHBOURS)[:n_images]
    return is_held_out.nonzero().flatten(), (~is_held_out).nonzero().flatten()


def _descend(network: nn.Module, optimizer: Adam, pixels: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """One step against the gradient of the loss, which is returned."""
    optimizer.zero_grad()
    loss = functional.cross_entropy(network(pixels), labels, label_smoothing=smoothing)
    loss.backward()
    optimizer.step()
    return loss.detach()


def _schedule(progress: float, warmup: float) -> float:
    """Share of the learning rate: rises linearly, then falls along half a cosine to 0, as the share of steps does."""
    if progress < warmup:
        return progress / warmup
    return (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


@torch.no_grad()
def _accuracy(network: nn.Module, images: Tensor, labels: Tensor, batch: int, device: torch.device) -> float:
    """Share of images whose highest logit is the label's."""
    guesses = [network(part.to(device)).argmax(dim=1).cpu() for part in images.split(batch)]
    return float((torch.cat(guesses) == labels).float().mean())
