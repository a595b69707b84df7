"""Training a network to draw a heatmap of each joint of a person (Newell, Yang, Deng 2016, arXiv 1603.06937, Sec. 3).

Every stack is compared with the same targets (intermediate supervision). Networks are compared by PCKh on the people
that the protocol tests on, with the maps of a picture and of its mirror image averaged.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.optim import Adam, Optimizer, RMSprop

from poseattn.background import read_many_ahead
from poseattn.pose.heatmaps import draw_gaussians
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.joint_test import test
from poseattn.pretraining.people import Batch, People, in_cells
from poseattn.pretraining.squares import sample, tensors
from poseattn.training.checkpoint import SideFile

_log = logging.getLogger(__name__)
_SAVED_EVERY = 100  # iterations
_ALPHA = 0.99  # of RMSprop, as in the release


def train(backbone: nn.Module, inputs: Inputs, recipe: dict[str, Any]) -> dict[str, Any]:
    """Train all of a pose network, on the device where it is.

    Args:
        backbone: A stacked hourglass; trained in place and left in evaluation mode.
        inputs: All but the classes are used; the images are shards of squares around people.
        recipe: As for `poseattn.pretraining.people.People`; `batch` (people), `iterations`, after how many the learning
            rate is multiplied by `drop` (`drops`); `optimizer` (`adam` or `rmsprop`), `learning_rate`, and the
            `deviation` of the Gaussians in cells.

    Returns:
        `pckh`, the share of correct keypoints at half the head's size among test people; of each joint as well
        (`pckh_of`); numbers of people; and what tables say of the `weights`, by the `dataset` that the recipe names.

    Raises:
        ValueError: The recipe, the people or the pictures do not fit.
    """
    people, tests = (People(inputs, part, recipe) for part in ("train", "test"))
    if backbone.channels != len(people.body.joints):
        raise ValueError(f"backbone has {backbone.channels} heatmaps, {len(people.body.joints)} joints are annotated")
    _log.info("%s: %d people to train on, %d to test on", inputs.protocol, len(people.clip_ids), len(tests.clip_ids))
    backbone.to(memory_format=torch.channels_last).train()
    fit(backbone, people, recipe, inputs.threads, inputs.side_file)
    backbone.eval()
    about = test(backbone, tests, recipe["batch"])
    _log.info("PCKh@0.5 %.3f: %s", about["pckh"], ", ".join(f"{k} {v:.2f}" for k, v in about["pckh_of"].items()))
    counts = {"n_train": len(people.clip_ids), "n_test": len(tests.clip_ids)}
    return about | counts | {"weights": f"trained-on-{recipe['dataset']}"}


def heatmap_loss(
    stacks: Sequence[Float[Tensor, "b j row col"]], target: Float[Tensor, "b j row col"], valid: UInt8[Tensor, "b j"]
) -> Float[Tensor, ""]:
    """Mean squared error of the maps of joints that have a position, summed over the stacks.

    Args:
        stacks: Maps of every stack.
        target: What they are to be.
        valid: 0 where a joint has no position, so that its map may be anything.

    Returns:
        The loss; 0 if no joint has a position.
    """
    count = valid.sum().clamp(min=1)
    errors = [((maps - target) ** 2).mean(dim=(2, 3)) * valid for maps in stacks]
    return torch.stack(errors).sum() / count


def fit(backbone: nn.Module, people: People, recipe: dict[str, Any], threads: int, side_file: SideFile) -> None:
    """Train until all iterations are over.

    Args:
        backbone: In training mode.
        people: Whom it is trained on.
        recipe: As for `train`.
        threads: How many threads read pictures.
        side_file: Where progress is saved, and where a killed training goes on from.

    Raises:
        ValueError: The recipe names another optimiser, or the loss is no number.
    """
    optimizer = _optimizer(backbone, recipe)
    history: list[float] = []
    if saved := side_file.load():
        history = list(saved["history"])
        backbone.network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
    with closing(_batches(backbone, people, recipe, len(history), threads)) as batches:
        while len(history) < recipe["iterations"]:
            rate = recipe["learning_rate"] * recipe["drop"] ** sum(len(history) >= drop for drop in recipe["drops"])
            for group in optimizer.param_groups:
                group["lr"] = rate
            history.append(_step(backbone, optimizer, *next(batches)))
            if len(history) % _SAVED_EVERY == 0 or len(history) == recipe["iterations"]:
                mean = float(np.mean(history[-_SAVED_EVERY:]))
                _log.info("iteration %d of %d: loss %.5f", len(history), recipe["iterations"], mean)
                if not np.isfinite(mean):
                    raise ValueError(f"the loss is {mean} after {len(history)} iterations; a lower learning_rate helps")
                progress = {"network": backbone.network.state_dict(), "optimizer": optimizer.state_dict()}
                side_file.save(progress | {"history": history})


def _optimizer(backbone: nn.Module, recipe: dict[str, Any]) -> Optimizer:
    name, rate, parameters = recipe["optimizer"], recipe["learning_rate"], backbone.parameters()
    if name == "adam":
        return Adam(parameters, rate, fused=True)
    if name == "rmsprop":
        return RMSprop(parameters, rate, _ALPHA)
    raise ValueError(f"recipe: optimizer {name!r}, expected adam or rmsprop")


def _batches(
    backbone: nn.Module, people: People, recipe: dict[str, Any], done: int, threads: int
) -> Iterator[tuple[Batch, np.ndarray]]:
    """People and their targets from an iteration on, read ahead."""
    grid = backbone.grid

    def read(number: int) -> Iterator[tuple[Batch, np.ndarray]]:
        batch = people.draw(number * recipe["batch"], recipe["batch"])
        yield batch, draw_gaussians(in_cells(batch.joints, grid), batch.valid, grid, recipe["deviation"])

    return read_many_ahead((read(number) for number in range(done, recipe["iterations"])), threads, 1)


def _step(backbone: nn.Module, optimizer: Optimizer, batch: Batch, target: np.ndarray) -> float:
    """One step against the gradient of a batch; its loss before that."""
    device = next(backbone.parameters()).device
    images = sample(*tensors(batch, device), backbone.input_shape[:2])
    optimizer.zero_grad()
    stacks = backbone.stack_maps(images)
    loss = heatmap_loss(stacks, torch.from_numpy(target).to(device), torch.from_numpy(batch.valid).to(device))
    loss.backward()
    optimizer.step()
    return loss.item()
