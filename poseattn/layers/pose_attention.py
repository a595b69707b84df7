"""Attention over the places of a feature cube, one heatmap a joint (Du, Wang, Qiao 2017, Eq. 2-3)."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.glorot import glorot
from poseattn.layers.stepwise import StepwiseLinear


class PoseAttention(nn.Module):
    """Heatmaps v^J . tanh(A_h h + A_c C(k) + b), softmax over k, where joints of a group share A_h, A_c and b.

    With one group for each body part this is the paper's attention, with one for each joint its `Separate-Joint`, and
    with a single joint in a single group its `Share-All`.

    Args:
        hidden: Units of the recurrent layer.
        channels: Length d of a feature slice.
        size: Length of the vector inside the tanh.
        group_of: Number of the group of each joint, from 0 without gaps.
    """

    def __init__(self, *, hidden: int, channels: int, size: int, group_of: Sequence[int]) -> None:
        super().__init__()
        n_groups = max(group_of) + 1
        self.content = glorot(nn.Linear(channels, n_groups * size, bias=False), blocks=n_groups)  # A_c
        # b is added here, once a clip and not once a place.
        self.state = glorot(nn.Linear(hidden, n_groups * size), blocks=n_groups)  # A_h and b
        self.score = nn.Parameter(torch.empty(len(group_of), size))  # v^J
        for row in self.score.data:
            nn.init.xavier_uniform_(row[None])  # v^J of one joint is a matrix of one row
        self.register_buffer("group", torch.eye(n_groups)[list(group_of)], persistent=False)  # (j, group)  0 or 1

    def keys(self, cube: Float[Tensor, "*batch k d"]) -> Float[Tensor, "*batch k unit"]:
        """A_c C of every group, which no state changes.

        Args:
            cube: Feature slices of any number of frames.

        Returns:
            One vector a place, group after group.
        """
        return self.content(cube)

    def begin(self, n_frames: int, n_clips: int) -> Callable[[Tensor, Tensor], Tensor]:
        """Prepare a loop over frames.

        Args:
            n_frames: Length of the sequence.
            n_clips: Sequences at once.

        Returns:
            Function from the keys (b, k, unit) of a frame and the state h (b, h) before it to heatmaps (b, j, k) that
            sum to 1 over k.
        """
        state = StepwiseLinear(self.state.weight, self.state.bias, n_frames=n_frames, n_clips=n_clips)
        # Zero where a joint does not belong to the group, so that one product gives the scores of all joints.
        score = (self.group.unsqueeze(-1) * self.score.unsqueeze(1)).flatten(1)  # (j, group*size)

        def attend(keys: Tensor, h: Tensor) -> Tensor:
            inner = (keys + state(h).unsqueeze(1)).tanh_()  # (b, k, group*size)  Eq. 2
            return (score @ inner.mT).softmax(dim=-1)  # Eq. 3

        return attend
