"""Pose-guided LSTM stack for still images, input type 2: the pose is where the lowest cell starts (Stanford 40 report).

Input type 1, where the network's image already holds the pose, is `poseattn.models.pose_lstm_concat`.
"""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.cells import CellStack
from poseattn.layers.square_vectors import CubeVector, PoseVector


class Model(nn.Module):
    """Cells in depth over one vector of an image; tanh and batch norm give the scores.

    Args:
        n_classes: Actions to tell apart.
        channels: Length d of a feature slice.
        locations: Places k of a cube.
        joints: Number of heatmaps.
        hidden: Units n of each cell, a square; 4096 in the report.
        depth: Number of cells; 3 in the report.
        cell: `lstm` or `gru`.
        reduction: How a cube becomes a vector; see `poseattn.layers.square_vectors.CubeVector`.
        num_steps: How often the vector is given; 1 in the report.
        bias: Whether gates have a bias; the report prints none.
        embedding: Whether the mixture of the joints' maps is learnt.
        attention: Whether places of the vector are weighted at every step.
        dropout: Probability, between cells.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Deviates:
        The report mentions no linear layer from the third cell to the scores, which its sizes need.
    """

    inputs: ClassVar[tuple[str, ...]] = ("cube", "heatmap")

    def __init__(
        self,
        *,
        n_classes: int,
        channels: int,
        locations: int,
        joints: int,
        hidden: int,
        depth: int,
        cell: str,
        reduction: str,
        num_steps: int,
        bias: bool,
        embedding: bool,
        attention: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.vector = CubeVector(channels=channels, locations=locations, length=hidden, reduction=reduction)
        self.pose = PoseVector(length=hidden, joints=joints, embedded=embedding)
        self.stack = CellStack(
            hidden=hidden,
            depth=depth,
            cell=cell,
            bias=bias,
            num_steps=num_steps,
            attention=attention,
            dropout=dropout,
        )
        self.classifier = nn.Linear(hidden, n_classes)
        self.norm = nn.BatchNorm1d(n_classes)

    def forward(
        self, cube: Float[Tensor, "b t row col d"], heatmap: Float[Tensor, "b t j heat_row heat_col"]
    ) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify images, each for itself.

        Args:
            cube: Feature cubes.
            heatmap: Maps of the joints.

        Returns:
            Scores; and `hidden` (b, t, cell, s, s), the state of each cell as a square map.
        """
        n_clips, n_frames = cube.shape[:2]
        hidden = self.stack(self.vector(cube.flatten(0, 1)), self.pose(heatmap.flatten(0, 1)))  # (b*t, cell, n)
        scores = self.norm(self.classifier(hidden[:, -1]).tanh())
        square = hidden.unflatten(2, (self.vector.edge, self.vector.edge))
        return scores.unflatten(0, (n_clips, n_frames)), {"hidden": square.unflatten(0, (n_clips, n_frames))}
