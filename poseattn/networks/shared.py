"""What backbones share: pixels for a network, a seeded state where there is none, and layers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from jaxtyping import Float, Num, UInt8
from torch import Tensor, fx, nn
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm

from poseattn.sizes import rectangle

Traceable = Tensor | fx.Proxy  # maps in a network that torch.fx traces, to cut or to rewrite it


def resize(images: UInt8[Tensor, "b row col d"], size: int | Sequence[int]) -> Num[Tensor, "b d new_row new_col"]:
    """Resize images, each side for itself, bilinearly and in whole grey levels, as image libraries do.

    Args:
        images: RGB images, or any other number of channels.
        size: Edge of a square, or rows and columns, pixels.

    Returns:
        Grey levels 0 to 255, channels last in memory.
    """
    levels, target = images.permute(0, 3, 1, 2), rectangle(size)
    if levels.shape[2:] == target:
        return levels
    shrinks = any(old > new for old, new in zip(levels.shape[2:], target, strict=True))
    if images.device.type == "cpu":  # whose kernel for bytes is five times as fast as the one for floats
        return functional.interpolate(levels, target, mode="bilinear", antialias=shrinks)
    return functional.interpolate(levels.float(), target, mode="bilinear", antialias=shrinks).round()


def rows_of(output: Tensor | Sequence[Tensor] | Mapping[str, Tensor]) -> Float[Tensor, "b *grid d"]:
    """What a network or the part of it up to a tap gives, with the channels last.

    Args:
        output: Pooled features (b, d) or maps (b, d, row, col); those of a tapped network are in a list or dictionary.

    Returns:
        The same numbers, features as they are.
    """
    if not isinstance(output, Tensor):
        (output,) = output.values() if isinstance(output, Mapping) else output
    return output.movedim(1, -1)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed PyTorch inside the block, and restore its generator afterwards.

    Args:
        seed: Seed of PyTorch's CPU generator.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@torch.no_grad()
def calibrate_batch_norm(backbone: nn.Module, channels: int = 3) -> None:
    """Give a random network the batch-norm statistics of sixteen blurred noise images.

    Without them every layer multiplies the scale of its input, and a deep network leaves the range of float16. Where
    maps shrink to one cell there is one value of an image: those of eight images may lie so close together that the
    scale of others is multiplied after all.

    Args:
        backbone: Network that takes uint8 images (image, row, col, channel); it is left in evaluation mode.
        channels: Channels of an image.
    """
    norms = [module for module in backbone.modules() if isinstance(module, _BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0  # the statistics of the one batch below
    backbone.train()
    backbone(torch.randint(256, (16, 16, 16, channels), dtype=torch.uint8))
    backbone.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def scaled(channels: int, width: float | int) -> int:
    """Channels of a layer in a network made narrower, or wider, throughout.

    Args:
        channels: Published number.
        width: Factor; 1 for the published network.

    Returns:
        Nearest whole number, at least 1.
    """
    return max(1, round(channels * width))


def initialise(network: nn.Module) -> None:
    """Draw weights that keep the scale of features through many layers with ReLU but without batch norm.

    Args:
        network: Its convolutions and linear layers get the weights of He et al. (2015), and biases of 0.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Conv3d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
            nn.init.zeros_(module.bias)


def centre(maps: Num[Tensor, "*axes row col"], edge: int) -> Num[Tensor, "*axes edge edge"]:
    """Square from the middle of images.

    Args:
        maps: Images; rows and columns are the last axes.
        edge: Edge of the square, pixels; what cannot be cut off evenly stays at the bottom and the right.

    Returns:
        A view of the square.

    Raises:
        ValueError: The images are smaller.
    """
    top, left = ((length - edge) // 2 for length in maps.shape[-2:])
    if min(top, left) < 0:
        raise ValueError(f"crop of {edge} pixels from images of {tuple(maps.shape[-2:])}")
    return maps[..., top : top + edge, left : left + edge]


class RectifiedLinear(nn.Linear):
    """Linear layer with the ReLU that follows it, so that a tap of its name gives what Caffe calls so."""

    def forward(self, features: Traceable) -> Traceable:
        """Rectified outputs.

        Args:
            features: Inputs (b, d).

        Returns:
            Outputs (b, d), not negative.
        """
        return super().forward(features).relu()
