"""Batch norm for networks that are published without, while they are trained from random weights, and no longer.

VGG (Simonyan and Zisserman 2015) and C3D hardly begin to learn from random weights in a short training. A batch norm
behind every convolution helps (Ioffe and Szegedy 2015, arXiv 1502.03167), and is a part of the convolution afterwards.
"""

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

_NORMS = {nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}


def add_batch_norm(network: nn.Sequential) -> None:
    """Let a batch norm follow every convolution.

    Args:
        network: A chain of layers; changed in place.
    """
    for name, layer in list(network.named_children()):
        if type(layer) in _NORMS:
            setattr(network, name, nn.Sequential(layer, _NORMS[type(layer)](layer.out_channels)))


def fold_batch_norm(network: nn.Sequential) -> None:
    """Make each batch norm that `add_batch_norm` added a part of the convolution before it: what they compute stays.

    Args:
        network: A chain of layers, in evaluation mode; changed in place.
    """
    for name, layer in list(network.named_children()):
        if isinstance(layer, nn.Sequential) and type(layer[0]) in _NORMS:
            setattr(network, name, fuse_conv_bn_eval(*layer))
