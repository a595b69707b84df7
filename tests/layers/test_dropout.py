"""Dropout: shares, means, gradients, and what it leaves alone."""

import pytest
import torch

from poseattn.layers.dropout import Dropout


@pytest.mark.parametrize("probability", [0.2, 0.5, 0.8])
def test_a_share_is_zero_and_the_mean_stays(probability: float) -> None:
    torch.manual_seed(0)
    values = torch.rand(400, 500) + 1
    thinned = Dropout(probability)(values)
    zero = thinned == 0
    assert float(zero.float().mean()) == pytest.approx(probability, abs=0.005)  # 4.5 deviations of 200,000 draws
    assert torch.allclose(thinned[~zero], values[~zero] / (1 - probability))
    for axis in (0, 1):  # no row and no column is treated otherwise
        assert (zero.float().mean(dim=axis) - probability).abs().max() < 0.13


def test_the_gradient_passes_where_the_value_did() -> None:
    torch.manual_seed(0)
    values = torch.ones(1000, requires_grad=True)
    thinned = Dropout(0.5)(values)
    thinned.sum().backward()
    assert torch.equal(values.grad, thinned.detach())


def test_the_seed_decides_and_every_call_draws_anew() -> None:
    layer, values = Dropout(0.5), torch.ones(100)
    torch.manual_seed(1)
    first, second = layer(values), layer(values)
    torch.manual_seed(1)
    assert torch.equal(layer(values), first) and not torch.equal(first, second)


def test_nothing_happens_in_evaluation_or_at_zero() -> None:
    values, state = torch.rand(50), torch.get_rng_state()
    assert torch.equal(Dropout(0.5).eval()(values), values)
    assert torch.equal(Dropout(0.0)(values), values)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("probability", [-0.1, 1.0, float("nan")])
def test_a_probability_out_of_range_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="dropout is .*, expected a probability"):
        Dropout(probability)
