"""Stacked LSTM layers that start from given states (Sharma et al. 2015, Eq. 3-6)."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.stepwise import StepwiseLinear

States = tuple[tuple[Tensor, Tensor], ...]  # (h, c) of each layer, bottom first


class LSTMStack(nn.Module):
    """LSTM layers with dropout between them and not on the recurrent path.

    Args:
        channels: Length of the input.
        hidden: Units of each layer.
        layers: How many.
        dropout: Probability.

    Deviates:
        Eq. 3 has one bias a gate; PyTorch's layer has two, which add up to one.
    """

    def __init__(self, *, channels: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        sizes = [channels, *[hidden] * (layers - 1)]
        self.layers = nn.ModuleList(nn.LSTM(size, hidden, batch_first=True) for size in sizes)
        # f_init,h and f_init,c of every layer in one: an affine layer and tanh each (Eq. 6)
        self.start = nn.Linear(channels, 2 * layers * hidden)
        self.dropout = Dropout(dropout)

    def initial(self, mean: Float[Tensor, "b d"]) -> States:
        """States h_0 and c_0 of every layer from the mean of all feature slices (Eq. 6).

        Args:
            mean: Mean over frames and places.

        Returns:
            (h, c) of each layer, bottom first.
        """
        states = self.start(mean).tanh().chunk(2 * len(self.layers), dim=1)
        return tuple(zip(states[0::2], states[1::2], strict=True))

    def forward(self, inputs: Float[Tensor, "b t d"], states: States) -> Float[Tensor, "b t h"]:
        """Hidden states of the top layer for a whole sequence.

        Args:
            inputs: One vector a frame.
            states: Where to start.

        Returns:
            h_t of the top layer.
        """
        for number, (layer, (h, c)) in enumerate(zip(self.layers, states, strict=True)):
            inputs = self.dropout(inputs) if number else inputs
            inputs, _ = layer(inputs, (h[None], c[None]))
        return inputs

    def begin(self, n_frames: int, n_clips: int) -> Callable[[Tensor, States], States]:
        """Prepare a loop over frames in which the next input depends on the state.

        Args:
            n_frames: Length of the sequence.
            n_clips: Sequences at once.

        Returns:
            Function from the input (b, d) of a frame and the states before it to the states after it.
        """
        gates = []
        for layer in self.layers:
            weight = torch.cat([layer.weight_ih_l0, layer.weight_hh_l0], dim=1)  # M of Eq. 3, on input and state
            bias = layer.bias_ih_l0 + layer.bias_hh_l0
            gates.append(StepwiseLinear(weight, bias, n_frames=n_frames, n_clips=n_clips))

        def step(inputs: Tensor, states: States) -> States:
            found = []
            for number, (layer, (h, c)) in enumerate(zip(gates, states, strict=True)):
                inputs = self.dropout(inputs) if number else inputs
                i, f, g, o = layer(torch.cat([inputs, h], dim=1)).chunk(4, dim=1)
                c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # Eq. 4
                inputs = o.sigmoid() * c.tanh()  # Eq. 5
                found.append((inputs, c))
            return tuple(found)

        return step
