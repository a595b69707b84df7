"""Batch norm that comes and goes: what the network computes stays, and its layers keep their names."""

import pytest
import torch

from poseattn.backbones import c3d, vgg
from poseattn.pretraining.batch_norm import add_batch_norm, fold_batch_norm


@pytest.mark.parametrize("name", ["vgg", "c3d"])
def test_folded_networks_compute_the_same_under_the_published_names(name: str) -> None:
    backbone = (
        vgg.build("vgg19", weights=None, size=32, seed=0, width=0.05, grid=1)
        if name == "vgg"
        else c3d.build(weights=None, size=32, crop=32, seed=0, width=0.05, mean=[0, 0, 0])
    )
    names = list(backbone.network.state_dict())
    add_batch_norm(backbone.network)
    assert sum("norm" in type(module).__name__.lower() for module in backbone.modules()) == (16 if name == "vgg" else 8)
    pixels = torch.randint(256, (4, *backbone.input_shape), dtype=torch.uint8)
    backbone.train()(pixels)  # moves the statistics
    with torch.no_grad():
        expected = backbone.eval()(pixels)
        fold_batch_norm(backbone.network)
        assert list(backbone.network.state_dict()) == names
        torch.testing.assert_close(backbone(pixels), expected, rtol=1e-4, atol=1e-4)
    assert expected.abs().max() > 0.01
