"""The loss of a batch against literal sums."""

import math

import pytest
import torch

from poseattn.inputs.guidance import Target
from poseattn.training.objective import objective

RUN = {"loss": "softmax", "loss_steps": "sum", "attention_penalty": 0}
GUIDED = RUN | {"pose_guidance": {"factor": 0.5}}


def test_action_and_pose_loss_of_the_paper() -> None:
    """Du et al. 2017, Eq. 11-13, with sums over steps, joints and places, and the mean over clips."""
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 4, generator=rng)
    heatmap, wanted = (torch.rand(2, 3, 5, 6, generator=rng).softmax(-1) for _ in range(2))
    valid = torch.tensor([0, 1, 1, 0, 1], dtype=torch.uint8).expand(2, 3, 5)
    label = torch.tensor([[0.0, 0, 1, 0], [1, 0, 0, 0]])
    expected = 0.0
    for clip, number in enumerate((2, 0)):
        for step in range(3):
            scores = logits[clip, step].tolist()
            expected -= math.log(math.exp(scores[number]) / sum(math.exp(score) for score in scores))
            for joint in (1, 2, 4):
                pairs = zip(wanted[clip, step, joint].tolist(), heatmap[clip, step, joint].tolist(), strict=True)
                expected += 0.5 * sum((a - b) ** 2 for a, b in pairs)
    found = objective(logits, {"heatmap": heatmap}, label, Target(wanted, valid), GUIDED)
    assert float(found) == pytest.approx(expected / 2, rel=1e-5)


def test_the_pose_loss_is_a_mean_over_steps_where_the_other_is() -> None:
    """Three equal steps: a third of the sum, and the balance of the two losses stays."""
    heatmap, wanted = torch.rand(1, 1, 5, 6).expand(1, 3, 5, 6), torch.rand(1, 1, 5, 6).expand(1, 3, 5, 6)
    target = Target(wanted, torch.ones(1, 3, 5, dtype=torch.uint8))
    given = torch.randn(1, 1, 4).expand(1, 3, 4), {"heatmap": heatmap}, torch.eye(4)[:1], target
    torch.testing.assert_close(3 * objective(*given, GUIDED | {"loss_steps": "mean"}), objective(*given, GUIDED))


def test_no_pose_guides_without_a_target() -> None:
    logits, label = torch.randn(2, 3, 4), torch.eye(4)[:2]
    assert objective(logits, {"heatmap": torch.rand(2, 3, 5, 6)}, label, None, RUN) == objective(
        logits, {}, label, None, RUN
    )


def test_one_heatmap_for_all_joints_cannot_be_guided() -> None:
    target = Target(torch.rand(1, 2, 5, 6), torch.ones(1, 2, 5, dtype=torch.uint8))
    with pytest.raises(ValueError, match="the model has 1 heatmaps, the data set 5 joints"):
        objective(torch.randn(1, 2, 3), {"heatmap": torch.rand(1, 2, 1, 6)}, torch.eye(3)[:1], target, GUIDED)


def test_the_logistic_loss_of_one_class_is_the_named_criterion() -> None:
    """Torch7's MultiLabelSoftMarginCriterion: a mean over classes, and over clips."""
    logits, label = torch.randn(3, 1, 5, generator=torch.Generator().manual_seed(0)), torch.eye(5)[[1, 4, 0]]
    total = 0.0
    for scores, wanted in zip(logits[:, 0].tolist(), label.tolist(), strict=True):
        for score, y in zip(scores, wanted, strict=True):
            probability = 1 / (1 + math.exp(-score))
            total -= y * math.log(probability) + (1 - y) * math.log(1 - probability)
    found = objective(logits, {}, label, None, RUN | {"loss": "logistic", "loss_steps": "mean"})
    assert float(found) == pytest.approx(total / 15, rel=1e-5)
    torch.testing.assert_close(found, torch.nn.MultiLabelSoftMarginLoss()(logits[:, 0], label))
