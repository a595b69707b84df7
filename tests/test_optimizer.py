"""Adam against its paper, and its state."""

import pytest
import torch

from poseattn.optimizer import Adam


def gradients(step: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(step)
    return [torch.randn(4, 3, generator=generator), torch.randn(3, generator=generator) * 10**-step]


def run(optimizer, parameters: list[torch.Tensor], steps: range) -> None:
    for step in steps:
        optimizer.zero_grad()
        for parameter, gradient in zip(parameters, gradients(step), strict=True):
            assert parameter.grad is None
            parameter.grad = gradient
        optimizer.step()


def parameters() -> list[torch.Tensor]:
    return [torch.linspace(-1, 1, 12).reshape(4, 3).requires_grad_(), torch.ones(3).requires_grad_()]


def test_steps_are_those_of_the_paper():
    """Algorithm 1 of Kingma & Ba 2015, number by number."""
    mine = parameters()
    run(Adam(mine, 0.05), mine, range(6))
    for index, (parameter, start) in enumerate(zip(mine, parameters(), strict=True)):
        for place, value in enumerate(start.flatten().tolist()):
            mean = square = 0.0
            for step in range(6):
                gradient = gradients(step)[index].flatten()[place].item()
                mean = 0.9 * mean + 0.1 * gradient
                square = 0.999 * square + 0.001 * gradient**2
                mean_hat, square_hat = mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.999 ** (step + 1))
                value -= 0.05 * mean_hat / (square_hat**0.5 + 1e-8)
            assert parameter.flatten()[place].item() == pytest.approx(value, abs=1e-6)


def test_the_first_step_is_the_learning_rate_against_the_sign_of_the_gradient():
    mine = parameters()
    run(Adam(mine, 0.05), mine, range(1))
    for parameter, start, gradient in zip(mine, parameters(), gradients(0), strict=True):
        assert torch.allclose(parameter, start - 0.05 * gradient.sign(), atol=1e-5)


def test_a_state_put_into_a_new_optimizer_goes_on_as_before():
    whole, cut = parameters(), parameters()
    run(Adam(whole, 0.05), whole, range(6))
    first = Adam(cut, 0.05)
    run(first, cut, range(3))
    second = Adam(cut, 0.05)
    second.load_state_dict(first.state_dict())
    run(second, cut, range(3, 6))
    assert all(torch.equal(a, b) for a, b in zip(whole, cut, strict=True))
