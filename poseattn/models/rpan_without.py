"""RPAN without attention: an LSTM on one vector a frame, row `Without` of Du et al. 2017, Table 1."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.glorot import glorot
from poseattn.layers.lstm import LSTM


class Model(nn.Module):
    """The recurrent layer and classifier of RPAN on the globally pooled feature of each frame.

    Args:
        n_classes: Actions to tell apart.
        channels: Length of the feature.
        hidden: Units of the LSTM.
        dropout: Probability, on the input of the LSTM and of the classifier; the paper mentions none.

    Attributes:
        inputs: Names of the tensors that `forward` takes.
    """

    inputs: ClassVar[tuple[str, ...]] = ("global_feature",)

    def __init__(self, *, n_classes: int, channels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.lstm = LSTM(channels=channels, hidden=hidden)
        self.dropout = Dropout(dropout)
        self.classifier = glorot(nn.Linear(hidden, n_classes))

    def forward(self, global_feature: Float[Tensor, "b t d"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify sequences frame by frame.

        Args:
            global_feature: What the backbone's last pooling gives; with TSN that is above the layer that the cubes are
                taken from, so it is no mean of a cube.

        Returns:
            Logits of every frame, and an empty dict: the model has no attention.
        """
        return self.classifier(self.dropout(self.lstm(self.dropout(global_feature)))), {}
