"""Losses of sequences against sums written out."""

import math

import pytest
import torch

from poseattn.layers.losses import attention_penalty, pose_loss, sequence_loss
from tests.reference import rpan as reference


@pytest.mark.parametrize(("steps", "divisor"), [("mean", 4), ("sum", 2)])
def test_cross_entropy_is_the_mean_over_clips_and_of_steps_what_is_asked_for(steps: str, divisor: int) -> None:
    logits = torch.tensor([[[1.0, 2.0, 0.0], [0.5, 0.5, 3.0]], [[2.0, 2.0, 2.0], [-1.0, 0.0, 1.0]]])
    label = torch.tensor([2, 0])
    total = 0.0
    for clip in range(2):
        for step in range(2):
            row = logits[clip, step].tolist()
            total -= math.log(math.exp(row[label[clip]]) / sum(map(math.exp, row)))
    assert sequence_loss(logits, label, steps=steps).item() == pytest.approx(total / divisor, rel=1e-6)


def test_binary_cross_entropies_of_all_classes_are_added_up() -> None:
    logits = torch.tensor([[[1.0, -2.0], [0.5, 3.0]], [[0.0, 2.0], [-1.0, 0.0]]])
    label = torch.tensor([[1.0, 1.0], [0.0, 1.0]])
    total = 0.0
    for clip in range(2):
        for step in range(2):
            for kind in range(2):
                probability = 1 / (1 + math.exp(-logits[clip, step, kind]))
                total -= math.log(probability if label[clip, kind] else 1 - probability)
    assert sequence_loss(logits, label, steps="sum").item() == pytest.approx(total / 2, rel=1e-6)


def test_penalty_of_uniform_attention_is_its_least_value() -> None:
    """49 places, 30 steps: 49 (1 - 30/49)^2 = 7.3673, as stated for Eq. 7."""
    uniform = torch.full((2, 30, 49), 1 / 49)
    assert attention_penalty(uniform).item() == pytest.approx(7.3673, abs=1e-4)
    torch.manual_seed(0)
    assert attention_penalty(torch.randn(2, 30, 49).softmax(-1)) > 7.3673


def test_penalty_equals_a_literal_loop() -> None:
    torch.manual_seed(1)
    location = torch.randn(3, 4, 5).softmax(-1)
    total = 0.0
    for clip in range(3):
        for place in range(5):
            total += (1 - sum(location[clip, step, place].item() for step in range(4))) ** 2
    assert attention_penalty(location).item() == pytest.approx(total / 3, rel=1e-5)


def _maps() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Attention, targets (3 clips, 2 frames, 4 joints, 5 places) and which joints are valid."""
    torch.manual_seed(2)
    heatmap, target = (torch.randn(3, 2, 4, 5).softmax(-1) for _ in range(2))
    return heatmap, target, torch.randint(2, (3, 2, 4))


def test_pose_loss_equals_a_literal_loop() -> None:
    clips = [tensor.numpy() for tensor in _maps()]
    total = sum(reference.pose_loss(*(tensor[clip] for tensor in clips)) for clip in range(3))
    assert pose_loss(*_maps()).item() == pytest.approx(total / 3, rel=1e-5)


def test_joints_that_are_not_valid_give_the_pose_loss_no_gradient() -> None:
    heatmap, target, valid = _maps()
    gradient = torch.autograd.grad(pose_loss(heatmap.requires_grad_(), target, valid), heatmap)[0]
    assert not gradient[valid == 0].any()
    assert gradient[valid == 1].all()


def test_pose_loss_of_the_targets_themselves_is_zero() -> None:
    _, target, valid = _maps()
    assert pose_loss(target, target, valid).item() == 0
