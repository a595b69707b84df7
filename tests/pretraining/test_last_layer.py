"""A new last layer becomes a part of the network, and of its weights."""

import pytest
import torch

from poseattn.backbones import timm, vgg
from poseattn.pretraining.last_layer import append_layer, last_layer, layout_of


def test_the_appended_layer_answers(tmp_path) -> None:
    backbone = vgg.build("vgg16", weights=None, size=32, seed=0, width=0.05, grid=1)
    pixels = torch.randint(256, (2, 32, 32, 3), dtype=torch.uint8)
    layer = last_layer(backbone.channels, 5, 1)
    features = backbone(pixels)
    append_layer(backbone, "fc8", layer)
    torch.testing.assert_close(backbone(pixels), features @ layer.weight.T)
    assert backbone.channels == 5
    torch.save({"state_dict": backbone.network.state_dict()}, tmp_path / "net.pt")
    same = {"weights": tmp_path / "net.pt", "size": 32, "seed": 7, "width": 0.05, "grid": 1}
    torch.testing.assert_close(vgg.build("vgg16", classes=5, **same)(pixels), backbone(pixels))
    torch.testing.assert_close(vgg.build("vgg16", classes="trained", **same)(pixels), backbone(pixels))
    with pytest.raises(ValueError, match="classifier 'fc8' cannot be appended"):
        append_layer(backbone, "fc8", layer)


def test_weights_are_drawn_from_the_seed() -> None:
    layers = [last_layer(1000, 3, seed) for seed in (0, 0, 1)]
    assert torch.equal(layers[0].weight, layers[1].weight) and not torch.equal(layers[0].weight, layers[2].weight)
    assert float(layers[0].weight.detach().std()) == pytest.approx(0.01, rel=0.1) and not layers[0].bias.any()


def test_a_network_that_is_no_chain_is_refused() -> None:
    backbone = timm.build("test_resnet", weights=None, size=32, seed=0)
    with pytest.raises(ValueError, match="cannot be appended"):
        append_layer(backbone, "fc8", last_layer(96, 2, 0))
    assert layout_of(backbone) == torch.channels_last
