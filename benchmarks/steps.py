"""What benchmarks of training steps share: a race of a model against the literal loop over its equations."""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

TOLERANCE = 1e-4  # between gradients in single precision, as a share of the largest value of each


def race(
    model: nn.Module, ours: Callable[[], Tensor], loop: Callable[[], Tensor], optimizer: Optimizer, repeats: int
) -> str:
    """Time training steps of both sides in turn, so that a busy machine slows both; the first turn does not count.

    Args:
        model: Its parameters are those of both sides.
        ours: Loss of a batch by the model.
        loop: Loss of the same batch by the literal loop.
        optimizer: Takes the step.
        repeats: Turns.

    Returns:
        Medians of the times, the median of the ratios, and by how much gradients differ without dropout.

    Raises:
        SystemExit: The gradients differ.
    """
    difference = _largest_difference(model, ours, loop)
    if difference > TOLERANCE:
        raise SystemExit(f"gradients differ by {difference:.1e}")
    turns = [(_milliseconds(ours, optimizer), _milliseconds(loop, optimizer)) for _ in range(repeats + 1)][1:]
    model_ms, loop_ms = (statistics.median(times) for times in zip(*turns, strict=True))
    ratio = statistics.median(slow / fast for fast, slow in turns)
    times = f"model {model_ms:.0f} ms, loop {loop_ms:.0f} ms, loop/model {ratio:.2f}"
    return f"{times}, gradients differ by {difference:.1e}\n"


def _largest_difference(model: nn.Module, *sides: Callable[[], Tensor]) -> float:
    """Largest difference between the gradients of both sides, as a share of each gradient's size."""
    model.eval()
    parameters = list(model.parameters())
    ours, expected = (torch.autograd.grad(side(), parameters) for side in sides)
    model.train()
    pairs = zip(ours, expected, strict=True)
    return max(float((a - b).abs().max() / b.abs().max().clamp_min(1e-12)) for a, b in pairs)


def _milliseconds(loss_of: Callable[[], Tensor], optimizer: Optimizer) -> float:
    """Time of forward, loss, backward and step, as in `train`."""
    start = time.perf_counter()
    loss = loss_of()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if loss.is_cuda:
        torch.cuda.synchronize()
    return (time.perf_counter() - start) * 1000
