"""Stacked hourglass for human pose (Newell, Yang, Deng 2016, arXiv 1603.06937): an image -> a heatmap of each joint.

Layers have the names of the PyTorch release (princeton-vl/pytorch_stacked_hourglass, 8 stacks, 0.902 PCKh on MPII),
without the skip layers that it stores but never runs. The port of bearpaw (pytorch-pose), which is wider in its second
residual block and subtracts a mean colour, is read as well.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from poseattn.networks.hourglass_blocks import Hourglass, Merge, Residual, Unit
from poseattn.networks.hourglass_names import renamed
from poseattn.networks.parameters import fill, read_state
from poseattn.networks.shared import Traceable, calibrate_batch_norm, resize, rows_of, scaled, seeded
from poseattn.sizes import rectangle

_PORT = "https://github.com/anibali/pytorch-stacked-hourglass/releases/download/v0.0.0"  # of bearpaw's network
PUBLISHED = {  # address of a file, or only its name -> what tables say of it
    # Both checkpoints of the release are called checkpoint.pth.tar at their address, so they are kept by other names.
    "hourglass_princeton_8hg.pth.tar": "mpii-princeton",
    "hourglass_princeton_2hg.pth.tar": "mpii-princeton",
    f"{_PORT}/bearpaw_hg1-ce125879.pth": "mpii-bearpaw",
    f"{_PORT}/bearpaw_hg2-15e342d9.pth": "mpii-bearpaw",
    f"{_PORT}/bearpaw_hg8-90e5d470.pth": "mpii-bearpaw",
}
_FEATURES = 256
_STEM = (64, 128)  # channels of the first convolution, and of the first residual block
_DEPTH = 4  # times that an hourglass halves its maps
_STRIDE = 4  # of the heatmaps
_RELEASES = {  # channels of the second residual block, and the mean colour
    "princeton": (128, (0.0, 0.0, 0.0)),
    "bearpaw": (256, (0.4404, 0.4440, 0.4327)),
}


def build(
    *,
    weights: Path | None,
    size: int | Sequence[int],
    seed: int,
    stacks: int = 8,
    features: int = _FEATURES,
    joints: int = 16,
    release: str = "princeton",
) -> nn.Module:
    """Stacked hourglass in evaluation mode.

    Args:
        weights: Checkpoint of the release (names begin with `model.module.`), one of bearpaw's port with one residual
            block at a time, or a file that the stage pretrain_backbone wrote; None for random weights, whose batch norm
            is calibrated on noise.
        size: Edge of the square to which images are resized, or rows and columns, pixels: multiples of 64; published:
            256.
        seed: Seed of random weights.
        stacks: Number of hourglasses; published: 8, 2 and 1.
        features: Channels of an hourglass, even; the stem is narrower in proportion. Published: 256.
        joints: Number of heatmaps; 16 on MPII.
        release: `princeton` or `bearpaw`.

    Returns:
        Network with the attributes `channels` (its joints) and `input_shape`.

    Raises:
        ValueError: An argument is out of range, or the file does not fit.
    """
    if release not in _RELEASES:
        raise ValueError(f"release is {release!r}, expected one of {', '.join(_RELEASES)}")
    if not 1 <= stacks <= 8:
        raise ValueError(f"stacks is {stacks}, expected 1 to 8")
    step = _STRIDE * 2**_DEPTH
    if any(edge % step for edge in rectangle(size)):
        raise ValueError(f"size is {size}, expected multiples of {step}: hourglasses halve their maps {_DEPTH} times")
    with seeded(seed):
        backbone = StackedHourglass(size, stacks, features, joints, release)
        if weights is None:
            calibrate_batch_norm(backbone)
        else:
            fill(backbone.network, renamed(read_state(weights), backbone.network, _DEPTH), weights)
    return backbone.eval()


class StackedHourglass(nn.Module):
    """Stacked hourglass for images as they are stored.

    Args:
        size: Edge of the square to which images are resized, or rows and columns, pixels.
        stacks: Number of hourglasses.
        features: Channels of an hourglass.
        joints: Number of heatmaps.
        release: Key of the releases: what is subtracted from colours, and how wide the stem is.

    Attributes:
        channels: Number of joints.
        input_shape: Rows, columns and channels of an image after resizing.
        grid: Rows and columns of a heatmap.
        network: From colours around 0 to the heatmaps of every stack.
    """

    channels: int
    input_shape: tuple[int, ...]
    grid: tuple[int, int]
    network: nn.Module
    _mean: Tensor

    def __init__(self, size: int | Sequence[int], stacks: int, features: int, joints: int, release: str) -> None:
        super().__init__()
        second, mean = _RELEASES[release]
        self.size = rectangle(size)
        self.input_shape = (*self.size, 3)
        self.grid = (self.size[0] // _STRIDE, self.size[1] // _STRIDE)
        self.network = Network(stacks, features, joints, second)
        self.channels = joints
        self.register_buffer("_mean", torch.tensor(mean)[:, None, None], persistent=False)

    def forward(self, images: UInt8[Tensor, "b row col rgb"]) -> Float[Tensor, "b _ _ joint"]:
        """Heatmaps of the last stack.

        Args:
            images: RGB images of one size, which are resized to the network's input without regard to their shape.

        Returns:
            About 1 at a joint and 0 elsewhere, on a grid of a quarter of the input's rows and columns.
        """
        return rows_of(self.stack_maps(images)[-1])

    def stack_maps(self, images: UInt8[Tensor, "b row col rgb"]) -> Sequence[Float[Tensor, "b joint _ _"]]:
        """Heatmaps of every stack, as training compares them to their targets (intermediate supervision, Sec. 3.2)."""
        return self.network(resize(images, self.size) / 255 - self._mean)


class Network(nn.Module):
    """The layers of the release.

    Args:
        stacks: Number of hourglasses.
        features: Channels of an hourglass.
        joints: Number of heatmaps.
        second: Channels of the second residual block at 256 features.
    """

    def __init__(self, stacks: int, features: int, joints: int, second: int) -> None:
        super().__init__()
        first, wide, second = (scaled(channels, features / _FEATURES) for channels in (*_STEM, second))
        self.pre = nn.Sequential(
            Unit(3, first, 7, 2, normalised=True),
            Residual(first, wide),
            nn.MaxPool2d(2),
            Residual(wide, second),
            Residual(second, features),
        )
        self.hgs = nn.ModuleList(nn.Sequential(Hourglass(_DEPTH, features)) for _ in range(stacks))
        self.features = nn.ModuleList(
            nn.Sequential(Residual(features, features), Unit(features, features, 1, normalised=True))
            for _ in range(stacks)
        )
        self.outs = nn.ModuleList(Unit(features, joints, 1) for _ in range(stacks))
        self.merge_features = nn.ModuleList(Merge(features, features) for _ in range(stacks - 1))
        self.merge_preds = nn.ModuleList(Merge(joints, features) for _ in range(stacks - 1))

    def forward(self, pixels: Traceable) -> list[Traceable]:
        """Heatmaps of every stack; each sees those of the one before.

        Args:
            pixels: Colours from 0 to 1, their mean subtracted (b, rgb, row, col).

        Returns:
            Maps (b, joint, row, col) of a quarter of the rows and columns.
        """
        maps = self.pre(pixels)
        found = []
        for stack, (hourglass, head, out) in enumerate(zip(self.hgs, self.features, self.outs, strict=True)):
            features = head(hourglass(maps))
            found.append(out(features))
            if stack < len(self.merge_preds):
                maps = maps + self.merge_preds[stack](found[-1]) + self.merge_features[stack](features)
        return found
