"""History of a training: its epochs, the best of them, and when it is over."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Epoch(NamedTuple):
    """One line of `history.csv`; NaN where there is no validation clip, or none of any class.

    Attributes:
        epoch: Number, from 1.
        train_loss: Loss in nats, penalties included.
        train_acc: Share of sub-sequences whose highest logit is that of one of their classes.
        val_loss: Loss in nats, penalties included.
        val_score: Accuracy of clips, or the mean average precision where classes do not exclude each other.
        learning_rate: Of the optimiser.
    """

    epoch: int
    train_loss: float
    train_acc: float
    val_loss: float
    val_score: float
    learning_rate: float


def best_epoch(history: Sequence[Epoch], by: str = "score") -> int:
    """Number of the best epoch.

    Args:
        history: At least one epoch.
        by: `score`: the highest validation score counts; `loss`: the lowest validation loss.

    Returns:
        The earliest of equals; the last where there is no such value.
    """
    if math.isnan(history[-1].val_loss if by == "loss" else history[-1].val_score):
        return history[-1].epoch
    if by == "loss":
        return min(history, key=lambda epoch: (epoch.val_loss, epoch.epoch)).epoch
    return max(history, key=lambda epoch: (epoch.val_score, -epoch.epoch)).epoch


def finished(history: Sequence[Epoch], epochs: int, patience: int, by: str = "score") -> bool:
    """Whether a training is over.

    Args:
        history: Its epochs so far.
        epochs: How many there may be.
        patience: After how many without a new best one it ends.
        by: As for `best_epoch`.

    Returns:
        Whether all epochs are over or patience is.
    """
    return bool(history) and (len(history) >= epochs or len(history) - best_epoch(history, by) >= patience)
