"""VGG-16 and VGG-19 (Simonyan and Zisserman 2015, arXiv 1409.1556): maps of `pool5`, features `fc6` and `fc7`, logits.

Layers have the names of Caffe. `fc6` and `fc7` are read after their ReLU, as there, and `conv5_3` before `relu5_3`.
`pool5` rounds down: 240x320 pixels give 7x10 (Du et al. 2017).
"""

import re
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torchvision.models.vgg import VGG16_Weights, VGG19_Weights

from poseattn.networks.parameters import fill, n_classes, read_state
from poseattn.networks.shared import RectifiedLinear, centre, initialise, resize, rows_of, scaled, seeded
from poseattn.sizes import rectangle

_CUHK = "http://mmlab.siat.ac.cn/very_deep_two_stream_model/cuhk_action_temporal_vgg_16_split{}.caffemodel"
PUBLISHED = {  # address of a file, or only its name where no document gives one -> what tables say of it
    VGG16_Weights.IMAGENET1K_V1.url: "imagenet-torchvision",
    VGG19_Weights.IMAGENET1K_V1.url: "imagenet-torchvision",
    **{_CUHK.format(split): f"ucf101_split{split}-cuhk" for split in (1, 2, 3)},  # VGG-16 for ten flow fields
    "siat_scene_vgg_19.caffemodel": "places205-siat",  # VGG-19, 205 classes; put there by hand
}
_CONVOLUTIONS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}  # between one pool and the next
_CHANNELS = (64, 128, 256, 512, 512)
_HIDDEN = 4096
_SHRINKS = 32  # pixels of a cell of `pool5`
_CLASSES = 1000  # of ImageNet
_RGB_MEAN, _RGB_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # torchvision's, of colours in [0, 1]
_NO_MOTION = 128.0  # code of flow


