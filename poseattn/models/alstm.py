"""aLSTM: an LSTM that attends to frames of the clip at every step (Torabi, Sigal 2017, arXiv 1708.09522).

Its baseline without attention reads one input less and is `poseattn.models.vanilla_lstm`.
"""

from collections.abc import Callable
from functools import reduce
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.glorot import glorot
from poseattn.layers.lstm import LSTM
from poseattn.layers.pose_attention import PoseAttention
from poseattn.layers.stepwise import StepwiseLinear

STEPS = ("every", "last")
FUSIONS = ("gates", "add_to_features")


class Model(nn.Module):
    """An LSTM over pieces of a chunk, whose gates also see a weighted sum of features of its frames.

    Args:
        n_classes: Actions to tell apart.
        channels: Length of an input feature.
        attended_channels: Length d_a of an attended feature.
        attend: At which steps: `every` (Fig. 4a), or the `last` alone, which is then the only one classified (Fig. 4b).
        hidden: Units of the LSTM.
        match_size: Length of the vector inside the tanh of the attention.
        dropout: Probability, on the input of each linear layer but the recurrent one and those of the attention.
        fusion: Where the context is added, after a linear map: to the `gates`, or `add_to_features`, before their W.
        peephole: Whether gates see the memories, as in the framework that the paper names.
        trained_start: Whether the first hidden state and memory are learned, as there.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Raises:
        ValueError: `attend` or `fusion` is unknown.

    Deviates:
        Eq. 7-10 leave out the context, of which the text says that it is distributed across the input: as in the
        framework that the paper names, it is mapped linearly and added to the gates.
        The bias of the forget gate starts at 1, as in all LSTMs here; the framework's starts at 0.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_features", "attended_features")

    def __init__(
        self,
        *,
        n_classes: int,
        channels: int,
        attended_channels: int,
        attend: str,
        hidden: int,
        match_size: int,
        dropout: float,
        fusion: str = "gates",
        peephole: bool = False,
        trained_start: bool = False,
    ) -> None:
        super().__init__()
        for name, value, choices in (("attend", attend, STEPS), ("fusion", fusion, FUSIONS)):
            if value not in choices:
                raise ValueError(f"{name}: {value!r} is not one of {', '.join(choices)}")
        self.attend, self.fusion = attend, fusion
        self.mlp = glorot(nn.Linear(channels, channels))  # W_m
        self.lstm = LSTM(channels=channels, hidden=hidden, peephole=peephole, trained_start=trained_start)  # W, U
        # The attention of RPAN's Eq. 2-3 with one map, and frames in the place of locations: W_a, W_s, u
        self.attention = PoseAttention(hidden=hidden, channels=attended_channels, size=match_size, group_of=(0,))
        width, blocks = (4 * hidden, 4) if fusion == "gates" else (channels, 1)
        self.context = glorot(nn.Linear(attended_channels, width, bias=False), blocks=blocks)  # D
        self.dropout = Dropout(dropout)
        self.classifier = glorot(nn.Linear(hidden, n_classes))

    def forward(
        self, input_features: Float[Tensor, "b t d"], attended_features: Float[Tensor, "b frame attended"]
    ) -> tuple[Float[Tensor, "b step c"], dict[str, Tensor]]:
        """Classify chunks.

        Args:
            input_features: V, one vector for each piece.
            attended_features: A, one vector for each frame that can be attended to.

        Returns:
            Logits of every step, or of the last alone (step = 1); and `moment` (b, step, frame), which sums to 1 over
            the frames.
        """
        n_clips, n_steps, _ = input_features.shape
        first = 0 if self.attend == "every" else n_steps - 1  # step with attention
        gates = self.lstm.inputs(self.dropout(self.mlp(self.dropout(input_features)).sigmoid()))  # (b, t, 4h)
        keys = self.attention.keys(attended_features)  # (b, frame, match)  the same at every step
        attend, step = self.attention.begin(n_steps - first, n_clips), self.lstm.begin(n_steps, n_clips)
        of_context = self._begin(n_steps - first, n_clips)
        state = self.lstm.initial(n_clips)
        states, weights = [], []
        for number, gates_t in enumerate(gates.unbind(1)):
            if number >= first:
                weights.append(attend(keys, state[0]))  # w_t (b, 1, frame) from h_{t-1}, Eq. 3-4
                context = (weights[-1] @ attended_features).squeeze(1)  # k_t (b, attended), Eq. 5
                gates_t = gates_t + of_context(self.dropout(context))
            state = step(gates_t, state)  # Eq. 7-12
            states.append(state[0])
        logits = self.classifier(self.dropout(torch.stack(states[first:], dim=1)))  # Eq. 13 before the softmax
        return logits, {"moment": torch.cat(weights, dim=1)}

    def _begin(self, n_steps: int, n_clips: int) -> Callable[[Tensor], Tensor]:
        """Prepare a loop over steps: a function from a context (b, attended) to what it adds to the gates (b, 4h)."""
        layers = [self.context] if self.fusion == "gates" else [self.context, self.lstm.inputs]
        stepwise = [StepwiseLinear(layer.weight, None, n_frames=n_steps, n_clips=n_clips) for layer in layers]
        return lambda context: reduce(lambda vector, layer: layer(vector), stepwise, context)
