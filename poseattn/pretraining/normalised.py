"""Random weights for deep networks without batch norm, fitted to a few images.

Layer after layer, weights and biases are chosen so that what each channel gives before its ReLU has mean 0 and standard
deviation 1 (Salimans and Kingma 2016, arXiv 1602.07868, Sec. 3; Mishkin and Matas 2016, arXiv 1511.06422). With biases of
0 all images have nearly the same features after a dozen layers, and training does not begin.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_LEAST = 1e-3  # standard deviation


@torch.no_grad()
def normalise_layers(backbone: nn.Module, images: Tensor) -> None:
    """Fit the weights of a random network to some images.

    Args:
        backbone: From uint8 images to features; its convolutions and linear layers are changed.
        images: Some images, or pieces of videos.
    """
    layers = [module for module in backbone.modules() if isinstance(module, (nn.Conv2d, nn.Conv3d, nn.Linear))]
    hooks = [layer.register_forward_pre_hook(_fit) for layer in layers]
    was_training = backbone.training
    backbone.eval()(images)
    backbone.train(was_training)
    for hook in hooks:
        hook.remove()


def _fit(layer: nn.Module, inputs: tuple[Any, ...]) -> None:
    """Scale the weights of a layer, and choose its biases, by what it makes of its inputs."""
    (features,) = inputs
    if isinstance(layer, nn.Linear):
        outputs = functional.linear(features, layer.weight)
    else:
        outputs = layer._conv_forward(features, layer.weight, None)
    outputs = outputs.transpose(0, 1).flatten(1)  # (channel, image and place)
    scale = outputs.std(dim=1).clamp(min=_LEAST)
    layer.weight /= scale.reshape(-1, *[1] * (layer.weight.dim() - 1))
    layer.bias.copy_(-outputs.mean(dim=1) / scale)
