"""RAFT (Teed and Deng 2020, arXiv 2003.12039): learnt optical flow, where a GPU is at hand and TV-L1 takes too long.

torchvision's networks with its weights. The same frames give the same bytes on one CPU; kernels of a GPU may not.
"""

from pathlib import Path

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.optical_flow import Raft_Large_Weights, Raft_Small_Weights, raft_large, raft_small

from poseattn.networks.parameters import fill, read_state
from poseattn.networks.shared import seeded

PUBLISHED = {  # address of a file -> what tables say of it
    Raft_Small_Weights.C_T_V2.url: "raft_small-torchvision",
    Raft_Large_Weights.C_T_SKHT_V2.url: "raft_large-torchvision",
}
_NETWORKS = {"raft_small": raft_small, "raft_large": raft_large}
_CELL = 8  # pixels: its maps are an eighth of the frame
_SMALLEST = 128  # pixels: its coarsest map of correlations has one of 64


def build(architecture: str, /, *, weights: Path | None, seed: int) -> nn.Module:
    """RAFT in evaluation mode.

    Args:
        architecture: `raft_small` or `raft_large`.
        weights: torchvision's file; None for random weights, whose flow means nothing.
        seed: Seed of random weights.

    Returns:
        Network from two batches of frames to flow fields.

    Raises:
        ValueError: There is no such architecture, or the file does not fit.
    """
    if architecture not in _NETWORKS:
        raise ValueError(f"flow method {architecture!r}, expected {' or '.join(_NETWORKS)}")
    with seeded(seed):
        raft = Raft(_NETWORKS[architecture](weights=None))
    if weights is not None:
        fill(raft.network, read_state(weights), weights)
    return raft.eval()


class Raft(nn.Module):
    """A network of torchvision for frames of any size.

    Args:
        network: From two batches of colours in [-1, 1] to flow after each of its iterations.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, first: UInt8[Tensor, "b row col rgb"], second: UInt8[Tensor, "b row col rgb"]
    ) -> Float[Tensor, "b row col xy"]:
        """Flow from each frame to its next one.

        Args:
            first: RGB frames.
            second: Their next ones.

        Returns:
            Pixels, x right, y down.
        """
        flow = self.network(_prepared(first), _prepared(second))[-1]  # (b, xy, row, col)
        return flow.permute(0, 2, 3, 1)[:, : first.shape[1], : first.shape[2]]


def _prepared(frames: UInt8[Tensor, "b row col rgb"]) -> Float[Tensor, "b rgb new_row new_col"]:
    """Colours in [-1, 1]; the lowest row and the last column are repeated until the network takes the size."""
    pixels = frames.permute(0, 3, 1, 2) / 127.5 - 1
    down, right = (max(_SMALLEST, -edge // _CELL * -_CELL) - edge for edge in pixels.shape[2:])
    return functional.pad(pixels, (0, right, 0, down), mode="replicate").to(torch.float32)
