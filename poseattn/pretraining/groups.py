"""Parameters with their own learning rates and decays, by the recipes of Caffe's releases."""

from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def parameter_groups(
    network: nn.Module, special: nn.Module | None, rate: float | int, weight_decay: float | int
) -> list[dict[str, Any]]:
    """Parameters as SGD takes them.

    Args:
        network: What is trained; frozen parameters are left out.
        special: Layer that learns `rate` times as fast as the others; None for none.
        rate: Its factor.
        weight_decay: Of tensors of two or more axes; others do not decay.

    Returns:
        Groups with their `factor` of the learning rate: biases learn twice as fast, those of batch norm do not.
    """
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            factor = 2 if name == "bias" and not isinstance(module, _BatchNorm) else 1
            factor *= rate if module is special else 1
            if parameter.requires_grad:
                groups.setdefault((factor, parameter.dim() > 1), []).append(parameter)
    return [
        {"params": found, "factor": factor, "weight_decay": weight_decay if decays else 0}
        for (factor, decays), found in groups.items()
    ]
