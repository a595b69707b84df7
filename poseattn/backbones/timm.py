"""Any architecture of timm (pytorch-image-models) up to its global pool or a tap."""

from collections.abc import Sequence
from pathlib import Path

import timm
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from poseattn.networks.parameters import fill, read_state
from poseattn.networks.shared import calibrate_batch_norm, resize, rows_of, seeded
from poseattn.sizes import rectangle


def build(architecture: str, /, *, weights: Path | None, size: int | Sequence[int], seed: int) -> nn.Module:
    """Network in evaluation mode.

    Args:
        architecture: timm's name of it, such as `test_resnet`; a recipe says `timm:test_resnet`.
        weights: File that the stage pretrain_backbone wrote, or another state dictionary of the architecture, whose
            classifier is left out; None for random weights, whose batch norm is calibrated on noise.
        size: Edge of the square to which images are resized, or rows and columns, pixels.
        seed: Seed of random weights.

    Returns:
        Network with the attribute `channels`.

    Raises:
        ValueError: timm has no such architecture, or the file does not fit.
    """
    if not timm.is_model(architecture):
        raise ValueError(f"backbone timm:{architecture}: {architecture!r} is none of timm's networks")
    with seeded(seed):
        backbone = TimmNetwork(architecture, size)
        if weights is None:
            calibrate_batch_norm(backbone)
        else:
            classifier = timm.get_pretrained_cfg(architecture).classifier or ()
            unused = tuple(f"{name}." for name in ([classifier] if isinstance(classifier, str) else classifier))
            state = {name: value for name, value in read_state(weights).items() if not name.startswith(unused)}
            fill(backbone.network, state, weights)
    return backbone.eval()


class TimmNetwork(nn.Module):
    """A network of timm without its classifier.

    Args:
        architecture: timm's name of it.
        size: Edge of the square to which images are resized, or rows and columns, pixels.

    Attributes:
        channels: Number of features.
        input_shape: Rows, columns and channels of an image after resizing.
        network: timm's network, from normalised pixels to features.
    """

    channels: int
    input_shape: tuple[int, ...]
    network: nn.Module
    _scale: Tensor
    _shift: Tensor

    def __init__(self, architecture: str, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = rectangle(size)
        self.input_shape = (*self.size, 3)
        fixed = {"img_size": self.size} if timm.get_pretrained_cfg(architecture).fixed_input_size else {}
        self.network = timm.create_model(architecture, num_classes=0, **fixed)
        self.channels = getattr(self.network, "head_hidden_size", self.network.num_features)
        mean, std = (torch.tensor(self.network.pretrained_cfg[name]) for name in ("mean", "std"))  # of input in [0, 1]
        # Repeated for a whole row of pixels, since arithmetic on groups of three numbers is three times as slow.
        self.register_buffer("_scale", (1 / (255 * std)).repeat(self.size[1]), persistent=False)
        self.register_buffer("_shift", (-mean / std).repeat(self.size[1]), persistent=False)

    def forward(self, images: UInt8[Tensor, "b row col rgb"]) -> Float[Tensor, "b *grid d"]:
        """Features of whole images, after their resizing (bilinear, no centre crop).

        Args:
            images: RGB images of one size.

        Returns:
            Outputs of the global pool, or of the tap.
        """
        rows = resize(images, self.size).permute(0, 2, 3, 1).flatten(2).float()  # (b, row, col * rgb)
        rows = torch.addcmul(self._shift, rows, self._scale, out=rows)
        pixels = rows.unflatten(2, (-1, 3)).permute(0, 3, 1, 2)  # (b, rgb, row, col)
        return rows_of(self.network(pixels))
