"""A linear layer inside a loop over frames, whose weights get their gradient once and not once a frame."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn.functional import linear


class StepwiseLinear:
    """W x_t + b for one frame after the other of one sequence, where x_t is known only after frame t - 1.

    Autograd would multiply and add up a gradient of W for every frame, which reads and writes it as often. Here the
    products use W as a constant, and a summand of zeros for each frame collects the gradients of them all, from which
    that of W follows in one product.

    Args:
        weight: W.
        bias: b, if there is one.
        n_frames: Length of the sequence.
        n_clips: Sequences at once.
    """

    def __init__(
        self, weight: Float[Tensor, "out d"], bias: Float[Tensor, " out"] | None, *, n_frames: int, n_clips: int
    ) -> None:
        self._weight, self._bias = weight.detach(), None if bias is None else bias.detach()
        self._inputs: list[Tensor] = []
        self._zeros = iter(_WeightGradient.apply(weight, bias, self._inputs, n_frames, n_clips))

    def __call__(self, inputs: Float[Tensor, "b d"]) -> Float[Tensor, "b out"]:
        """The next frame."""
        self._inputs.append(inputs.detach())
        return linear(inputs, self._weight, self._bias) + next(self._zeros)


class _WeightGradient(torch.autograd.Function):
    """Zeros (frame, clip, out) whose gradient becomes that of weight and bias, once all inputs are known."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, weight: Tensor, bias: Tensor | None, inputs: list[Tensor], n_frames: int, n_clips: int
    ) -> Tensor:
        ctx.inputs = inputs
        return weight.new_zeros(n_frames, n_clips, len(weight))

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor | None, None, None, None]:
        of_outputs = gradient.flatten(0, 1)  # (t*b, out)
        of_bias = of_outputs.sum(dim=0) if ctx.needs_input_grad[1] else None
        return of_outputs.t() @ torch.cat(ctx.inputs), of_bias, None, None, None
