"""Bounds for networks while they are built: few words of a stranger's settings can ask for terabytes."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn
from torch.nn.modules import module as registration


@contextmanager
def at_most(numbers: int) -> Iterator[None]:
    """Refuse to go on building networks once all that was built inside the block has more numbers than a limit.

    On the device `meta` nothing is allocated before. Elsewhere a single tensor may be, before it is counted.

    Args:
        numbers: Parameters and buffers of all networks together.

    Raises:
        ValueError: There are more.
    """
    total = 0

    def count(module: nn.Module, name: str, tensor: Tensor | None) -> None:
        nonlocal total
        total += 1 if tensor is None else max(1, tensor.numel())
        if total > numbers:
            raise ValueError(f"the settings ask for a network of more than {numbers} numbers")

    handles = [
        registration.register_module_parameter_registration_hook(count),
        registration.register_module_buffer_registration_hook(count),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
