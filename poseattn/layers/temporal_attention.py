"""Temporal attention: which hidden states count, judged by how much the body moves (Baradel et al. 2017, Sec. 3.2)."""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.attention_mlp import AttentionMLP


class TemporalAttention(nn.Module):
    """Adaptive pooling of hidden states over frames, conditioned on augmented motion.

    Args:
        frames: Length of every sequence: the mapping sees all frames at once, so it is fixed.
        hidden: Units of the hidden layer of f'_p.
    """

    def __init__(self, *, frames: int, hidden: int) -> None:
        super().__init__()
        self.frames = frames
        self.mlp = AttentionMLP(channels=2 * frames, hidden=hidden, choices=frames)

    def forward(
        self, states: Float[Tensor, "b t h"], motion: Float[Tensor, "b t 2"]
    ) -> tuple[Float[Tensor, "b h"], Float[Tensor, "b t"]]:
        """Pool the hidden states of a sequence.

        Args:
            states: Hidden states h_t.
            motion: Augmented motion M: per frame the sum of absolute acceleration and of absolute velocity.

        Returns:
            The pooled state, and weights p' that sum to 1 over t.

        Raises:
            ValueError: The sequence is not as long as those that the layer was built for.
        """
        if motion.shape[1] != self.frames:
            raise ValueError(f"temporal attention is built for {self.frames} frames, got {motion.shape[1]}")
        weights = self.mlp(motion.flatten(1))  # (b, t)  Eq. 5
        return torch.einsum("bt,bth->bh", weights, states), weights  # H p'
