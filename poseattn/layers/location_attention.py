"""Soft attention over the places of a feature cube (Sharma, Kiros, Salakhutdinov 2015, arXiv 1511.04119)."""

from jaxtyping import Float
from torch import Tensor, nn


class HiddenLocation(nn.Module):
    """Location softmax from the recurrent state alone: the map does not depend on what the frame shows (Eq. 1).

    Args:
        hidden: Units of the recurrent layer.
        channels: Not used; every kind of location attention takes it.
        locations: Places k of a cube.
    """

    def __init__(self, *, hidden: int, channels: int, locations: int) -> None:
        super().__init__()
        self.weight = nn.Linear(hidden, locations, bias=False)

    def keys(self, cube: Float[Tensor, "b t k d"]) -> None:
        """What can be computed for all frames beforehand: nothing."""
        return None

    def forward(self, state: Float[Tensor, "b h"], keys: None) -> Float[Tensor, "b k"]:
        """Weights l_t of the places of a frame, which sum to 1.

        Args:
            state: State h_{t-1} of the top layer.
            keys: None.

        Returns:
            The weights.
        """
        return self.weight(state).softmax(dim=-1)


class ContentLocation(nn.Module):
    """Location softmax from state and content, u . tanh(W_c X_i + W_h h + b), as in the authors' released code.

    Args:
        hidden: Units of the recurrent layer.
        channels: Length d of a feature slice, and units of the layer inside.
        locations: Not used: every place is judged by what it shows.
    """

    def __init__(self, *, hidden: int, channels: int, locations: int) -> None:
        super().__init__()
        self.content = nn.Linear(channels, channels)
        self.state = nn.Linear(hidden, channels, bias=False)
        self.score = nn.Linear(channels, 1, bias=False)  # a bias would add the same to all places

    def keys(self, cube: Float[Tensor, "b t k d"]) -> Float[Tensor, "b t k d"]:
        """W_c X + b of all frames at once."""
        return self.content(cube)

    def forward(self, state: Float[Tensor, "b h"], keys: Float[Tensor, "b k d"]) -> Float[Tensor, "b k"]:
        """Weights l_t of the places of a frame, which sum to 1.

        Args:
            state: State h_{t-1} of the top layer.
            keys: W_c X_t + b.

        Returns:
            The weights.
        """
        return self.score((keys + self.state(state)[:, None]).tanh()).squeeze(-1).softmax(dim=-1)


ATTENTIONS = {"linear_hidden": HiddenLocation, "mlp_content": ContentLocation}
