"""The GRU over whole sequences: the states of a literal loop, and gradients that agree with finite differences."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from poseattn.layers.recurrence import gru_states


@pytest.fixture
def gru() -> nn.GRU:
    torch.manual_seed(0)
    return nn.GRU(5, 4, batch_first=True).double()


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def _literal(gru: nn.GRU, inputs: np.ndarray) -> np.ndarray:
    """Gate by gate, clip by clip, frame by frame."""
    w, u, b, c = (parameter.detach().numpy() for parameter in gru.parameters())
    size = gru.hidden_size
    states = np.zeros((*inputs.shape[:2], size))
    for clip in range(len(inputs)):
        h = np.zeros(size)
        for frame in range(inputs.shape[1]):
            x = inputs[clip, frame]
            reset = _sigmoid(w[:size] @ x + b[:size] + u[:size] @ h + c[:size])
            update = _sigmoid(w[size : 2 * size] @ x + b[size : 2 * size] + u[size : 2 * size] @ h + c[size : 2 * size])
            new = np.tanh(w[2 * size :] @ x + b[2 * size :] + reset * (u[2 * size :] @ h + c[2 * size :]))
            h = (1 - update) * new + update * h
            states[clip, frame] = h
    return states


def test_states_are_those_of_the_equations(gru: nn.GRU) -> None:
    inputs = torch.randn(3, 6, 5, dtype=torch.double)
    expected = _literal(gru, inputs.numpy())
    np.testing.assert_allclose(gru_states(gru, inputs).detach().numpy(), expected, rtol=1e-12)
    with torch.no_grad():
        np.testing.assert_allclose(gru_states(gru, inputs).numpy(), expected, rtol=1e-12)


def test_gradients_are_those_of_finite_differences(gru: nn.GRU) -> None:
    inputs = torch.randn(2, 4, 5, dtype=torch.double, requires_grad=True)

    def states(inputs: Tensor, *parameters: Tensor) -> Tensor:
        return torch.func.functional_call(_Layer(gru), dict(zip(names, parameters, strict=True)), (inputs,))

    names = [f"gru.{name}" for name, _ in gru.named_parameters()]
    assert torch.autograd.gradcheck(states, (inputs, *gru.parameters()))


class _Layer(nn.Module):
    """The function as a module, so that its parameters can be replaced."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.gru = gru

    def forward(self, inputs: Tensor) -> Tensor:
        return gru_states(self.gru, inputs)
