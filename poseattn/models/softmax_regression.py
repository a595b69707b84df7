"""Softmax regression on whole feature cubes, a baseline of Sharma et al. 2015 (arXiv 1511.04119), Table 1."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn


class Model(nn.Module):
    """One linear layer on the flattened cube of a frame; no recurrence.

    Args:
        n_classes: Actions to tell apart.
        channels: Length d of a feature slice.
        locations: Places k of a cube.

    Attributes:
        inputs: Names of the tensors that `forward` takes.
    """

    inputs: ClassVar[tuple[str, ...]] = ("cube",)

    def __init__(self, *, n_classes: int, channels: int, locations: int) -> None:
        super().__init__()
        self.classifier = nn.Linear(locations * channels, n_classes)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.zeros_(self.classifier.bias)

    def forward(self, cube: Float[Tensor, "b t row col d"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify sequences frame by frame.

        Args:
            cube: Feature cubes X_t.

        Returns:
            Logits of every frame, and an empty dict: the model has no attention.
        """
        return self.classifier(cube.flatten(2)), {}
