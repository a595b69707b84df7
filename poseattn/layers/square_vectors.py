"""Feature cubes and heatmaps as vectors of one length n = s * s, so that states can be seen as square maps.

Pose-guided LSTM stack for Stanford 40 (a report), Sec. 2 of our notes: 7 x 7 x 1024 numbers are "reshaped and resized"
to 4096 = 64 * 64.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

REDUCTIONS = ("reshape_resize", "adaptive_pool", "linear")


def edge_of(length: int, what: str) -> int:
    """Edge s of a square of so many places.

    Args:
        length: Number of places.
        what: Whose, for the message.

    Returns:
        The edge.

    Raises:
        ValueError: No whole number has this square.
    """
    edge = math.isqrt(length)
    if edge * edge != length:
        raise ValueError(f"{what} is {length}, expected the square of a whole number")
    return edge


class CubeVector(nn.Module):
    """A cube as one vector.

    Args:
        channels: Length d of a feature slice.
        locations: Places k of a cube, a square.
        length: Of the vector, n.
        reduction: `reshape_resize`: all numbers, channel by channel, in a square that is resized bilinearly;
            `adaptive_pool`: means over equal parts of the places; `linear`: a linear layer.

    Raises:
        ValueError: The lengths do not allow the reduction, or there is none of that name.
    """

    def __init__(self, *, channels: int, locations: int, length: int, reduction: str) -> None:
        super().__init__()
        if reduction not in REDUCTIONS:
            raise ValueError(f"reduction: {reduction!r} is not one of {', '.join(REDUCTIONS)}")
        self.reduction, self.edge = reduction, edge_of(length, "hidden")
        self.linear = nn.Linear(channels * locations, length) if reduction == "linear" else None
        if reduction == "reshape_resize":
            self.side = edge_of(channels * locations, "the number of features of a cube")
        elif reduction == "adaptive_pool":
            parts, rest = divmod(length, channels)
            if rest:
                raise ValueError(
                    f"hidden is {length}, expected a multiple of the {channels} channels for adaptive_pool"
                )
            self.side = edge_of(parts, "hidden divided by the channels")

    def forward(self, cube: Float[Tensor, "b row col d"]) -> Float[Tensor, "b n"]:
        """The vector x.

        Args:
            cube: Feature cubes.

        Returns:
            Of the length asked for.
        """
        maps = cube.permute(0, 3, 1, 2)  # (b, d, row, col)
        if self.linear is not None:
            return self.linear(maps.flatten(1))
        if self.reduction == "adaptive_pool":
            return functional.adaptive_avg_pool2d(maps, self.side).flatten(1)
        square = maps.flatten(1).unflatten(1, (1, self.side, self.side))
        return resize_square(square, self.edge).flatten(1)


class PoseVector(nn.Module):
    """Heatmaps of all joints as one vector: their maximum, or a learnt mixture.

    Args:
        length: Of the vector, n.
        joints: Number of heatmaps.
        embedded: Whether the mixture is learnt (a weight for each joint, and tanh), not the maximum of the maps.
    """

    def __init__(self, *, length: int, joints: int, embedded: bool) -> None:
        super().__init__()
        self.edge = edge_of(length, "hidden")
        self.embedding = nn.Linear(joints, 1) if embedded else None

    def forward(self, heatmap: Float[Tensor, "b j row col"]) -> Float[Tensor, "b n"]:
        """The vector.

        Args:
            heatmap: Maps of the joints; what is not between 0 and 1 is clipped, since hidden states are below 1.

        Returns:
            Between 0 and 1, or with a learnt mixture between -1 and 1.
        """
        clipped = heatmap.clamp(0, 1)
        if self.embedding is None:
            square = clipped.amax(dim=1, keepdim=True)
        else:
            square = self.embedding(clipped.movedim(1, -1)).movedim(-1, 1).tanh()
        return resize_square(square, self.edge).flatten(1)


def resize_square(square: Float[Tensor, "b 1 row col"], edge: int) -> Float[Tensor, "b 1 edge edge"]:
    """Resize bilinearly; what shrinks is averaged, so that no number is left out."""
    if square.shape[2:] == torch.Size([edge, edge]):
        return square
    return functional.interpolate(square, (edge, edge), mode="bilinear", antialias=True, align_corners=False)
