"""A GRU layer over whole sequences (Cho et al. 2014), with the gradient of its recurrent weights taken all at once."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx
from torch.nn.functional import linear


def gru_states(gru: nn.GRU, inputs: Float[Tensor, "b t d"]) -> Float[Tensor, "b t h"]:
    """Hidden states of a one-layer GRU that starts from zero.

    On a CPU PyTorch's own backward pass multiplies and adds up the gradient of the recurrent weights frame by frame,
    which reads and writes them as often; here that is one product over all frames. On a GPU cuDNN does the same.

    Args:
        gru: Layer with `batch_first`, whose parameters are used.
        inputs: One vector for each frame.

    Returns:
        States h_t.
    """
    if inputs.device.type != "cpu" or not torch.is_grad_enabled():
        return gru(inputs)[0]
    projected = linear(inputs, gru.weight_ih_l0, gru.bias_ih_l0)  # (b, t, 3h)  reset, update, new
    return _Recurrence.apply(projected, gru.weight_hh_l0, gru.bias_hh_l0)


class _Recurrence(torch.autograd.Function):
    """States of a GRU from its projected inputs."""

    @staticmethod
    def forward(ctx: FunctionCtx, projected: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        n_clips, n_frames, width = projected.shape
        states = projected.new_zeros(n_frames + 1, n_clips, width // 3)  # the first is h_0
        gates = []
        for frame, state in zip(projected.unbind(1), states[:-1], strict=True):
            recurrent = torch.addmm(bias, state, weight.t())
            reset, update, new = frame.chunk(3, dim=1)
            reset_h, update_h, new_h = recurrent.chunk(3, dim=1)
            reset, update = (reset + reset_h).sigmoid_(), (update + update_h).sigmoid_()
            new = torch.addcmul(new, reset, new_h).tanh_()
            torch.lerp(new, state, update, out=states[len(gates) + 1])  # (1 - update) * new + update * state
            gates.append((reset, update, new, new_h))
        ctx.gates = gates
        ctx.save_for_backward(states, weight)
        return states[1:].transpose(0, 1)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        states, weight = ctx.saved_tensors
        n_frames, n_clips, width = len(states) - 1, states.shape[1], weight.shape[0]
        of_inputs = states.new_empty(n_clips, n_frames, width)  # gradients of W x + b ...
        of_recurrent = states.new_empty(n_frames, n_clips, width)  # ... and of W h + b
        of_state = torch.zeros_like(states[0])
        for frame in reversed(range(n_frames)):
            reset, update, new, new_h = ctx.gates[frame]
            of_state = of_state + gradient[:, frame]
            of_new = of_state * (1 - update) * (1 - new * new)
            of_update = of_state * (states[frame] - new) * update * (1 - update)
            of_reset = of_new * new_h * reset * (1 - reset)
            torch.cat([of_reset, of_update, of_new], dim=1, out=of_inputs[:, frame])
            torch.cat([of_reset, of_update, of_new * reset], dim=1, out=of_recurrent[frame])
            of_state = torch.addmm(of_state * update, of_recurrent[frame], weight)
        flat = of_recurrent.flatten(0, 1)  # (t*b, 3h)
        return of_inputs, flat.t() @ states[:-1].flatten(0, 1), flat.sum(dim=0)
