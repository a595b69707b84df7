"""Recurrent cells in depth: each takes the hidden state of the one below and its own of the step before.

Karpathy's char-rnn, which the report on pose-guided LSTMs for Stanford 40 extends; Sec. 3 of our notes.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.glorot import glorot

State = tuple[Tensor, Tensor]  # hidden state and memory (b, n); cells without a memory pass it on


class LSTMCell(nn.Module):
    """LSTM cell whose W [4n, 2n] acts on the input from below and its own hidden state; gates in the order i f o g.

    Args:
        hidden: Units n, as many as the input has.
        bias: Whether the gates have a bias.
    """

    def __init__(self, hidden: int, bias: bool) -> None:
        super().__init__()
        self.gates = glorot(nn.Linear(2 * hidden, 4 * hidden, bias=bias), blocks=4)

    def forward(self, below: Float[Tensor, "b n"], state: State) -> State:
        """The next state."""
        i, f, o, g = self.gates(torch.cat([below, state[0]], dim=1)).chunk(4, dim=1)
        memory = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        return o.sigmoid() * memory.tanh(), memory


class GRUCell(nn.Module):
    """GRU cell (Cho et al. 2014) on the same two vectors; gates in the order r z.

    Args:
        hidden: Units n, as many as the input has.
        bias: Whether the gates have a bias.
    """

    def __init__(self, hidden: int, bias: bool) -> None:
        super().__init__()
        self.gates = glorot(nn.Linear(2 * hidden, 2 * hidden, bias=bias), blocks=2)
        self.candidate = glorot(nn.Linear(2 * hidden, hidden, bias=bias))

    def forward(self, below: Float[Tensor, "b n"], state: State) -> State:
        """The next state."""
        hidden, memory = state
        r, z = self.gates(torch.cat([below, hidden], dim=1)).sigmoid().chunk(2, dim=1)
        candidate = self.candidate(torch.cat([below, r * hidden], dim=1)).tanh()
        return (1 - z) * hidden + z * candidate, memory


CELLS = {"lstm": LSTMCell, "gru": GRUCell}


class CellStack(nn.Module):
    """Cells in depth, run for some steps on one vector.

    Args:
        hidden: Units n of each cell and length of the vector.
        depth: How many cells; 3 in the report.
        cell: `lstm` or `gru`.
        bias: Whether gates have a bias.
        num_steps: How often the vector is given; 1 in the report.
        attention: Whether a weight for each place of the vector, from the top cell's previous hidden state, is
            multiplied with it; weights are n times a softmax, so that equal ones change nothing.
        dropout: Probability, on what a cell takes from the one below.

    Raises:
        ValueError: There is no such cell, or a count is below 1.
    """

    def __init__(
        self, *, hidden: int, depth: int, cell: str, bias: bool, num_steps: int, attention: bool, dropout: float
    ) -> None:
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"cell: {cell!r} is not one of {', '.join(CELLS)}")
        if min(depth, num_steps) < 1:
            raise ValueError(f"depth {depth} and num_steps {num_steps}, expected at least 1")
        self.cells = nn.ModuleList(CELLS[cell](hidden, bias) for _ in range(depth))
        self.weights = glorot(nn.Linear(hidden, hidden)) if attention else None
        self.num_steps, self.dropout = num_steps, Dropout(dropout)

    def forward(self, vector: Float[Tensor, "b n"], first: Float[Tensor, "b n"] | None) -> Float[Tensor, "b l n"]:
        """Hidden states of all cells after the last step.

        Args:
            vector: Input x of every step.
            first: Hidden state in which the lowest cell starts; all others, and memories, start at zero.

        Returns:
            h of each cell, bottom first.
        """
        zero = torch.zeros_like(vector)
        states: list[State] = [(zero, zero)] * len(self.cells)
        if first is not None:
            states[0] = (first, zero)
        for _ in range(self.num_steps):
            below = vector
            if self.weights is not None:
                below = below * self.weights(states[-1][0]).softmax(dim=1) * below.shape[1]
            for number, cell in enumerate(self.cells):
                states[number] = cell(self.dropout(below) if number else below, states[number])
                below = states[number][0]
        return torch.stack([hidden for hidden, _ in states], dim=1)
