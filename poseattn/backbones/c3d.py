"""C3D (Tran et al. 2015, arXiv 1412.0767): features of pieces of 16 frames, `fc6`, `fc7` and logits.

Layers have the names of the release, facebookarchive/C3D, less the `-1` of `fc6-1`. As there, `fc6` and `fc7` are read
after their ReLU, and pools round up. Ports of PyTorch pad `pool5` on both sides instead, which moves its windows by a
pixel; we do as the release, for which the weights were trained.
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from poseattn.networks.block_pool import BlockPool
from poseattn.networks.caffe import read_mean
from poseattn.networks.parameters import fill, n_classes, read_state
from poseattn.networks.shared import RectifiedLinear, centre, initialise, resize, rows_of, scaled, seeded
from poseattn.sizes import rectangle

PUBLISHED = {  # address of a file, or only its name where no document gives one -> what tables say of it
    "https://download.openmmlab.com/mmaction/recognition/c3d/c3d_sports1m_pretrain_20201016-dcc47ddc.pth": (
        "sports1m-mmaction"  # without fc8
    ),
    "http://imagelab.ing.unimore.it/files/c3d_pytorch/c3d.pickle": "sports1m-davidea",
    "conv3d_deepnetA_sport1m_iter_1900000": "sports1m-c3d",  # the release's, of Caffe; put there by hand
}
FRAMES = 16  # of a piece
_STAGES = {1: ("a", 64), 2: ("a", 128), 3: ("ab", 256), 4: ("ab", 512), 5: ("ab", 512)}  # convolutions, their channels
_HIDDEN = 4096
_CLASSES = 487  # of Sports-1M
_SHRINKS = 32  # pixels of a cell of `pool5`
_SPREAD = 64  # grey levels, about the standard deviation of pixels: random weights then keep the scale of features


def build(
    *,
    weights: Path | None,
    size: int | Sequence[int],
    seed: int,
    mean: str | Sequence[float | int],
    crop: int = 112,
    classes: int | str | None = None,
    width: float | int = 1,
    dropout: float | int = 0.5,
) -> nn.Module:
    """C3D in evaluation mode.

    Args:
        weights: Sports-1M file of the release (Caffe), of the ports by MMAction or DavideA, or one that the stage
            pretrain_backbone wrote; None for random weights.
        size: Rows and columns to which frames are resized, pixels, or the edge of a square; published: [128, 171].
        seed: Seed of random weights.
        mean: What is subtracted from frames after resizing: name of a file in the folder of the weights, either the
            release's mean volume (`.binaryproto`) or an array (`.npy`; blue, green and red, frame, row, col); or one
            number for each of blue, green and red, where the volume cannot be had.
        crop: Edge of the square cut from the middle of frames, pixels; published: 112.
        classes: Outputs of `fc8`, published: 487, or `trained` for as many as the weights have, random ones as many
            as published; None for none, and the network ends with `fc7`.
        width: Factor for the number of channels of each layer.
        dropout: Share of the features of `fc6` and `fc7` set to zero in training; published: 0.5.

    Returns:
        Network with the attributes `channels` and `input_shape`.

    Raises:
        ValueError: The weights or the mean do not fit.
    """
    volume = _mean_of(mean, weights, rectangle(size))
    state = None if weights is None else _renamed(read_state(weights), classes is not None)
    with seeded(seed):
        network = layers(crop, n_classes(classes, state, "fc8", _CLASSES), width, dropout)
        if weights is None or state is None:
            initialise(network)
            network.conv1a.weight.data /= _SPREAD
        else:
            fill(network, state, weights)
    return C3D(network, size, crop, volume).eval()


def layers(crop: int, classes: int | None, width: float | int, dropout: float | int = 0.5) -> nn.Sequential:
    """The network, from colours around 0 to features.

    Args:
        crop: Edge of a frame, pixels.
        classes: Outputs of `fc8`; None for none.
        width: Factor for the number of channels of each layer.
        dropout: Share of the features of `fc6` and `fc7` set to zero in training.

    Returns:
        Layers by the names of the release.
    """
    named: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = 3
    for stage, (letters, channels) in _STAGES.items():
        for letter in letters:
            named[f"conv{stage}{letter}"] = nn.Conv3d(inputs, inputs := scaled(channels, width), 3, padding=1)
            named[f"relu{stage}{letter}"] = nn.ReLU()
        named[f"pool{stage}"] = BlockPool((1, 2, 2) if stage == 1 else (2, 2, 2), ceil_mode=True)
    hidden, cells = scaled(_HIDDEN, width), (-(-crop // _SHRINKS)) ** 2  # rounded up
    named["flat"] = nn.Flatten()
    named["fc6"], named["drop6"] = RectifiedLinear(inputs * cells, hidden), nn.Dropout(dropout)
    named["fc7"], named["drop7"] = RectifiedLinear(hidden, hidden), nn.Dropout(dropout)
    if classes is not None:
        named["fc8"] = nn.Linear(hidden, classes)
    return nn.Sequential(named)


class C3D(nn.Module):
    """C3D for frames as they are stored.

    Args:
        network: From colours around 0 to features.
        size: Rows and columns to which frames are resized, pixels, or the edge of a square.
        crop: Edge of the square cut from their middle, pixels.
        mean: What is subtracted from resized frames: blue, green and red (bgr, frame, row, col), or axes of length 1.

    Attributes:
        channels: Number of features, or of classes.
        input_shape: Frames, rows, columns and channels of a piece after resizing.
        network: From colours around 0 to features.
    """

    channels: int
    input_shape: tuple[int, ...]
    network: nn.Module
    _mean: Tensor

    def __init__(
        self,
        network: nn.Sequential,
        size: int | Sequence[int],
        crop: int,
        mean: Float[Tensor, "bgr mean_frame mean_row mean_col"],
    ) -> None:
        super().__init__()
        self.size, self.crop, self.network = rectangle(size), crop, network
        self.input_shape = (FRAMES, *self.size, 3)
        self.channels = [module for module in network if isinstance(module, nn.Linear)][-1].out_features
        self.register_buffer("_mean", mean, persistent=False)

    def forward(self, pieces: UInt8[Tensor, "b frame row col rgb"]) -> Float[Tensor, "b *grid d"]:
        """Features of pieces of videos, after resizing (bilinear) and cropping.

        Args:
            pieces: 16 successive RGB frames each.

        Returns:
            Outputs of `fc7` (not negative), of `fc8` (logits), or of the tap.
        """
        levels = resize(pieces.flatten(0, 1), self.size).unflatten(0, pieces.shape[:2])  # (b, frame, rgb, row, col)
        colours = levels.flip(2).movedim(2, 1) - self._mean  # (b, bgr, frame, row, col)
        return rows_of(self.network(centre(colours, self.crop)))


def _mean_of(mean: str | Sequence[float | int], weights: Path | None, size: tuple[int, int]) -> Tensor:
    """Mean of colours (bgr, frame, row, col), or (bgr, 1, 1, 1)."""
    if not isinstance(mean, str):
        if len(mean) != 3:
            raise ValueError(f"mean {mean}, expected blue, green and red, or the name of a file")
        return torch.tensor(mean, dtype=torch.float32)[:, None, None, None]
    if weights is None:
        raise ValueError(f"mean {mean!r} is a file in the folder of the weights, but there are no weights")
    path = weights.with_name(mean)
    volume = np.load(path) if path.suffix == ".npy" else read_mean(path)
    if volume.shape != (3, FRAMES, *size):
        raise ValueError(f"{path}: mean of shape {volume.shape}, expected {(3, FRAMES, *size)}")
    return torch.tensor(volume, dtype=torch.float32)


def _renamed(state: dict[str, Tensor], with_classifier: bool) -> dict[str, Tensor]:
    """Published parameters by our names: of Caffe `fc6-1`, of MMAction `conv1a.conv`, of DavideA `conv1`."""
    renamed = {}
    for name, value in state.items():
        name = name.removeprefix("backbone.").replace(".conv.", ".")
        name = re.sub(r"^(conv[12])\.", r"\1a.", re.sub(r"^(fc\d)[-_][^.]*", r"\1", name))
        if with_classifier or not name.startswith("fc8."):
            renamed[name] = value
    return renamed
