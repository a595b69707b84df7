"""Evaluation: logits of clips, averaged over test draws, and where the model looked.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4: the score of a clip is the mean of its sub-sequences' logits.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from poseattn.features import Features
from poseattn.sampling import sample_test


def score_clips(
    model: nn.Module, features: Features, clip_ids: Sequence[str], run: dict[str, Any]
) -> tuple[Float[np.ndarray, "n c"], dict[str, np.ndarray]]:
    """Scores of clips: the mean over test draws of the logits of each draw.

    Args:
        model: Trained network on the device of the features.
        features: Windows of frames of the clips, in the order of `clip_ids`.
        clip_ids: Names of the clips, which seed their draws.
        run: Settings; used are `sampling`, `frames`, `test_draws`, `batch` and `readout`.

    Returns:
        Logits, and what the first draw showed: the model's attention maps by name, (n, t, ...) float32, and if it has
        any, `frame` (n, t), the frame numbers they belong to.
    """
    model.eval()
    n_draws = run["test_draws"]
    frames = [
        sample_test(run["sampling"], clip_ids, features.length, run["frames"], draw, n_draws) for draw in range(n_draws)
    ]
    logits, attention = _run(model, features, frames[0], run)
    total = logits.astype(np.float64)
    for later in frames[1:]:
        total += _run(model, features, later, run)[0]
    return (total / n_draws).astype(np.float32), attention | ({"frame": frames[0]} if attention else {})


def read_out(logits: Float[Tensor, "b s c"], readout: str) -> Float[Tensor, "b c"]:
    """Logits of a sub-sequence from those of its steps.

    Args:
        logits: One row a step.
        readout: `mean` over the steps or the `last` one.

    Returns:
        One row a clip.

    Raises:
        ValueError: The readout is neither.
    """
    if readout not in ("mean", "last"):
        raise ValueError(f"readout: found {readout!r}, expected mean or last")
    return logits.mean(dim=1) if readout == "mean" else logits[:, -1]


@torch.no_grad()
def _run(
    model: nn.Module, features: Features, frames: Int[np.ndarray, "n t"], run: dict[str, Any]
) -> tuple[Float[np.ndarray, "n c"], dict[str, np.ndarray]]:
    """Logits and attention maps of one sub-sequence of every clip."""
    logits, maps = [], []
    for inputs in features.windows(np.arange(len(frames)), frames, run["batch"]):
        steps, attention = model(**inputs)
        logits.append(read_out(steps, run["readout"]).cpu().numpy())
        maps.append({name: weights.float().cpu().numpy() for name, weights in attention.items()})
    return np.concatenate(logits), {name: np.concatenate([one[name] for one in maps]) for name in maps[0]}
