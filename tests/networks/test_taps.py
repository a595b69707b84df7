"""Taps: maps of a named layer from any network, equal to what a hook sees, and names that are wrong."""

import numpy as np
import pytest
import timm
import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from poseattn.networks.fuse import for_inference
from poseattn.networks.shared import rows_of
from poseattn.networks.taps import tapped

CPU = torch.device("cpu")


def _network(name: str, size: int) -> nn.Module:
    torch.manual_seed(0)
    if name == "resnet18":
        return resnet18(weights=None).eval()
    fixed = timm.get_pretrained_cfg(name).fixed_input_size
    return timm.create_model(name, num_classes=0, **{"img_size": size} if fixed else {}).eval()


def _hooked(network: nn.Module, layer: str, pixels: Tensor) -> Tensor:
    seen = []
    hook = network.get_submodule(layer).register_forward_hook(lambda module, given, output: seen.append(output.clone()))
    with torch.no_grad():
        network(pixels)
    hook.remove()
    return seen[0]


@pytest.mark.parametrize(
    ("name", "tap", "shape"),
    [
        ("resnet18", "layer3", (4, 4, 256)),  # of torchvision: traced
        ("resnet18", "layer2.0.bn1", (8, 8, 128)),
        ("test_resnet", "layer3", (4, 4, 192)),  # of timm, which knows where its maps are
        ("test_efficientnet", "blocks.2", (8, 8, 32)),
        ("test_efficientnet", "conv_stem", (32, 32, 24)),  # not among those: traced
        ("test_mambaout", "stages.1", (8, 8, 32)),  # has its channels last already
    ],
)
def test_maps_are_those_of_the_layer(name: str, tap: str, shape: tuple[int, ...]) -> None:
    network, pixels = _network(name, 64), torch.randn(2, 3, 64, 64)
    expected = _hooked(network, tap, pixels)
    expected = expected if name == "test_mambaout" else expected.permute(0, 2, 3, 1)
    cut = tapped(network, tap)
    with torch.no_grad():
        found = rows_of(cut(pixels))
        folded = rows_of(for_inference(cut, CPU)(pixels))
    assert found.shape == (2, *shape)
    assert float(expected.std()) > 1e-6
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(folded, expected, rtol=1e-3, atol=1e-4)


def test_tokens_of_a_transformer_lie_on_their_grid() -> None:
    """Its steps cannot be traced, so timm takes the maps out, without the class token."""
    network, pixels = _network("test_vit", 64), torch.randn(2, 3, 64, 64)
    tokens = _hooked(network, "blocks.3", pixels)
    with torch.no_grad():
        found = rows_of(for_inference(tapped(network, "blocks.3"), CPU)(pixels))
    assert found.shape == (2, 4, 4, 64)
    np.testing.assert_allclose(found.flatten(1, 2), tokens[:, 1:], rtol=1e-4, atol=1e-5)


def test_pooled_features_stay_as_they_are() -> None:
    features = torch.randn(2, 5)
    assert torch.equal(rows_of(features), features)


@pytest.mark.parametrize(
    ("name", "tap", "message"),
    [
        ("resnet18", "layer5", "tap: no layer 'layer5', there are for instance .*layer3, layer4, avgpool, fc$"),
        ("test_resnet", "inception5b", "no layer 'inception5b', .* act1, layer1, layer2, layer3, layer4$"),
        ("test_vit", "norm", "tap 'norm': the network cannot be traced .*; it can be tapped at blocks.0, blocks.1"),
    ],
)
def test_a_wrong_name_is_one_line_with_some_that_are_right(name: str, tap: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        tapped(_network(name, 64), tap)
    assert "\n" not in str(caught.value)
