"""One LSTM layer with one bias a gate, whose recurrent product is the only thing left inside the loop over frames."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.glorot import glorot
from poseattn.layers.stepwise import StepwiseLinear

State = tuple[Float[Tensor, "b h"], Float[Tensor, "b h"]]  # hidden state, memory


class LSTM(nn.Module):
    """Gates in the order i f g o, from the input and from the previous hidden state (Du et al. 2017, Eq. 6-9).

    Weights start as Glorot's, biases at zero but for 1 of the forget gate, states at zero.

    Args:
        channels: Length of the input.
        hidden: Units.
        peephole: Whether gates see the memory of their own unit (Gers et al. 2002): i and f the one before the frame, o
            the one after it; these weights start at zero.
        trained_start: Whether hidden state and memory before the first frame are learned; they too start at zero.
    """

    def __init__(self, *, channels: int, hidden: int, peephole: bool = False, trained_start: bool = False) -> None:
        super().__init__()
        self.inputs = glorot(nn.Linear(channels, 4 * hidden), blocks=4)  # U^s and b of all gates
        self.recurrent = glorot(nn.Linear(hidden, 4 * hidden, bias=False), blocks=4)  # U^h
        self.peephole = nn.Parameter(torch.zeros(3, hidden)) if peephole else None  # of i, f and o
        self.start = nn.Parameter(torch.zeros(2, hidden)) if trained_start else None  # h_0 and c_0
        nn.init.ones_(self.inputs.bias.data[hidden : 2 * hidden])

    def initial(self, n_clips: int) -> State:
        """Hidden states and memories before the first frame."""
        if self.start is not None:
            state, memory = self.start[:, None].expand(-1, n_clips, -1)
            return state, memory
        zero = self.inputs.weight.new_zeros(n_clips, self.recurrent.in_features)
        return zero, zero

    def begin(self, n_frames: int, n_clips: int) -> Callable[[Tensor, State], State]:
        """Prepare a loop over frames.

        Args:
            n_frames: Length of the sequence.
            n_clips: Sequences at once.

        Returns:
            Function from the gates (b, 4h) of a frame, before their nonlinearity and without the recurrent summand, and
            the state before it to the state after it.
        """
        recurrent = StepwiseLinear(self.recurrent.weight, None, n_frames=n_frames, n_clips=n_clips)

        def step(gates: Tensor, state: State) -> State:
            i, f, g, o = (gates + recurrent(state[0])).chunk(4, dim=1)
            if self.peephole is not None:
                i, f = i + self.peephole[0] * state[1], f + self.peephole[1] * state[1]
            memory = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()  # Eq. 8
            if self.peephole is not None:
                o = o + self.peephole[2] * memory
            return o.sigmoid() * memory.tanh(), memory  # Eq. 9

        return step

    def forward(self, vectors: Float[Tensor, "b t d"]) -> Float[Tensor, "b t h"]:
        """Hidden states of a sequence whose inputs are all known.

        Args:
            vectors: One a frame.

        Returns:
            h_t.
        """
        return self.unroll(self.inputs(vectors))

    def unroll(self, gates: Float[Tensor, "b t gates"]) -> Float[Tensor, "b t h"]:
        """Hidden states from what the inputs add to the gates.

        Args:
            gates: For every frame, before the nonlinearity and without the recurrent summand.

        Returns:
            h_t.
        """
        step, state = self.begin(gates.shape[1], len(gates)), self.initial(len(gates))
        found = []
        for gates_t in gates.unbind(1):
            state = step(gates_t, state)
            found.append(state[0])
        return torch.stack(found, dim=1)
