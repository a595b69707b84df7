"""Streams of images through a network: batches filled across clips, read ahead while the network works."""

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from poseattn.background import read_ahead
from poseattn.networks.device import can_compile
from poseattn.sizes import rectangle

Tag = TypeVar("Tag")
_IN_CACHE = 8 * 224**2  # pixels
MOVES_NO_NUMBER = ("_AHEAD",)
_AHEAD = 2  # batches that wait for the network


def recut(arrays: Iterable[np.ndarray], lengths: Iterable[int]) -> Iterator[np.ndarray]:
    """Cut a stream of rows anew, in order.

    Args:
        arrays: Rows in arrays of any length.
        lengths: Numbers of rows asked for, at least 1 each.

    Yields:
        Arrays of these lengths until rows or lengths run out; the last one may be shorter.
    """
    source = (array for array in arrays if len(array))
    rest = next(source, None)
    for length in lengths:
        found: list[np.ndarray] = []
        missing = length
        while missing and rest is not None:
            found.append(rest[:missing])
            rest = rest[missing:] if len(rest) > missing else next(source, None)
            missing -= len(found[-1])
        if not found:
            return
        yield found[0] if len(found) == 1 else np.concatenate(found)


def describe(backbone: nn.Module, images: Iterable[np.ndarray], batch: int, compiled: bool) -> Iterator[np.ndarray]:
    """Features of a stream of images, computed where the backbone is.

    On a GPU the network runs in float16 where that is safe, the next batch is copied there meanwhile, and features are
    fetched while the following batch is computed.

    Args:
        backbone: From uint8 images (image, row, col, rgb) to features (image, ...), in evaluation mode.
        images: The stream, in arrays of any length.
        batch: Number of images that the network takes at once.
        compiled: Compile the network for full batches, where PyTorch can. The last, shorter one is left to the network
            as it is: to compile for its size would take longer.

    Yields:
        float16 features of one batch after the other.
    """
    device = next(backbone.parameters()).device
    full = torch.compile(backbone, dynamic=False) if compiled and can_compile(device) else backbone
    running: deque[tuple[Tensor, torch.cuda.Event | None]] = deque()
    pinned = (_pinned(pixels, device) for pixels in recut(images, repeat(batch)))
    for pixels in read_ahead(pinned, _AHEAD):
        running.append(_launch(full if len(pixels) == batch else backbone, pixels, device))
        if len(running) > 1:
            yield _fetch(*running.popleft())
    while running:
        yield _fetch(*running.popleft())


def describe_portions(
    backbone: nn.Module, portions: Iterable[tuple[Tag, np.ndarray]], batch: int, compiled: bool
) -> Iterator[tuple[Tag, np.ndarray]]:
    """Compute the features of portions of images, each of which has a tag; a batch may span portions.

    Args:
        backbone: As for `describe`.
        portions: Pairs of a tag and images (image, row, col, rgb), perhaps no image. A second thread makes them, so
            that reading and decoding cost no time of the network.
        batch: Number of images that the network takes at once.
        compiled: As for `describe`.

    Yields:
        Each tag with the features of its images, in order; an array of length 0 for no images.
    """
    waiting: deque[tuple[Tag, int]] = deque()

    def images() -> Iterator[np.ndarray]:
        for tag, array in portions:
            waiting.append((tag, len(array)))
            yield array

    rest = np.empty(0, np.float16)
    for features in describe(backbone, images(), batch, compiled):
        rest = np.concatenate([rest, features]) if len(rest) else features
        while waiting and waiting[0][1] <= len(rest):
            tag, length = waiting.popleft()
            yield tag, rest[:length]
            rest = rest[length:]
    yield from ((tag, rest[:0]) for tag, _ in waiting)


def fitting_batch(batch: int, size: int | Sequence[int], device: torch.device) -> int:
    """How many images a network takes at once where it runs.

    Args:
        batch: How many are asked for, which suits a GPU.
        size: Edge of a square image, or rows and columns, pixels.
        device: Where the network is.

    Returns:
        As many on a GPU. On a CPU no more than 8 of 224 pixels have: maps of more leave its caches, which costs a
        GoogLeNet a quarter of its speed.
    """
    return batch if device.type != "cpu" else min(batch, max(1, _IN_CACHE // math.prod(rectangle(size))))


def check_range(features: np.ndarray, what: str) -> None:
    """Make sure that features are numbers.

    Args:
        features: As float16.
        what: What they are, for the message.

    Raises:
        ValueError: One left the range of float16.
    """
    if not np.isfinite(features).all():
        raise ValueError(f"{what} beyond float16")


def _pinned(pixels: np.ndarray, device: torch.device) -> Tensor:
    """A tensor that can be copied to the device while the device computes."""
    tensor = torch.from_numpy(pixels)
    return tensor.pin_memory() if device.type == "cuda" else tensor


@torch.inference_mode()
def _launch(network: nn.Module, pixels: Tensor, device: torch.device) -> tuple[Tensor, torch.cuda.Event | None]:
    """Features on their way to the CPU, and the event that says that they are there."""
    with torch.autocast(device.type, torch.float16, enabled=device.type == "cuda"):
        features = network(pixels.to(device, non_blocking=True))
    features = features.half().to("cpu", non_blocking=True)
    return features, torch.cuda.current_stream(device).record_event() if device.type == "cuda" else None


def _fetch(features: Tensor, arrived: torch.cuda.Event | None) -> np.ndarray:
    if arrived is not None:
        arrived.synchronize()
    return features.numpy()
