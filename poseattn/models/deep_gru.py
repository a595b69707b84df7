"""Deep GRU: the pose stream (Baradel, Wolf, Mille 2017, Sec. 3.3, arXiv 1712.08002)."""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout


class Model(nn.Module):
    """Stacked GRU layers on raw poses, classified at every frame.

    Args:
        n_classes: Actions to tell apart.
        hidden: Units of each layer.
        layers: How many layers.
        dropout: Probability.
        pose_channels: Length of a pose vector; published: 150, two subjects, 25 joints, three coordinates.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Deviates:
        The paper gives the dropout probability and not its place: it is applied between the layers and to the input
        of the classifier, not to recurrent connections.
    """

    inputs: ClassVar[tuple[str, ...]] = ("pose",)

    def __init__(self, *, n_classes: int, hidden: int, layers: int, dropout: float, pose_channels: int) -> None:
        super().__init__()
        # One module a layer: the dropout inside a stacked nn.GRU keeps its own random state on a GPU, which the seed of
        # a resumed training does not reset.
        sizes = [pose_channels, *[hidden] * (layers - 1)]
        self.layers = nn.ModuleList(nn.GRU(size, hidden, batch_first=True) for size in sizes)
        self.dropout = Dropout(dropout)
        self.classifier = nn.Linear(hidden, n_classes)

    def forward(self, pose: Float[Tensor, "b t pose"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify sequences frame by frame.

        Args:
            pose: Body-centred joint coordinates x_t in metres, zero for an absent subject.

        Returns:
            Logits of every frame, and an empty dict: the model has no attention.
        """
        states = pose
        for layer in self.layers:
            states = self.dropout(layer(states)[0])  # Eq. 6
        return self.classifier(states), {}
