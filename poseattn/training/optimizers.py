"""The optimiser of a run, and its learning rate in every epoch."""

import math
from typing import Any

from torch import nn
from torch.optim import SGD, Adam, Optimizer, RMSprop


def optimizer_of(model: nn.Module, run: dict[str, Any]) -> Optimizer:
    """Optimiser of a run.

    Args:
        model: Gives the parameters.
        run: Settings; used are `optimizer` (`adam`; `sgd` with `momentum`; or `rmsprop` with `smoothing`, the share of
            the mean square that stays), `learning_rate` and `weight_decay`, the factor gamma of gamma * |theta|^2 in
            the loss.

    Returns:
        The optimiser.

    Raises:
        ValueError: There is no such optimiser.
    """
    # PyTorch adds weight_decay * theta to the gradient, and that of gamma * theta^2 is twice as much.
    shared = {"lr": run["learning_rate"], "weight_decay": 2 * run["weight_decay"]}
    if run["optimizer"] == "adam":
        return Adam(model.parameters(), fused=True, **shared)
    if run["optimizer"] == "sgd":
        return SGD(model.parameters(), momentum=run["momentum"], fused=True, **shared)
    if run["optimizer"] == "rmsprop":
        return RMSprop(model.parameters(), alpha=run["smoothing"], **shared)
    raise ValueError(f"optimizer: {run['optimizer']!r} is none of adam, sgd, rmsprop")


def learning_rate(run: dict[str, Any], epoch: int) -> float:
    """Learning rate of an epoch.

    Args:
        run: Settings; used are `learning_rate`, `drops` (after how many epochs it falls to a tenth) and, if it is
            there, `lr_decay`: it stays for the epochs of `after`, and is multiplied by `ratio` for the next `every` of
            them, once more for the `every` after these, and so on.
        epoch: Number of the epoch, from 1.

    Returns:
        The rate.
    """
    rate = run["learning_rate"] * 0.1 ** sum(epoch > drop for drop in run["drops"])
    if "lr_decay" not in run:
        return rate
    decay = run["lr_decay"]
    return rate * decay["ratio"] ** math.ceil(max(epoch - decay["after"], 0) / decay["every"])
