"""Inception blocks with batch norm (Ioffe and Szegedy 2015, arXiv 1502.03167), their layers named as in Caffe."""

from typing import NamedTuple

import torch
from torch import nn
from torch.nn import functional

from poseattn.networks.shared import Traceable, scaled


class Block(NamedTuple):
    """Channels of an Inception block; 0 for a branch that it lacks.

    Attributes:
        one: 1x1 convolution.
        three: 1x1 and 3x3 convolution.
        double: 1x1 convolution and each of two 3x3.
        pool: `mean` or `max`, both with stride 1, or `shrink`, the maximum where the whole block has stride 2.
        projection: 1x1 convolution after the pool.
    """

    one: int
    three: tuple[int, int]
    double: tuple[int, int]
    pool: str
    projection: int


def shrinking_pool() -> nn.Module:
    """Maxima of 3x3 at every second pixel; with two more pixels at the end, n of them give n / 2 rounded up."""
    return nn.Sequential(nn.ConstantPad2d((0, 2, 0, 2), -torch.inf), nn.MaxPool2d(3, 2))


_POOLS = {  # means count the zeros around the border, as Caffe's do
    "mean": lambda: nn.AvgPool2d(3, 1, 1),
    "max": lambda: nn.MaxPool2d(3, 1, 1),
    "shrink": shrinking_pool,
}


class Inception(nn.Module):
    """Branches side by side, joined along their channels.

    Args:
        inputs: Channels of the input.
        block: Channels of the branches.
        width: Factor for these.

    Attributes:
        channels: Number of outputs.
    """

    channels: int

    def __init__(self, inputs: int, block: Block, width: float | int) -> None:
        super().__init__()
        stride = 2 if block.pool == "shrink" else 1
        one, projection = (channels and scaled(channels, width) for channels in (block.one, block.projection))
        reduced, three = (scaled(channels, width) for channels in block.three)
        reduced_double, double = (scaled(channels, width) for channels in block.double)
        self.has_one, self.has_projection = bool(one), bool(projection)
        if one:
            add_unit(self, "1x1", inputs, one, 1)
        add_unit(self, "3x3_reduce", inputs, reduced, 1)
        add_unit(self, "3x3", reduced, three, 3, stride)
        add_unit(self, "double_3x3_reduce", inputs, reduced_double, 1)
        add_unit(self, "double_3x3_1", reduced_double, double, 3)
        add_unit(self, "double_3x3_2", double, double, 3, stride)
        self.pool = _POOLS[block.pool]()
        if projection:
            add_unit(self, "pool_proj", inputs, projection, 1)
        self.channels = one + three + double + (projection or inputs)

    def forward(self, maps: Traceable) -> Traceable:
        """Maps of all branches.

        Args:
            maps: Maps of the block before (b, d, row, col).

        Returns:
            Branch after branch (b, d, row, col), not negative.
        """
        branches = [run_unit(self, "1x1", maps)] if self.has_one else []
        branches.append(run_unit(self, "3x3", run_unit(self, "3x3_reduce", maps)))
        double = run_unit(self, "double_3x3_1", run_unit(self, "double_3x3_reduce", maps))
        branches.append(run_unit(self, "double_3x3_2", double))
        pooled = self.pool(maps)
        branches.append(run_unit(self, "pool_proj", pooled) if self.has_projection else pooled)
        return torch.cat(branches, dim=1)


def add_unit(module: nn.Module, name: str, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
    """Give a module a convolution and its batch norm, named alike.

    Args:
        module: The module.
        name: Name of the convolution; that of the batch norm ends in `_bn`.
        inputs: Channels that it takes.
        outputs: Channels that it gives.
        kernel: Its edge, odd.
        stride: Pixels from one output to the next.
    """
    module.add_module(name, nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2))
    module.add_module(f"{name}_bn", nn.BatchNorm2d(outputs))


def run_unit(module: nn.Module, name: str, maps: Traceable) -> Traceable:
    """Convolution, batch norm and ReLU.

    Args:
        module: The module that has the first two.
        name: As for `add_unit`.
        maps: Maps (b, d, row, col).

    Returns:
        Maps of the same size, or of half of it rounded up where the stride is 2; not negative.
    """
    return functional.relu(getattr(module, f"{name}_bn")(getattr(module, name)(maps)))
