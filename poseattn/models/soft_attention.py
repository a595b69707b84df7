"""Soft attention over feature cubes (Sharma, Kiros, Salakhutdinov 2015, arXiv 1511.04119), and its pooled baselines."""

from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from poseattn.layers.dropout import Dropout
from poseattn.layers.location_attention import ATTENTIONS
from poseattn.layers.lstm_stack import LSTMStack

POOLINGS = ("attention", "average", "maximum")


class Model(nn.Module):
    """LSTM layers over one vector a frame: an attended, average or maximum feature slice of its cube.

    Args:
        n_classes: Actions to tell apart.
        channels: Length d of a feature slice.
        locations: Places k of a cube.
        pooling: `attention`; or `average` or `maximum` over the places.
        attention: `linear_hidden` (Eq. 1) or `mlp_content` (the authors' code); not used by the other poolings.
        hidden: Units of each layer.
        layers: How many.
        dropout: Probability, on all but recurrent connections and the input.

    Attributes:
        inputs: Names of the tensors that `forward` takes.

    Raises:
        ValueError: `pooling` or `attention` is unknown.
    """

    inputs: ClassVar[tuple[str, ...]] = ("cube",)

    def __init__(
        self,
        *,
        n_classes: int,
        channels: int,
        locations: int,
        pooling: str,
        attention: str,
        hidden: int,
        layers: int,
        dropout: float,
    ) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise ValueError(f"pooling: {pooling!r} is not one of {', '.join(POOLINGS)}")
        if attention not in ATTENTIONS:
            raise ValueError(f"attention: {attention!r} is not one of {', '.join(ATTENTIONS)}")
        self.pooling = pooling
        self.lstm = LSTMStack(channels=channels, hidden=hidden, layers=layers, dropout=dropout)
        self.location = (
            ATTENTIONS[attention](hidden=hidden, channels=channels, locations=locations)
            if pooling == "attention"
            else None
        )
        self.dropout = Dropout(dropout)
        self.hidden = nn.Linear(hidden, hidden)
        self.classifier = nn.Linear(hidden, n_classes)
        self.apply(_initialise)
        if channels == hidden:  # the affine layers of Eq. 6 are one matrix here, each block of which is square then
            for block in self.lstm.start.weight.data.chunk(2 * layers):
                nn.init.orthogonal_(block)

    def forward(self, cube: Float[Tensor, "b t row col d"]) -> tuple[Float[Tensor, "b t c"], dict[str, Tensor]]:
        """Classify sequences frame by frame.

        Args:
            cube: Feature cubes X_t.

        Returns:
            Logits of every frame; and with attention `location` (b, t, k), which sums to 1 over k = row * col.
        """
        slices = cube.flatten(2, 3)  # (b, t, k, d)
        every = slices.flatten(1, 2)  # (b, t*k, d)
        mean = every.new_full((len(every), 1, every.shape[1]), 1 / every.shape[1]) @ every  # faster than `mean`
        states = self.lstm.initial(mean.squeeze(1))
        maps = {}
        if self.pooling == "average":
            top = self.lstm(slices.mean(dim=2), states)
        elif self.pooling == "maximum":
            top = self.lstm(slices.amax(dim=2), states)
        else:
            top, maps["location"] = self._attend(slices, states)
        z = self.hidden(self.dropout(top)).tanh()
        return self.classifier(self.dropout(z)), maps

    def _attend(
        self, slices: Float[Tensor, "b t k d"], states: tuple[tuple[Tensor, Tensor], ...]
    ) -> tuple[Float[Tensor, "b t h"], Float[Tensor, "b t k"]]:
        """States of the top layer and location weights, frame by frame: l_t depends on h_{t-1}."""
        keys = self.location.keys(slices)
        step = self.lstm.begin(slices.shape[1], len(slices))
        tops, weights = [], []
        for frame in range(slices.shape[1]):
            weights.append(self.location(states[-1][0], None if keys is None else keys[:, frame]))  # l_t, Eq. 1
            attended = (weights[-1].unsqueeze(1) @ slices[:, frame]).squeeze(1)  # x_t (b, d), Eq. 2
            states = step(attended, states)  # Eq. 3-5
            tops.append(states[-1][0])
        return torch.stack(tops, dim=1), torch.stack(weights, dim=1)


def _initialise(module: nn.Module) -> None:
    """As in the released code: weights normal with deviation 0.01, square blocks orthogonal, biases zero."""
    for name, parameter in module.named_parameters(recurse=False):
        if "bias" in name:
            nn.init.zeros_(parameter)
            continue
        for block in parameter.data.chunk(4) if isinstance(module, nn.LSTM) else [parameter.data]:
            if block.shape[0] == block.shape[1]:
                nn.init.orthogonal_(block)
            else:
                nn.init.normal_(block, std=0.01)
