"""Where a stage computes: its device and CPU threads, set so that the same job gives the same numbers again."""

import logging
import os
from functools import cache

import torch

from poseattn.networks import gpus

_log = logging.getLogger(__name__)


def pick_device(device: str) -> torch.device:
    """Device that a stage computes on, with PyTorch held to algorithms that repeat themselves bit for bit.

    An operation that has no such algorithm on this device then raises an error instead of giving other numbers in
    each run. cuBLAS wants a workspace of fixed size for that, which it reads from the environment when it is first
    used, so call this before any other work on a GPU.

    Of several GPUs the process takes one that no other process of this package has taken, and keeps it to its end;
    where all are taken it waits. Where `CUDA_VISIBLE_DEVICES` leaves a single one, a scheduler or a user has chosen:
    that one is taken at once, and processes that may choose keep away from it.

    Args:
        device: `cpu`, `cuda`, or `auto` for the GPU where there is one.

    Returns:
        The device, never a silent substitute for the one asked for.

    Raises:
        ValueError: The name is another one, `cuda` is asked for on a machine without it, or the environment variable
            `POSEATTN_JOBS_PER_GPU` is no positive number.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise ValueError(f"device: found {device!r}, expected auto, cpu or cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("device: found 'cuda', but PyTorch sees no CUDA device on this machine")
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_deterministic_debug_mode("error")  # the same switch as use_deterministic_algorithms, without its imports
    torch.utils.deterministic.fill_uninitialized_memory = False  # writes NaN into every new tensor, for debugging only
    if device == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", _own_gpu())


@cache
def _own_gpu() -> int:
    """Number of the GPU of this process, among those that it sees."""
    count = torch.cuda.device_count()
    names = [str(torch.cuda.get_device_properties(n).uuid) for n in range(count)]
    if count == 1 and "CUDA_VISIBLE_DEVICES" in os.environ:
        gpus.mark(names[0])
        return 0
    number = gpus.claim(names, gpus.jobs_per_gpu())
    torch.cuda.set_device(number)  # of streams and pinned memory, which do not name a device
    return number


def device_name(device: torch.device) -> str:
    """Name of a device for records: `cpu`, or `cuda` and the model of the GPU."""
    return "cpu" if device.type == "cpu" else f"{device.type} ({torch.cuda.get_device_name(device)})"


@cache
def can_compile(device: torch.device) -> bool:
    """Whether PyTorch can compile networks, which wants a C++ compiler and a folder from which programs may run.

    The log says why it cannot. The smallest function is compiled to find out, once a process.

    Args:
        device: Where networks compute.

    Returns:
        Whether it can.
    """
    try:
        torch.compile(lambda number: number + 1)(torch.zeros(2, device=device))
    except (RuntimeError, OSError) as error:
        _log.warning(
            "compile: the network runs uncompiled, since PyTorch cannot compile here (%s); install g++, and name a "
            "folder from which programs may run in TORCHINDUCTOR_CACHE_DIR",
            " ".join(str(error).partition("\n\n")[0].split())[:300],
        )
        return False
    return True


def set_threads(threads: int) -> None:
    """Fix how many CPU threads an operation uses.

    Sums are split among threads, so their number moves the last digits of a result: it comes from a recorded
    parameter, never from the cores that happen to be free.

    Args:
        threads: Threads, at least 1.

    Raises:
        ValueError: Fewer than 1.
    """
    if threads < 1:
        raise ValueError(f"threads: found {threads}, expected at least 1")
    torch.set_num_threads(threads)
