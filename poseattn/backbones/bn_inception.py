"""BN-Inception of temporal segment networks (Wang et al. 2016, arXiv 1608.00859) up to its global pool or a tap.

The network of Ioffe and Szegedy (2015, arXiv 1502.03167) as yjxiong released it, for RGB or for five flow fields.
Layers have the published names with a dot after the block: `inception_5a/1x1` of Caffe and `inception_5a_1x1` of the
PyTorch port are `inception_5a.1x1` here, so that `inception_5a` is a tap.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from poseattn.networks.inception_blocks import Block, Inception, add_unit, run_unit, shrinking_pool
from poseattn.networks.parameters import fill, read_state
from poseattn.networks.shared import Traceable, calibrate_batch_norm, resize, rows_of, scaled, seeded
from poseattn.sizes import rectangle

_TSN = "https://yjxiong.blob.core.windows.net/tsn-reference-models/"
PUBLISHED = {  # address of a file, or only its name where nobody publishes one -> what tables say of it
    "https://yjxiong.blob.core.windows.net/models/bn_inception-9f5701afb96c8044.pth": "imagenet-tsn",
    "https://yjxiong.blob.core.windows.net/ssn-models/bninception_rgb_kinetics_init-d4ee618d3399.pth": "kinetics-tsn",
    "bninception_flow_kinetics_init-1410c1ccb470.pth": "kinetics-tsn",
    _TSN + "ucf101_split_1_tsn_rgb_reference_bn_inception.caffemodel.v5": "ucf101-tsn",
    _TSN + "ucf101_split_1_tsn_flow_reference_bn_inception.caffemodel.v5": "ucf101-tsn",
    "ucf101_bninception_rgb_checkpoint.pth": "ucf101-tsn-pytorch",  # as tsn-pytorch writes them; put there by hand
    "ucf101_bninception_flow_checkpoint.pth": "ucf101-tsn-pytorch",
}
_MEAN_BGR = (104.0, 117.0, 123.0)  # of the release, which takes colours in this order and range 0 to 255
_NO_MOTION = 128.0  # code of flow
_CLASSIFIERS = ("new_fc.", "fc.", "last_linear.", "fc_action.")  # of tsn-pytorch, two ports, the release and us
_BLOCKS = {
    "inception_3a": Block(64, (64, 64), (64, 96), "mean", 32),
    "inception_3b": Block(64, (64, 96), (64, 96), "mean", 64),
    "inception_3c": Block(0, (128, 160), (64, 96), "shrink", 0),
    "inception_4a": Block(224, (64, 96), (96, 128), "mean", 128),
    "inception_4b": Block(192, (96, 128), (96, 128), "mean", 128),
    "inception_4c": Block(160, (128, 160), (128, 160), "mean", 128),
    "inception_4d": Block(96, (128, 192), (160, 192), "mean", 128),
    "inception_4e": Block(0, (128, 192), (192, 256), "shrink", 0),
    "inception_5a": Block(352, (192, 320), (160, 224), "mean", 128),
    "inception_5b": Block(352, (192, 320), (192, 224), "max", 128),
}


def build(
    *,
    weights: Path | None,
    size: int | Sequence[int],
    seed: int,
    in_channels: int = 3,
    classes: int | None = None,
    width: float | int = 1,
) -> nn.Module:
    """BN-Inception in evaluation mode.

    Args:
        weights: File of the release (Caffe, classifier `fc-action`), checkpoint of tsn-pytorch (names begin with
            `module.base_model.`, classifier `new_fc`), a state dictionary of its backbone alone or of another port of
            it (pretrainedmodels), with batch norm of shape (d) or (1, d), or a file that the stage pretrain_backbone
            wrote; None for random weights, whose batch norm is calibrated on noise.
        size: Edge of the square to which images are resized, or rows and columns, pixels; published: 224.
        seed: Seed of random weights.
        in_channels: 3 for RGB, 10 for five flow fields.
        classes: Outputs of the classifier; None for none, and the network ends with its global pool.
        width: Factor for the number of channels of each layer.

    Returns:
        Network with the attributes `channels` and `input_shape`.

    Raises:
        ValueError: The file does not fit.
    """
    with seeded(seed):
        backbone = BNInception(size, in_channels, classes, width)
        if weights is None:
            calibrate_batch_norm(backbone, in_channels)
        else:
            fill(backbone.network, _renamed(read_state(weights), classes is not None), weights)
    return backbone.eval()


class BNInception(nn.Module):
    """BN-Inception for images as they are stored.

    Args:
        size: Edge of the square to which images are resized, or rows and columns, pixels.
        in_channels: 3 for RGB; else codes of flow.
        classes: Outputs of the classifier; None for none.
        width: Factor for the number of channels of each layer.

    Attributes:
        channels: Number of features, or of classes.
        input_shape: Rows, columns and channels of an image after resizing.
        network: From pixels around 0 to features.
    """

    channels: int
    input_shape: tuple[int, ...]
    network: nn.Module
    _mean: Tensor

    def __init__(self, size: int | Sequence[int], in_channels: int, classes: int | None, width: float | int) -> None:
        super().__init__()
        self.size = rectangle(size)
        self.input_shape = (*self.size, in_channels)
        self.network = Network(in_channels, classes, width)
        self.channels = self.network.channels
        mean = _MEAN_BGR if in_channels == 3 else (_NO_MOTION,) * in_channels
        self.register_buffer("_mean", torch.tensor(mean)[:, None, None], persistent=False)

    def forward(self, images: UInt8[Tensor, "b row col channel"]) -> Float[Tensor, "b *grid d"]:
        """Features of whole images, after their resizing (bilinear, no centre crop).

        Args:
            images: RGB images, or codes of flow (see `poseattn.video.flow_codes.stack_of`), of one size.

        Returns:
            Outputs of the global average pool (not negative), of the classifier (logits), or of the tap.
        """
        levels = resize(images, self.size)  # (b, channel, row, col)
        if images.shape[-1] == 3:
            levels = levels.flip(1)  # BGR
        return rows_of(self.network(levels - self._mean))


class Network(nn.Module):
    """The layers of the release.

    Strided layers give half the size, rounded up, so that 240x320 pixels become a grid of 8x10 and 270x480 one of 9x15
    (Du et al. 2017). The convolutions do so as they are; pools get one row and column more of padding at the bottom and
    the right where the size is odd, which the release cuts off there and then cannot join its branches. At
    multiples of 32 pixels nothing changes.

    Args:
        in_channels: Channels of the input.
        classes: Outputs of the classifier; None for none.
        width: Factor for the number of channels of each layer.

    Attributes:
        channels: Number of outputs.
    """

    channels: int

    def __init__(self, in_channels: int, classes: int | None, width: float | int) -> None:
        super().__init__()
        first, second = scaled(64, width), scaled(192, width)
        add_unit(self, "conv1_7x7_s2", in_channels, first, 7, stride=2)
        self.pool1_3x3_s2 = shrinking_pool()
        add_unit(self, "conv2_3x3_reduce", first, first, 1)
        add_unit(self, "conv2_3x3", first, second, 3)
        self.pool2_3x3_s2 = shrinking_pool()
        self.channels = second
        for name, block in _BLOCKS.items():
            self.add_module(name, Inception(self.channels, block, width))
            self.channels = self.get_submodule(name).channels
        self.global_pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.fc_action = nn.Identity() if classes is None else nn.Linear(self.channels, classes)
        self.channels = classes or self.channels

    def forward(self, pixels: Traceable) -> Traceable:
        """Pooled features, or logits.

        Args:
            pixels: Channels with their mean subtracted (b, channel, row, col).

        Returns:
            One vector of each image (b, d).
        """
        maps = self.pool1_3x3_s2(run_unit(self, "conv1_7x7_s2", pixels))
        maps = self.pool2_3x3_s2(run_unit(self, "conv2_3x3", run_unit(self, "conv2_3x3_reduce", maps)))
        for name in _BLOCKS:
            maps = getattr(self, name)(maps)
        return self.fc_action(self.global_pool(maps))


def _renamed(state: dict[str, Tensor], with_classifier: bool) -> dict[str, Tensor]:
    """Published parameters by our names."""
    renamed = {}
    for name, value in state.items():
        name = re.sub(r"^(module\.)?(base_model\.)?", "", name)
        classifier = next((prefix for prefix in _CLASSIFIERS if name.startswith(prefix)), "")
        if classifier and not with_classifier:
            continue
        if not classifier and value.dim() == 2:  # batch norm in files written before PyTorch 0.4
            value = value.squeeze(0)
        name = re.sub(r"^(inception_\d[a-e])_", r"\1.", name)
        renamed["fc_action." + name.removeprefix(classifier) if classifier else name] = value
    return renamed
