"""Dropout that costs less on a CPU, where PyTorch draws Bernoulli numbers four times slower than uniform ones."""

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional


class Dropout(nn.Module):
    """Set numbers to zero at random in training, and enlarge the others so that the mean stays.

    Args:
        probability: Of a zero, in [0, 1).

    Raises:
        ValueError: The probability is out of range.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        if not 0 <= probability < 1:
            raise ValueError(f"dropout is {probability}, expected a probability of at least 0 and below 1")
        self.probability = probability

    def forward(self, values: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
        """The values, thinned out in training mode."""
        if values.device.type != "cpu" or not self.training or self.probability == 0:
            return functional.dropout(values, self.probability, self.training)
        kept = torch.rand(values.shape) >= self.probability
        return values * kept.to(values.dtype).mul_(1 / (1 - self.probability))
