"""The CNN baseline of Torabi, Sigal 2017 (arXiv 1708.09522), row `c3d_fc8`: the network's own answer to every piece."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn


class Model(nn.Module):
    """Nothing to train: what describes the pieces was trained to tell the classes apart.

    Args:
        n_classes: Actions to tell apart.
        channels: Length of an input feature, which holds one logit a class.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Raises:
        ValueError: The features have another length than there are classes.
    """

    inputs: ClassVar[tuple[str, ...]] = ("input_features",)

    def __init__(self, *, n_classes: int, channels: int) -> None:
        super().__init__()
        if channels != n_classes:
            raise ValueError(f"pieces have {channels} channels, expected one logit for each of {n_classes} classes")

    def forward(self, input_features: Float[Tensor, "b t c"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify chunks piece by piece.

        Args:
            input_features: Logits of the network that described the pieces.

        Returns:
            These logits, and an empty dict: the model has no attention.
        """
        return input_features, {}
