"""STA-Hands: recurrent attention over hands that pose steers (Baradel, Wolf, Mille 2017, arXiv 1712.08002).

One class is all nine RGB variants of the ablation: `hands` says how four glimpses become one vector, `temporal`
whether hidden states are pooled by attention. Where attention does not depend on the hidden state, the whole sequence
goes through the recurrent layer in one call.
"""

from typing import ClassVar

from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.attention_mlp import AttentionMLP
from poseattn.layers.dropout import Dropout
from poseattn.layers.hand_attention import attend_with_state, weighted_hands
from poseattn.layers.recurrence import gru_states
from poseattn.layers.temporal_attention import TemporalAttention

HANDS = ("sum", "concat", "hidden", "pose", "hidden_pose")


class Model(nn.Module):
    """RGB stream: glimpses of the hands, weighted, through a GRU, pooled over frames.

    Args:
        n_classes: Actions to tell apart.
        channels: Length d of a glimpse.
        hands: `sum` and `concat` have no spatial attention; `pose`, `hidden` and `hidden_pose` name its condition.
        temporal: Whether temporal attention pools the hidden states; otherwise each frame is classified.
        hidden: Units of the GRU.
        dropout: Probability.
        spatial_hidden: Hidden units of f_p.
        temporal_hidden: Hidden units of f'_p.
        pose_channels: Length of the augmented pose; published: 450.
        frames: Length of a sequence.
        n_hands: Glimpses of one frame.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Raises:
        ValueError: `hands` is none of the five.

    Deviates:
        The paper gives the dropout probability and not its place: it is applied to the context vector and to the
        input of the classifier. Absent hands are zero vectors that keep their share of attention: nothing in the
        paper masks them.
    """

    inputs: ClassVar[tuple[str, ...]] = ("glimpse", "augmented_pose", "motion")

    def __init__(
        self,
        *,
        n_classes: int,
        channels: int,
        hands: str,
        temporal: bool,
        hidden: int,
        dropout: float,
        spatial_hidden: int,
        temporal_hidden: int,
        pose_channels: int,
        frames: int = 20,
        n_hands: int = 4,
    ) -> None:
        super().__init__()
        if hands not in HANDS:
            raise ValueError(f"hands: {hands!r} is not one of {', '.join(HANDS)}")
        self.hands = hands
        condition = {"pose": pose_channels, "hidden": hidden, "hidden_pose": hidden + pose_channels}.get(hands)
        self.spatial = AttentionMLP(channels=condition, hidden=spatial_hidden, choices=n_hands) if condition else None
        self.gru = nn.GRU(n_hands * channels if hands == "concat" else channels, hidden, batch_first=True)
        self.temporal = TemporalAttention(frames=frames, hidden=temporal_hidden) if temporal else None
        self.dropout = Dropout(dropout)
        self.classifier = nn.Linear(hidden, n_classes)

    def forward(
        self,
        glimpse: Float[Tensor, "b t hand d"],
        augmented_pose: Float[Tensor, "b t pose"],
        motion: Float[Tensor, "b t 2"],
    ) -> tuple[Float[Tensor, "b step c"], dict[str, Tensor]]:
        """Classify sequences.

        Args:
            glimpse: Features V_t of each hand, zero where absent.
            augmented_pose: Pose, velocity and acceleration of every joint, in metres and metres per frame.
            motion: Augmented motion M: per frame the sum of absolute acceleration and of absolute velocity.

        Returns:
            Logits of every frame, or of the one pooled state (step = 1); and the attention that the variant has:
            `spatial` (b, t, hand) sums to 1 over hand, `temporal` (b, t) sums to 1 over t.
        """
        states, maps = self._states(glimpse, augmented_pose)
        if self.temporal is None:
            return self.classifier(self.dropout(states)), maps
        pooled, weights = self.temporal(states, motion)
        return self.classifier(self.dropout(pooled)).unsqueeze(1), maps | {"temporal": weights}

    def _states(
        self, glimpse: Float[Tensor, "b t hand d"], pose: Float[Tensor, "b t pose"]
    ) -> tuple[Float[Tensor, "b t h"], dict[str, Tensor]]:
        """Hidden states h_t, and the spatial attention where there is one."""
        if self.hands in ("hidden", "hidden_pose"):
            condition = pose if self.hands == "hidden_pose" else pose[..., :0]
            states, weights = attend_with_state(self.gru, self.spatial, glimpse, condition, self.dropout)
            return states, {"spatial": weights}
        maps = {}
        if self.hands == "sum":
            context = glimpse.sum(dim=2)  # (b, t, d)
        elif self.hands == "concat":
            context = glimpse.flatten(2)  # (b, t, hand*d)
        else:
            maps["spatial"] = self.spatial(pose)  # (b, t, hand)  Eq. 3
            context = weighted_hands(glimpse, maps["spatial"])  # (b, t, d)  Eq. 4
        return gru_states(self.gru, self.dropout(context)), maps  # Eq. 2 for all frames in one call
