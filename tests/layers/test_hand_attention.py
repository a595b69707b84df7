import numpy as np
import pytest
import torch
from torch import nn

from poseattn.layers.attention_mlp import AttentionMLP
from poseattn.layers.hand_attention import attend_with_state, weighted_hands
from tests.closeness import assert_close
from tests.reference import sta_hands as reference

B, T, HANDS, D, H, POSE = 2, 5, 4, 5, 3, 6


def layers(condition: int) -> tuple[nn.GRU, AttentionMLP]:
    torch.manual_seed(0)
    gru, attention = nn.GRU(D, H, batch_first=True), AttentionMLP(channels=H + condition, hidden=7, choices=HANDS)
    nn.init.normal_(attention.score.weight)
    return gru.double(), attention.double()


def test_context_vector_is_the_transcribed_equation() -> None:
    glimpse, p = torch.randn(B, HANDS, D, dtype=torch.float64), torch.rand(B, HANDS, dtype=torch.float64)
    expected = [reference.context_vector(v, weights) for v, weights in zip(glimpse.numpy(), p.numpy(), strict=True)]
    np.testing.assert_allclose(weighted_hands(glimpse, p).numpy(), expected, rtol=1e-12)


def test_context_vector_by_hand() -> None:
    glimpse = torch.tensor([[[1.0, 10.0], [2.0, 20.0], [0.0, 0.0], [4.0, -4.0]]])
    p = torch.tensor([[0.5, 0.25, 0.125, 0.125]])
    assert weighted_hands(glimpse, p).tolist() == [[0.5 + 0.5 + 0.5, 5.0 + 5.0 - 0.5]]


def test_the_order_of_hands_does_not_matter() -> None:
    glimpse, p = torch.randn(B, T, HANDS, D, dtype=torch.float64), torch.rand(B, T, HANDS, dtype=torch.float64)
    order = [2, 0, 3, 1]
    assert_close(weighted_hands(glimpse[:, :, order], p[:, :, order]), weighted_hands(glimpse, p))


@pytest.mark.parametrize("condition", [0, POSE])
def test_state_attention_is_the_transcribed_loop(condition: int) -> None:
    gru, attention = layers(condition)
    glimpse = torch.randn(B, T, HANDS, D, dtype=torch.float64)
    pose = torch.randn(B, T, condition, dtype=torch.float64)
    states, weights = attend_with_state(gru, attention, glimpse, pose, nn.Identity())
    gru_weights = {name: value.numpy() for name, value in gru.state_dict().items()}
    attention_weights = {name: value.numpy() for name, value in attention.state_dict().items()}
    for b in range(B):
        h = np.zeros(H)
        for t in range(T):
            p = reference.attention(np.concatenate([h, pose[b, t].numpy()]), attention_weights)
            h = reference.gru_cell(reference.context_vector(glimpse[b, t].numpy(), p), h, gru_weights)
            np.testing.assert_allclose(weights[b, t].detach().numpy(), p, rtol=1e-10)
            np.testing.assert_allclose(states[b, t].detach().numpy(), h, rtol=1e-10, atol=1e-14)


def test_state_attention_passes_the_context_through_dropout() -> None:
    gru, attention = layers(0)
    glimpse = torch.randn(B, T, HANDS, D, dtype=torch.float64)
    states, _ = attend_with_state(gru, attention, glimpse, glimpse.new_zeros(B, T, 0), torch.zeros_like)
    assert_close(states, gru(glimpse.new_zeros(B, T, D))[0])
