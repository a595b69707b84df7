import numpy as np
import pytest
import torch

from poseattn.layers.temporal_attention import TemporalAttention
from tests.closeness import assert_close
from tests.reference import sta_hands as reference

B, T, H = 2, 5, 3


def test_it_is_the_transcribed_equation() -> None:
    torch.manual_seed(0)
    layer = TemporalAttention(frames=T, hidden=4).double()
    torch.nn.init.normal_(layer.mlp.score.weight)
    states, motion = torch.randn(B, T, H, dtype=torch.float64), torch.rand(B, T, 2, dtype=torch.float64)
    pooled, p = layer(states, motion)
    weights = {name: value.numpy() for name, value in layer.mlp.state_dict().items()}
    for b in range(B):
        expected = reference.attention(np.concatenate(list(motion[b].numpy())), weights)
        np.testing.assert_allclose(p[b].detach().numpy(), expected, rtol=1e-12)
        total = sum(states[b, t].numpy() * expected[t] for t in range(T))
        np.testing.assert_allclose(pooled[b].detach().numpy(), total, rtol=1e-12)


def test_at_the_start_it_is_mean_pooling() -> None:
    layer = TemporalAttention(frames=T, hidden=4).double()
    states = torch.randn(B, T, H, dtype=torch.float64)
    pooled, p = layer(states, torch.rand(B, T, 2, dtype=torch.float64))
    assert_close(p, torch.full((B, T), 1 / T, dtype=torch.float64))
    assert_close(pooled, states.mean(1))


def test_another_length_is_refused() -> None:
    layer = TemporalAttention(frames=T, hidden=4)
    with pytest.raises(ValueError, match="built for 5 frames, got 4"):
        layer(torch.randn(B, 4, H), torch.rand(B, 4, 2))
