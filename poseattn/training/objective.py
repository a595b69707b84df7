"""The objective of training: losses of the logits and of the attention maps of a batch of sub-sequences."""

from typing import Any

from jaxtyping import Float
from torch import Tensor

from poseattn.inputs.guidance import Target
from poseattn.layers.losses import attention_penalty, pose_loss, sequence_loss

EXCLUSIVE = ("softmax", "logistic")  # losses for which each clip has one class


def objective(
    logits: Float[Tensor, "b s c"],
    maps: dict[str, Tensor],
    label: Float[Tensor, "b c"],
    target: Target | None,
    run: dict[str, Any],
) -> Float[Tensor, ""]:
    """Loss whose gradient is taken; the decay of weights is left to the optimiser.

    Args:
        logits: One row a step.
        maps: Attention maps by name.
        label: 1 for each class of a clip, else 0.
        target: What the heatmaps of joints are to look like; None where no pose guides.
        run: Settings; used are `loss` (`softmax`; `sigmoid` where classes do not exclude each other, the sum over
            classes of binary cross-entropies; or `logistic`, their mean, where they do), `loss_steps` (see
            `sequence_loss`; that of the pose follows it), `attention_penalty` (lambda of Sharma et al. 2015, Eq. 7) and
            the `factor` of `pose_guidance` (lambda_pose of Du et al. 2017, Eq. 11).

    Returns:
        The loss in nats.

    Raises:
        ValueError: The model has another number of heatmaps than there are annotated joints.
    """
    loss = sequence_loss(logits, label.argmax(dim=1) if run["loss"] == "softmax" else label, steps=run["loss_steps"])
    if run["loss"] == "logistic":
        loss = loss / label.shape[1]
    if run["attention_penalty"]:
        loss = loss + run["attention_penalty"] * attention_penalty(maps["location"])
    if target is not None:
        found, expected = maps["heatmap"].shape[2], target.heatmap.shape[2]
        if found != expected:
            raise ValueError(f"pose_guidance: the model has {found} heatmaps, the data set {expected} joints")
        steps = maps["heatmap"].shape[1] if run["loss_steps"] == "mean" else 1
        loss = loss + run["pose_guidance"]["factor"] / steps * pose_loss(maps["heatmap"], *target)
    return loss
