"""Scores of clips: a model's answer to each of their sub-sequences, averaged."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from poseattn.features import Features
from poseattn.windows import Windows


def run_windows(
    model: nn.Module, features: Features, windows: Windows, batch: int
) -> Iterator[tuple[Float[Tensor, "b s c"], dict[str, Tensor]]]:
    """Answers of a model to sub-sequences, `batch` of them at a time.

    Args:
        model: Network on the device of the features; put into evaluation mode.
        features: Windows of frames of the clips.
        windows: The sub-sequences.
        batch: How many the model sees at once.

    Yields:
        Logits of every step, and attention maps by name.
    """
    model.eval()
    for inputs in features.windows(windows.clips, windows.frames, batch):
        with torch.no_grad():
            answer = model(**inputs)
        yield answer


def read_out(logits: Float[Tensor, "b s c"], run: dict[str, Any]) -> Float[Tensor, "b c"]:
    """Score of a sub-sequence from the logits of its steps.

    Args:
        logits: One row a step.
        run: Settings; used are `average` (`logits` or `probabilities`), `loss`, which says how probabilities are made
            (`softmax`, for others the sigmoid), and `readout`: `mean` over the steps or the `last` one.

    Returns:
        One row a clip.

    Raises:
        ValueError: The readout is neither.
    """
    if run["readout"] not in ("mean", "last"):
        raise ValueError(f"readout: found {run['readout']!r}, expected mean or last")
    if run["average"] == "probabilities":
        logits = logits.softmax(dim=2) if run["loss"] == "softmax" else logits.sigmoid()
    return logits.mean(dim=1) if run["readout"] == "mean" else logits[:, -1]


def average_windows(
    scores: Float[np.ndarray, "i c"], clips: Int[np.ndarray, " i"], n_clips: int
) -> Float[np.ndarray, "n c"]:
    """Scores of clips from those of their sub-sequences.

    Args:
        scores: One row a sub-sequence.
        clips: Number of the clip of each; every clip has at least one.
        n_clips: How many clips there are.

    Returns:
        Means, float32.
    """
    total = np.zeros((n_clips, scores.shape[1]))
    np.add.at(total, clips, scores.astype(np.float64))
    return (total / np.bincount(clips, minlength=n_clips)[:, None]).astype(np.float32)
