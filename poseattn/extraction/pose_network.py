"""The pose network of a recipe, ready to draw heatmaps of joints."""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from poseattn.extraction.backbone import ready_backbone
from poseattn.pose.parts import BODIES, Body

BODY = BODIES["mpii"]  # whose joints the networks know


class BothWays(nn.Module):
    """Average the maps of an image and of its mirror image (Newell et al. 2016, Sec. 3.2).

    Args:
        backbone: From images to maps with the joints last.
        body: Says which joints change places.
    """

    _mirrored: Tensor

    def __init__(self, backbone: nn.Module, body: Body) -> None:
        super().__init__()
        self.backbone = backbone
        self.register_buffer("_mirrored", torch.tensor(body.mirrored), persistent=False)

    def forward(self, images: UInt8[Tensor, "b row col rgb"]) -> Float[Tensor, "b _ _ joint"]:
        """Return the mean of the maps of images and of the maps of their mirror images, turned back."""
        turned = self.backbone(images.flip(2)).flip(2)
        return (self.backbone(images) + turned.index_select(3, self._mirrored)) / 2


def pose_network(
    recipe: dict[str, Any], weights: list[Path], threads: int, device: str
) -> tuple[nn.Module, tuple[int, int], dict[str, Any]]:
    """Build the pose network of a recipe, rewritten for speed on its device.

    Args:
        recipe: As for `poseattn.extraction.backbone.ready_backbone`, and `flip`: whether it sees images mirrored
            as well.
        weights: File of its weights; none for random ones.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        The network, rows and columns of its maps, and what the shard's attributes say of it.

    Raises:
        ValueError: The recipe or the file does not fit, or the network has other joints.
    """
    backbone, shape, attrs = ready_backbone(recipe, weights, threads, device)
    if len(shape) != 3 or shape[2] != len(BODY.joints):
        raise ValueError(f"recipe: {recipe['backbone']} gives {shape}, expected maps of {len(BODY.joints)} joints")
    network = BothWays(backbone, BODY).to(next(backbone.parameters()).device) if recipe["flip"] else backbone
    return network, shape[:2], attrs
