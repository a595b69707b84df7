"""The linear layer inside a loop: the values and gradients of an ordinary one."""

import torch
from torch import Tensor
from torch.nn.functional import linear

from poseattn.layers.stepwise import StepwiseLinear


def _loop(layer, start: Tensor, n_frames: int) -> Tensor:
    states = [start]
    for _ in range(n_frames):
        states.append(layer(states[-1]).tanh())
    return torch.stack(states)


def test_values_and_gradients_are_those_of_an_ordinary_layer() -> None:
    torch.manual_seed(0)
    weight, bias, start = torch.randn(4, 4), torch.randn(4), torch.randn(3, 4)
    tensors = [tensor.double().requires_grad_() for tensor in (weight, bias, start)]
    stepwise = _loop(StepwiseLinear(*tensors[:2], n_frames=5, n_clips=3), tensors[2], 5)
    plain = _loop(lambda x: linear(x, *tensors[:2]), tensors[2], 5)
    assert torch.allclose(stepwise, plain, rtol=1e-12)
    weights = torch.randn_like(plain)
    found, expected = (torch.autograd.grad((states * weights).sum(), tensors) for states in (stepwise, plain))
    assert all(torch.allclose(one, other, rtol=1e-10) for one, other in zip(found, expected, strict=True))


def test_without_gradients_it_is_a_product() -> None:
    weight, bias, inputs = torch.randn(4, 2), torch.randn(4), torch.randn(3, 2)
    with torch.no_grad():
        assert torch.allclose(StepwiseLinear(weight, bias, n_frames=1, n_clips=3)(inputs), linear(inputs, weight, bias))


def test_it_works_without_a_bias() -> None:
    torch.manual_seed(1)
    tensors = [torch.randn(*size, dtype=torch.double).requires_grad_() for size in ((4, 4), (3, 4))]
    stepwise = _loop(StepwiseLinear(tensors[0], None, n_frames=5, n_clips=3), tensors[1], 5)
    plain = _loop(lambda x: linear(x, tensors[0]), tensors[1], 5)
    found, expected = (torch.autograd.grad(states.square().sum(), tensors) for states in (stepwise, plain))
    assert all(torch.allclose(one, other, rtol=1e-10) for one, other in zip(found, expected, strict=True))
