"""RPAN: recurrent attention that the pose of the person guides (Du, Wang, Qiao, ICCV 2017).

One class is all variants with attention: `sharing` says which joints share its parameters, `pooling` how body parts
become one vector. The variant without attention reads another feature and is `poseattn.models.rpan_without`.
"""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.glorot import glorot
from poseattn.layers.lstm import LSTM
from poseattn.layers.part_pool import PartPool
from poseattn.layers.pose_attention import PoseAttention
from poseattn.layers.stepwise import StepwiseLinear
from poseattn.pose.parts import body_of

SHARINGS = ("part", "joint", "all")


class Model(nn.Module):
    """An LSTM over attended features of body parts, with one heatmap a joint.

    Args:
        n_classes: Actions to tell apart.
        channels: Length d of a feature slice.
        locations: Not used: every place is judged by what it shows.
        parts: Joints and body parts, a name of `poseattn.pose.parts`.
        sharing: Which joints share A_h, A_c and b: those of a `part` (Human-Part), each `joint` has its own
            (Separate-Joint), or `all`, which then have one heatmap together (Share-All).
        pooling: `concat`, `max` or `mean` over the parts.
        hidden: Units of the LSTM.
        attention_size: Length of the vector inside the tanh of Eq. 2.
        dropout: Probability, on the input of the LSTM and of the classifier; the paper mentions none.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Raises:
        ValueError: `parts`, `sharing` or `pooling` is unknown.

    Deviates:
        The paper does not say where states start: here at zero. Nor does it say how Separate-Joint joins joints: here
        as Human-Part does, so that they differ in nothing but what is shared.
    """

    inputs: ClassVar[tuple[str, ...]] = ("cube",)

    def __init__(
        self,
        *,
        n_classes: int,
        channels: int,
        locations: int,
        parts: str,
        sharing: str,
        pooling: str,
        hidden: int,
        attention_size: int,
        dropout: float,
    ) -> None:
        super().__init__()
        if sharing not in SHARINGS:
            raise ValueError(f"sharing: {sharing!r} is not one of {', '.join(SHARINGS)}")
        part_of = body_of(parts).part_of if sharing != "all" else (0,)
        group_of = range(len(part_of)) if sharing == "joint" else part_of
        self.attention = PoseAttention(hidden=hidden, channels=channels, size=attention_size, group_of=group_of)
        self.pool = PartPool(part_of=part_of, pooling=pooling)
        self.lstm = LSTM(channels=self.pool.vectors * channels, hidden=hidden)
        self.dropout = Dropout(dropout)
        self.classifier = glorot(nn.Linear(hidden, n_classes))

    def forward(self, cube: Float[Tensor, "b t row col d"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify sequences frame by frame.

        Args:
            cube: Feature cubes C_t.

        Returns:
            Logits of every frame; and `heatmap` (b, t, j, k), which sums to 1 over k = row * col. With `sharing`
            `all` there is one map (j = 1), otherwise one for each joint in the order of its data set.
        """
        slices = cube.flatten(2, 3)  # (b, t, k, d)
        n_clips, n_frames = slices.shape[:2]
        keys = self.attention.keys(slices)  # (b, t, k, unit)  A_c C of all frames at once
        attend, step = self.attention.begin(n_frames, n_clips), self.lstm.begin(n_frames, n_clips)
        of_parts = StepwiseLinear(self.lstm.inputs.weight, self.lstm.inputs.bias, n_frames=n_frames, n_clips=n_clips)
        state = self.lstm.initial(n_clips)
        states, heatmaps = [], []
        for slices_t, keys_t in zip(slices.unbind(1), keys.unbind(1), strict=True):
            heatmaps.append(attend(keys_t, state[0]))  # Eq. 2-3 on h_{t-1}
            attended = self.pool(heatmaps[-1], slices_t)  # S_t (b, s), Eq. 4-5
            state = step(of_parts(self.dropout(attended)), state)  # Eq. 6-9
            states.append(state[0])
        logits = self.classifier(self.dropout(torch.stack(states, dim=1)))  # Eq. 10 before the softmax
        return logits, {"heatmap": torch.stack(heatmaps, dim=1)}
