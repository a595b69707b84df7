import numpy as np
import pytest
import torch

from poseattn.layers.attention_mlp import AttentionMLP
from tests.closeness import assert_close
from tests.reference import sta_hands as reference

SCALES = [0.0, 0.01, 1.0, 1e3]


def randomised() -> AttentionMLP:
    torch.manual_seed(0)
    mlp = AttentionMLP(channels=6, hidden=3, choices=4).double()
    for parameter in mlp.parameters():
        torch.nn.init.normal_(parameter)
    return mlp


def test_it_is_the_transcribed_equation() -> None:
    mlp = randomised()
    condition = torch.randn(2, 5, 6, dtype=torch.float64)
    weights = {name: value.numpy() for name, value in mlp.state_dict().items()}
    expected = [[reference.attention(frame, weights) for frame in clip] for clip in condition.numpy()]
    np.testing.assert_allclose(mlp(condition).detach().numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("scale", SCALES)
def test_every_condition_weighs_all_choices_equally_at_the_start(scale: float) -> None:
    weights = AttentionMLP(channels=6, hidden=3, choices=4)(scale * torch.randn(20, 6))
    assert torch.equal(weights, torch.full((20, 4), 0.25))


@pytest.mark.parametrize("scale", SCALES)
def test_weights_are_a_distribution(scale: float) -> None:
    weights = randomised()(scale * torch.randn(20, 5, 6, dtype=torch.float64))
    assert (weights >= 0).all()
    assert_close(weights.sum(-1), torch.ones(20, 5, dtype=torch.float64))


def test_a_projected_condition_may_be_summed_from_parts() -> None:
    mlp = randomised()
    condition = torch.randn(2, 6, dtype=torch.float64)
    first, second = mlp.projection.weight.split([4, 2], dim=1)
    projected = condition[:, :4] @ first.T + condition[:, 4:] @ second.T + mlp.projection.bias
    assert_close(mlp.weigh(projected), mlp(condition))
