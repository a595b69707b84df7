"""Inception-v3 (Szegedy et al. 2016, arXiv 1512.00567) up to its global average pool: 2048 features of an image.

The weights of torchvision were ported from the original release, which takes colours in [-1, 1]. torchvision's usual
mean and standard deviation, followed by its `transform_input`, amount to just that.
"""

from collections.abc import Sequence
from pathlib import Path

from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torchvision.models.inception import Inception3, Inception_V3_Weights

from poseattn.networks.parameters import fill, read_state
from poseattn.networks.shared import calibrate_batch_norm, resize, rows_of, seeded
from poseattn.sizes import rectangle

URL: str = Inception_V3_Weights.IMAGENET1K_V1.url
PUBLISHED = {URL: "imagenet-torchvision"}  # address of a file -> what tables say of it
_SMALLEST = 75  # below this a pooling layer is left without pixels
_UNUSED = ("AuxLogits.", "fc.")  # the classifiers


def build(*, weights: Path | None, size: int | Sequence[int], seed: int) -> nn.Module:
    """Inception-v3 in evaluation mode.

    Args:
        weights: torchvision's file or one that the stage pretrain_backbone wrote; None for random weights, whose
            batch norm is calibrated on noise.
        size: Edge of the square to which images are resized, or rows and columns, pixels; published: 299.
        seed: Seed of random weights.

    Returns:
        Network with the attribute `channels`.

    Raises:
        ValueError: The size is below 75, or the file does not fit.
    """
    if min(rectangle(size)) < _SMALLEST:
        raise ValueError(f"inception_v3: size {size}, expected at least {_SMALLEST} pixels")
    with seeded(seed):
        backbone = InceptionV3(size)
        if weights is None:
            calibrate_batch_norm(backbone)
        else:
            state = {name: value for name, value in read_state(weights).items() if not name.startswith(_UNUSED)}
            fill(backbone.network, state, weights)
    return backbone.eval()


class InceptionV3(nn.Module):
    """Inception-v3 without its classifiers.

    Args:
        size: Edge of the square to which images are resized, or rows and columns, pixels.

    Attributes:
        channels: Number of features.
        input_shape: Rows, columns and channels of an image after resizing.
        network: torchvision's network, from pixels in [-1, 1] to features.
    """

    channels: int = 2048
    input_shape: tuple[int, ...]
    network: nn.Module

    def __init__(self, size: int | Sequence[int]) -> None:
        super().__init__()
        self.size = rectangle(size)
        self.input_shape = (*self.size, 3)
        self.network = Inception3(aux_logits=False, transform_input=False, init_weights=False)
        self.network.dropout = self.network.fc = nn.Identity()

    def forward(self, images: UInt8[Tensor, "b row col rgb"]) -> Float[Tensor, "b *grid d"]:
        """Features of whole images, after their resizing (bilinear, no centre crop).

        Args:
            images: RGB images of one size.

        Returns:
            Outputs of the global average pool or of the tap, not negative.
        """
        return rows_of(self.network(resize(images, self.size) / 127.5 - 1))  # pixels (b, rgb, row, col) in [-1, 1]
