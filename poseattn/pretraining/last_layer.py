"""The last layer of a network that tells other classes apart than the one it starts from."""

import torch
from torch import Generator, nn

_STD = 0.01  # of initial weights


def last_layer(channels: int, n_classes: int, seed: int) -> nn.Linear:
    """A linear layer, drawn from the seed.

    Args:
        channels: Number of features.
        n_classes: Number of classes.
        seed: Seed of its weights; biases are 0.

    Returns:
        The layer, from features to logits.
    """
    layer = nn.Linear(channels, n_classes)
    with torch.no_grad():
        layer.weight.normal_(std=_STD, generator=Generator().manual_seed(seed))
        layer.bias.zero_()
    return layer


def append_layer(backbone: nn.Module, name: str, layer: nn.Linear) -> None:
    """Let a backbone end with one more layer, which its weights then contain.

    Args:
        backbone: Its network is a chain of layers; changed in place.
        name: Of the layer, such as `fc8`.
        layer: From the backbone's features to logits.

    Raises:
        ValueError: The network is no such chain, or has a layer of this name.
    """
    if not isinstance(backbone.network, nn.Sequential) or name in dict(backbone.network.named_children()):
        raise ValueError(f"recipe: classifier {name!r} cannot be appended to a network that is no chain or has it")
    backbone.network.add_module(name, layer)
    backbone.channels = layer.out_features


def layout_of(network: nn.Module) -> torch.memory_format:
    """Channels last in memory, for images or for pieces of videos, whichever a network's convolutions take."""
    has_volumes = any(isinstance(module, nn.Conv3d) for module in network.modules())
    return torch.channels_last_3d if has_volumes else torch.channels_last
