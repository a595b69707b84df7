"""Features of body parts and how they become one vector a frame (Du, Wang, Qiao 2017, Eq. 4-5)."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

POOLINGS = ("concat", "max", "mean")


class PartPool(nn.Module):
    """Attended features F^P of each part, concatenated, or their maximum or mean over the parts.

    Args:
        part_of: Number of the part of each joint, from 0 without gaps.
        pooling: `concat`, `max` or `mean`.

    Raises:
        ValueError: `pooling` is unknown.
    """

    def __init__(self, *, part_of: Sequence[int], pooling: str) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise ValueError(f"pooling: {pooling!r} is not one of {', '.join(POOLINGS)}")
        n_parts = max(part_of) + 1
        self.pooling = pooling
        self.vectors = n_parts if pooling == "concat" else 1  # the result is as long as so many feature slices
        self.register_buffer("part", torch.eye(n_parts)[:, list(part_of)], persistent=False)  # (p, j)  0 or 1

    def forward(self, heatmap: Float[Tensor, "b j k"], cube: Float[Tensor, "b k d"]) -> Float[Tensor, "b s"]:
        """Pool what the heatmaps attend to.

        Args:
            heatmap: Attention alpha_t^J of every joint.
            cube: Feature slices C_t.

        Returns:
            S_t; its length is that of a feature slice times `vectors`.
        """
        # sum_J sum_k alpha^J(k) C(k) = sum_k (sum_J alpha^J(k)) C(k): one product a part and not one a joint
        features = (self.part @ heatmap) @ cube  # (b, p, d)  F_t^P, Eq. 4
        if self.pooling == "concat":
            return features.flatten(1)
        return features.amax(dim=1) if self.pooling == "max" else features.mean(dim=1)
