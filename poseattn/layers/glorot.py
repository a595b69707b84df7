"""Initial weights where a paper names none: uniform, scaled for each matrix of its equations (Glorot, Bengio 2010)."""

from torch import nn


def glorot(linear: nn.Linear, blocks: int = 1) -> nn.Linear:
    """Draw the weights of a linear layer anew and set its bias, if it has one, to zero.

    Args:
        linear: Layer, changed in place.
        blocks: How many matrices of equal height are stacked in its weight; each is scaled for itself.

    Returns:
        The layer.
    """
    for matrix in linear.weight.data.chunk(blocks):
        nn.init.xavier_uniform_(matrix)
    if linear.bias is not None:
        nn.init.zeros_(linear.bias)
    return linear
