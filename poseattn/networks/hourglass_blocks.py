"""Blocks of stacked hourglasses (Newell, Yang, Deng 2016, arXiv 1603.06937), by the names of their PyTorch release."""

from torch import nn
from torch.nn import functional

from poseattn.networks.shared import Traceable


class Hourglass(nn.Module):
    """Maps halved several times and brought back to their size, with a branch at every scale (Sec. 3.1, Fig. 3).

    Args:
        depth: How many times they are halved.
        features: Channels.
    """

    def __init__(self, depth: int, features: int) -> None:
        super().__init__()
        self.up1 = Residual(features, features)
        self.low1 = Residual(features, features)
        self.low2 = Hourglass(depth - 1, features) if depth > 1 else Residual(features, features)
        self.low3 = Residual(features, features)

    def forward(self, maps: Traceable) -> Traceable:
        """Maps of the same size.

        Args:
            maps: (b, d, row, col); rows and columns can be halved as often as the depth says.

        Returns:
            (b, d, row, col).
        """
        low = self.low3(self.low2(self.low1(functional.max_pool2d(maps, 2))))
        return self.up1(maps) + functional.interpolate(low, scale_factor=2.0)


class Residual(nn.Module):
    """Residual block with batch norm and ReLU before each of its three convolutions (Sec. 3.1, Fig. 4 left).

    Args:
        before: Channels that it takes.
        after: Channels that it gives; half of them inside.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        inside = after // 2
        self.bn1, self.conv1 = nn.BatchNorm2d(before), Unit(before, inside, 1)
        self.bn2, self.conv2 = nn.BatchNorm2d(inside), Unit(inside, inside, 3)
        self.bn3, self.conv3 = nn.BatchNorm2d(inside), Unit(inside, after, 1)
        self.skip_layer = nn.Identity() if before == after else Unit(before, after, 1)

    def forward(self, maps: Traceable) -> Traceable:
        """Maps plus what the block makes of them.

        Args:
            maps: (b, d, row, col).

        Returns:
            Maps of the same rows and columns.
        """
        inside = self.conv1(self.bn1(maps).relu())
        inside = self.conv2(self.bn2(inside).relu())
        return self.conv3(self.bn3(inside).relu()) + self.skip_layer(maps)


class Unit(nn.Module):
    """Convolution that keeps rows and columns (divides them by its stride), and perhaps batch norm and ReLU after it.

    Args:
        before: Channels that it takes.
        after: Channels that it gives.
        kernel: Edge of the kernel.
        stride: Step between places.
        normalised: Whether batch norm and ReLU follow.
    """

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1, normalised: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2)
        self.bn = nn.BatchNorm2d(after) if normalised else None

    def forward(self, maps: Traceable) -> Traceable:
        """Maps after the convolution.

        Args:
            maps: (b, d, row, col).

        Returns:
            (b, new_d, new_row, new_col).
        """
        maps = self.conv(maps)
        return maps if self.bn is None else self.bn(maps).relu()


class Merge(nn.Module):
    """Convolution by which a stack's result goes into the next one; the release wraps it once more.

    Args:
        before: Channels that it takes.
        after: Channels that it gives.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv = Unit(before, after, 1)

    def forward(self, maps: Traceable) -> Traceable:
        """Maps with as many channels as an hourglass has.

        Args:
            maps: (b, d, row, col).

        Returns:
            (b, new_d, row, col).
        """
        return self.conv(maps)
