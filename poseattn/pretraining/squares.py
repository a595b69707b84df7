"""Squares around people, cut out of stored pictures on the device where the network is."""

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

from poseattn.pretraining.people import Batch


def sample(
    pictures: UInt8[Tensor, "b row col rgb"],
    move: Float[Tensor, "b 2 2"],
    gain: Float[Tensor, "b 3"],
    size: tuple[int, int],
) -> UInt8[Tensor, "b new_row new_col rgb"]:
    """Cut the network's input out of stored pictures; places beyond a picture are black.

    Args:
        pictures: As they are stored.
        move: From positions in the input to positions in the picture, both from -1 to 1.
        gain: Factor of each colour.
        size: Rows and columns of the input.

    Returns:
        RGB images.
    """
    levels = pictures.permute(0, 3, 1, 2).float() * gain[:, :, None, None]
    theta = functional.pad(move, (0, 1))
    grid = functional.affine_grid(theta, [len(pictures), 3, *size], align_corners=False)
    levels = functional.grid_sample(levels, grid, align_corners=False)
    return levels.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def tensors(batch: Batch, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures, moves and gains of a batch on a device.

    Args:
        batch: People.
        device: Where the network is.

    Returns:
        The first three arguments of `sample`.
    """
    return tuple(
        torch.from_numpy(array).to(device)
        for array in (batch.pictures, batch.move.astype(np.float32), batch.gain.astype(np.float32))
    )
