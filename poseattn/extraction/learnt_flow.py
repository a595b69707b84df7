"""RAFT for the stage that computes flow: many pairs of frames at once, while the next ones are decoded."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from poseattn.background import read_ahead
from poseattn.extraction.weights_record import file_attrs, pretrained_name
from poseattn.networks import raft
from poseattn.networks.device import device_name, pick_device, set_threads

_AHEAD = 2  # batches that wait for the network


def ready_raft(recipe: dict[str, Any], weights: Path, threads: int, device: str) -> tuple[partial, dict[str, Any]]:
    """RAFT on its device.

    Args:
        recipe: Has the keys `method` (`raft_small` or `raft_large`) and `batch`.
        weights: One of the published files; it is checked against its digest once more.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        Function from the frames of a clip to its flow fields, and what the shard's attributes say of it.

    Raises:
        ValueError: The recipe lacks a key, or the file is not a published one or of another network.
    """
    if "batch" not in recipe:
        raise ValueError("recipe: no key batch")
    set_threads(threads)
    where = pick_device(device)
    attrs = file_attrs(pretrained_name(raft, weights), weights) | {"device": device_name(where), "threads": threads}
    network = raft.build(recipe["method"], weights=weights, seed=0)
    return partial(_fields, network.to(where), recipe["batch"]), attrs


def _fields(network: nn.Module, batch: int, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    for images in read_ahead(_batches(iter(frames), batch), _AHEAD):
        flow = _between(network, images)
        if not np.isfinite(flow).all():
            raise ValueError("the flow of RAFT is not finite")
        yield from flow


def _batches(frames: Iterator[np.ndarray], batch: int) -> Iterator[np.ndarray]:
    """Frames of each batch of pairs (frame, row, col, rgb): the last of one batch is the first of the next."""
    last = list(islice(frames, 1))
    while some := list(islice(frames, batch)):
        yield np.stack(last + some)
        last = some[-1:]


@torch.inference_mode()
def _between(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Flow from each image to the next one (field, row, col, xy), pixels."""
    frames = torch.from_numpy(images).to(next(network.parameters()).device)
    return network(frames[:-1], frames[1:]).cpu().numpy()
