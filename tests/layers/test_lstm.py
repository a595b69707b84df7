"""The LSTM layer: the literal loop, PyTorch's own layer, gradients, and where it starts."""

import numpy as np
import pytest
import torch
from torch import nn

from poseattn.layers.lstm import LSTM
from tests.closeness import assert_close
from tests.reference import rpan as reference

B, T, D, H = 2, 4, 5, 3


@pytest.fixture
def layer() -> LSTM:
    torch.manual_seed(0)
    layer = LSTM(channels=D, hidden=H).double()
    nn.init.normal_(layer.inputs.bias)
    return layer


def _vectors() -> torch.Tensor:
    return torch.randn(B, T, D, dtype=torch.double, generator=torch.Generator().manual_seed(1)).requires_grad_()


def test_states_are_the_transcribed_equations(layer: LSTM) -> None:
    names = {"U_s": layer.inputs.weight, "b_lstm": layer.inputs.bias, "U_h": layer.recurrent.weight}
    parameters = {name: np.stack(np.split(value.detach().numpy(), 4)) for name, value in names.items()}
    vectors = _vectors()
    states = layer(vectors).detach().numpy()
    for b in range(B):
        np.testing.assert_allclose(states[b], reference.recur(vectors[b].detach().numpy(), parameters), rtol=1e-10)


def test_values_and_gradients_are_those_of_the_layer_of_pytorch(layer: LSTM) -> None:
    theirs = nn.LSTM(D, H, batch_first=True).double()
    own = [layer.inputs.weight, layer.recurrent.weight, layer.inputs.bias]
    for parameter, value in zip(theirs.parameters(), [*own, torch.zeros(4 * H)], strict=True):
        parameter.data.copy_(value)
    vectors, weights = _vectors(), torch.randn(B, T, H, dtype=torch.double)
    ours, expected = layer(vectors), theirs(vectors)[0]
    assert_close(ours, expected)
    found = torch.autograd.grad((ours * weights).sum(), [vectors, *own])
    literal = torch.autograd.grad((expected * weights).sum(), [vectors, *list(theirs.parameters())[:3]])
    for one, other in zip(found, literal, strict=True):
        assert_close(one, other)


def test_what_else_adds_to_the_gates_may_be_given_frame_by_frame(layer: LSTM) -> None:
    vectors = _vectors()
    step, state = layer.begin(T, B), layer.initial(B)
    expected = layer(vectors)
    for frame in range(T):
        state = step(layer.inputs(vectors[:, frame]), state)
        assert_close(state[0], expected[:, frame])


def test_it_starts_with_open_forget_gates_and_each_matrix_within_its_own_limits() -> None:
    layer = LSTM(channels=300, hidden=100)
    assert layer.inputs.bias.view(4, 100).mean(dim=1).tolist() == [0, 1, 0, 0]
    assert layer.inputs.bias.view(4, 100).std(dim=1).tolist() == [0, 0, 0, 0]
    for weight, width in ((layer.inputs.weight, 300), (layer.recurrent.weight, 100)):
        for matrix in weight.chunk(4):
            assert matrix.abs().max().item() == pytest.approx((6 / (width + 100)) ** 0.5, rel=0.01)
    assert not torch.cat([state.flatten() for state in layer.initial(2)]).any()
