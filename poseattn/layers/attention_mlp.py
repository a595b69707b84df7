"""Attention distribution from a condition vector: the mappings f_p and f'_p of Baradel et al. 2017, Eq. 3 and 5."""

from jaxtyping import Float
from torch import Tensor, nn


class AttentionMLP(nn.Module):
    """Linear - ReLU - Linear - softmax, uniform over the choices at the start (Baradel et al. 2017, Sec. 4).

    Args:
        channels: Length of the condition vector.
        hidden: Units of the hidden layer.
        choices: How many things share the attention: hands, or frames.

    Deviates:
        The paper initialises the weights "to be equal for each input modality" without saying how; here the last
        layer starts at zero, so that every condition gives equal weights and the first layer is drawn as usual.
    """

    def __init__(self, *, channels: int, hidden: int, choices: int) -> None:
        super().__init__()
        self.projection = nn.Linear(channels, hidden)
        self.score = nn.Linear(hidden, choices)
        nn.init.zeros_(self.score.weight)
        nn.init.zeros_(self.score.bias)

    def forward(self, condition: Float[Tensor, "*batch channel"]) -> Float[Tensor, "*batch choice"]:
        """Attention weights for a condition.

        Args:
            condition: What the attention depends on.

        Returns:
            Weights that sum to 1 over the last axis.
        """
        return self.weigh(self.projection(condition))

    def weigh(self, projected: Float[Tensor, "*batch unit"]) -> Float[Tensor, "*batch choice"]:
        """Attention weights for a condition that already went through the first layer.

        Args:
            projected: Output of `projection`, before the ReLU; a caller may have summed it from parts.

        Returns:
            Weights that sum to 1 over the last axis.
        """
        return self.score(projected.relu()).softmax(dim=-1)
