"""Losses of sequences: cross-entropy of every step, and what attention over places is asked to look like."""

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn import functional


def sequence_loss(logits: Float[Tensor, "b s c"], label: Shaped[Tensor, "b ..."], steps: str) -> Float[Tensor, ""]:
    """Cross-entropy in nats of the steps at which a model gives logits, averaged over clips.

    Baradel et al. 2017, Sec. 3.1, takes the mean over the steps, Sharma et al. 2015, Eq. 7, the sum.

    Args:
        logits: One row a step.
        label: Class of each clip (b,); or, for classes that do not exclude each other, 0 or 1 for each (b, c): then the
            binary cross-entropies of all classes are added up.
        steps: `mean` or `sum`.

    Returns:
        The loss.
    """
    n_steps = logits.shape[1]
    rows, target = logits.flatten(0, 1), label.repeat_interleave(n_steps, dim=0)  # CUDA's 3-d loss is not reproducible
    if label.ndim == 1:
        mean = functional.cross_entropy(rows, target)
    else:
        mean = functional.binary_cross_entropy_with_logits(rows, target) * logits.shape[2]
    return mean * n_steps if steps == "sum" else mean


def attention_penalty(location: Float[Tensor, "b t k"]) -> Float[Tensor, ""]:
    """Doubly stochastic penalty, sum_i (1 - sum_t l_ti)^2, averaged over clips (Sharma et al. 2015, Eq. 7).

    Args:
        location: Attention over places, which sums to 1 over k.

    Returns:
        The penalty. With t steps and k places its least value is k (1 - t / k)^2, which is not 0 unless t = k.
    """
    return torch.square(1 - location.sum(dim=1)).sum(dim=1).mean()


def pose_loss(
    heatmap: Float[Tensor, "b t j k"], target: Float[Tensor, "b t j k"], valid: Shaped[Tensor, "b t j"]
) -> Float[Tensor, ""]:
    """Squared differences between attention and target maps, averaged over clips (Du et al. 2017, Eq. 13).

    Args:
        heatmap: Attention alpha_t^J, which sums to 1 over k.
        target: Maps M_t^J, which sum to 1 over k.
        valid: 0 for joints whose position is not known, which do not count; else 1.

    Returns:
        The sum over frames, joints and places of a clip.
    """
    return (torch.square(target - heatmap).sum(dim=-1) * valid).sum() / len(heatmap)
