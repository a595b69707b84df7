"""LSTM without attention, the baseline of Torabi, Sigal 2017 (arXiv 1708.09522): rows `lstm_*`."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.glorot import glorot
from poseattn.layers.lstm import LSTM


class Model(nn.Module):
    """A nonlinear layer and an LSTM over pieces of a chunk: aLSTM but for its context.

    Args:
        n_classes: Actions to tell apart.
        channels: Length of an input feature.
        hidden: Units of the LSTM.
        dropout: Probability, on the input of each linear layer but the recurrent one.

    Attributes:
        inputs: Names of the tensors that `forward` takes.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_features",)

    def __init__(self, *, n_classes: int, channels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.mlp = glorot(nn.Linear(channels, channels))  # W_m
        self.lstm = LSTM(channels=channels, hidden=hidden)  # W, U
        self.dropout = Dropout(dropout)
        self.classifier = glorot(nn.Linear(hidden, n_classes))

    def forward(self, input_features: Float[Tensor, "b t d"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify chunks step by step.

        Args:
            input_features: V, one vector for each piece.

        Returns:
            Logits of every step, and an empty dict: the model has no attention.
        """
        vectors = self.mlp(self.dropout(input_features)).sigmoid()
        return self.classifier(self.dropout(self.lstm(self.dropout(vectors)))), {}