def build(
    architecture: str,
    /,
    *,
    weights: Path | None,
    size: int | Sequence[int],
    seed: int,
    crop: int | None = None,
    in_channels: int = 3,
    mean: Sequence[float | int] | None = None,
    classes: int | str | None = None,
    width: float | int = 1,
    grid: int = 7,
    dropout: float | int = 0.5,
) -> nn.Module:
    """VGG in evaluation mode.

    Args:
        architecture: `vgg16` or `vgg19`; a recipe says `vgg:vgg19`.
        weights: File of torchvision, of Caffe, or with Caffe's names (by `pretrain_backbone`); None for random ones.
        size: Edge of the square to which images are resized, or rows and columns, pixels.
        seed: Seed of random weights.
        crop: Edge of the square cut from their middle, pixels; None for the whole image.
        in_channels: 3 for RGB, 20 for ten flow fields.
        mean: Blue, green and red mean of weights that Caffe trained, subtracted from grey levels 0 to 255; None for
            torchvision's preprocessing. Flow always has 128 subtracted.
        classes: Outputs of `fc8`, or `trained` for as many as the weights have, random ones as many as
            published; None for none, and the network ends with `fc7`.
        width: Factor for the number of channels of each layer.
        grid: Edge of the maps that `fc6` takes, published: 7. Smaller ones suit smaller images.
        dropout: Share of the features of `fc6` and `fc7` set to zero in training; published: 0.5.

    Returns:
        Network with the attributes `channels` and `input_shape`.

    Raises:
        ValueError: There is no such architecture, or the file does not fit.
    """
    if architecture not in _CONVOLUTIONS:
        raise ValueError(f"backbone vgg:{architecture}: {architecture!r} is none of {', '.join(_CONVOLUTIONS)}")
    state = None if weights is None else _renamed(read_state(weights), architecture, classes is not None)
    with seeded(seed):
        outputs = n_classes(classes, state, "fc8", _CLASSES)
        network = layers(_CONVOLUTIONS[architecture], in_channels, outputs, width, grid, dropout)
        if all(edge // _SHRINKS == grid for edge in rectangle(crop or size)):
            network.grid = nn.Flatten()  # on a GPU nothing else could be trained twice alike
        if weights is None or state is None:
            initialise(network)
        else:
            fill(network, state, weights)
    return VGG(network, size, crop, in_channels, mean).eval()


def layers(
    convolutions: Sequence[int],
    in_channels: int,
    classes: int | None,
    width: float | int,
    grid: int = 7,
    dropout: float | int = 0.5,
) -> nn.Sequential:
    """The network, from pixels around 0 to features.

    Args:
        convolutions: Number of them before each pool.
        in_channels: Channels of an image.
        classes: Outputs of `fc8`; None for none.
        width: Factor for the number of channels of each layer.
        grid: Edge of the maps that `fc6` takes.
        dropout: Share of the features of `fc6` and `fc7` set to zero in training.

    Returns:
        Layers by Caffe's names.
    """
    named: OrderedDict[str, nn.Module] = OrderedDict()
    inputs = in_channels
    for stage, (count, channels) in enumerate(zip(convolutions, _CHANNELS, strict=True), 1):
        for number in range(1, count + 1):
            named[f"conv{stage}_{number}"] = nn.Conv2d(inputs, inputs := scaled(channels, width), 3, padding=1)
            named[f"relu{stage}_{number}"] = nn.ReLU()
        named[f"pool{stage}"] = nn.MaxPool2d(2, 2)
    hidden = scaled(_HIDDEN, width)
    named["grid"] = nn.Sequential(nn.AdaptiveAvgPool2d(grid), nn.Flatten())  # nothing but flat at 224 pixels
    named["fc6"], named["drop6"] = RectifiedLinear(inputs * grid**2, hidden), nn.Dropout(dropout)
    named["fc7"], named["drop7"] = RectifiedLinear(hidden, hidden), nn.Dropout(dropout)
    if classes is not None:
        named["fc8"] = nn.Linear(hidden, classes)
    return nn.Sequential(named)


class VGG(nn.Module):
    """A VGG network for images as they are stored.

    Args:
        network: From pixels around 0 to features.
        size: Edge of the square to which images are resized, or rows and columns, pixels.
        crop: Edge of the square cut from their middle, pixels; None for the whole image.
        in_channels: 3 for RGB; else codes of flow.
        mean: Blue, green and red mean, where weights are Caffe's.

    Attributes:
        channels: Number of features, or of classes.
        input_shape: Rows, columns and channels of an image after resizing.
        network: From pixels around 0 to features.
    """

    channels: int
    input_shape: tuple[int, ...]
    network: nn.Module
    _scale: Tensor
    _shift: Tensor

    def __init__(
        self,
        network: nn.Sequential,
        size: int | Sequence[int],
        crop: int | None,
        in_channels: int,
        mean: Sequence[float | int] | None,
    ) -> None:
        super().__init__()
        self.size, self.crop, self.network = rectangle(size), crop, network
        self.input_shape = (*self.size, in_channels)
        self.channels = [module for module in network if isinstance(module, nn.Linear)][-1].out_features
        self.is_bgr = in_channels == 3 and mean is not None
        scale, shift = torch.ones(in_channels), torch.full((in_channels,), -_NO_MOTION)
        if self.is_bgr:
            shift = -torch.tensor(mean, dtype=torch.float32)
        elif in_channels == 3:
            scale, shift = 1 / (255 * torch.tensor(_RGB_STD)), -torch.tensor(_RGB_MEAN) / torch.tensor(_RGB_STD)
        self.register_buffer("_scale", scale[:, None, None], persistent=False)
        self.register_buffer("_shift", shift[:, None, None], persistent=False)

    def forward(self, images: UInt8[Tensor, "b row col channel"]) -> Float[Tensor, "b *grid d"]:
        """Features of images, after their resizing (bilinear) and cropping.

        Args:
            images: RGB images, or codes of flow (see `poseattn.video.flow_codes.stack_of`), of one size.

        Returns:
            Outputs of `fc7` (not negative), of `fc8` (logits), or of the tap.
        """
        levels = resize(images, self.size)  # (b, channel, row, col)
        levels = levels if self.crop is None else centre(levels, self.crop)
        levels = levels.flip(1) if self.is_bgr else levels
        return rows_of(self.network(torch.addcmul(self._shift, levels.float(), self._scale)))


def _renamed(state: dict[str, Tensor], architecture: str, with_classifier: bool) -> dict[str, Tensor]:
    """Published parameters by Caffe's names; classifiers may be called `fc8-1` or the like."""
    counts = enumerate(_CONVOLUTIONS[architecture], 1)
    convolutions = [f"conv{stage}_{number}" for stage, count in counts for number in range(1, count + 1)]
    places = {f"classifier.{place}": name for place, name in ((0, "fc6"), (3, "fc7"), (6, "fc8"))}
    place = 0
    for name, follower in zip(convolutions, [*convolutions[1:], "conv6"], strict=True):
        places[f"features.{place}"] = name
        place += 2 if name[4] == follower[4] else 3  # a ReLU follows in torchvision's list, or a ReLU and a pool
    renamed = {}
    for name, value in state.items():
        layer, _, part = name.rpartition(".")
        layer = re.sub(r"^(fc\d)[-_].*", r"\1", places.get(layer, layer))
        if with_classifier or layer != "fc8":
            renamed[f"{layer}.{part}"] = value
    return renamed
