"""What backbones share: resizing as libraries do it, seeds, and the scale of random networks."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import functional as transforms

from poseattn.networks.shared import RectifiedLinear, calibrate_batch_norm, centre, initialise, resize, scaled, seeded


@pytest.mark.parametrize(("edge", "size"), [(50, 64), (50, 50), (50, 21)])
def test_resized_as_torchvision_resizes_images(edge: int, size: int) -> None:
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, edge, edge, 3), np.uint8))
    expected = transforms.resize(images.permute(0, 3, 1, 2), [size, size], antialias=True)
    difference = (resize(images, size).int() - expected.int()).abs()
    assert int(difference.max()) <= 1  # its kernel with antialiasing rounds otherwise
    assert float(difference.float().mean()) < 0.3


@pytest.mark.parametrize("size", [[24, 40], [40, 24], [12, 90], [24, 30]])
def test_each_side_is_resized_for_itself(size: list[int]) -> None:
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 24, 30, 10), np.uint8))
    expected = transforms.resize(images.permute(0, 3, 1, 2), size, antialias=True)
    found = resize(images, size)
    assert found.shape == (2, 10, *size) and found.dtype == torch.uint8
    assert int((found.int() - expected.int()).abs().max()) <= 1
    if size == [24, 30]:
        assert torch.equal(found, images.permute(0, 3, 1, 2))


@pytest.mark.gpu
def test_resized_on_the_gpu_as_on_the_cpu() -> None:
    images = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 50, 50, 3), np.uint8))
    assert float((resize(images.cuda(), 64).cpu() - resize(images, 64)).abs().max()) <= 1


def test_seed_leaves_the_generator_alone() -> None:
    before = torch.random.get_rng_state()
    with seeded(1):
        first = torch.rand(3)
    with seeded(1):
        assert torch.equal(first, torch.rand(3))
    assert torch.equal(before, torch.random.get_rng_state())


class _Deep(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers = [module for _ in range(30) for module in (nn.Conv2d(8, 8, 3), nn.BatchNorm2d(8), nn.ReLU())]
        self.network = nn.Sequential(nn.Conv2d(3, 8, 1), *layers, nn.AdaptiveAvgPool2d(1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        pixels = nn.functional.interpolate(images.permute(0, 3, 1, 2).float(), (64, 64))
        return self.network(pixels).flatten(1)


def test_calibrated_network_keeps_the_scale() -> None:
    with seeded(0):
        network = _Deep()
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, std=1.0)
        images = torch.randint(256, (4, 16, 16, 3), dtype=torch.uint8)
        with torch.no_grad():
            assert not float(network.eval()(images).max()) < 65504  # the limit of float16
            calibrate_batch_norm(network)
            assert 0.01 < float(network(images).max()) < 100
    assert not network.training
    assert {module.momentum for module in network.modules() if isinstance(module, nn.BatchNorm2d)} == {0.1}


def test_where_the_middle_is() -> None:
    """As Caffe cuts: 171 - 112 = 59 columns are left over, 29 of them to the left."""
    columns = torch.arange(171).expand(2, 128, 171)
    assert centre(columns, 112)[0, 0, [0, -1]].tolist() == [29, 140]
    with pytest.raises(ValueError, match=r"crop of 129 pixels from images of \(128, 171\)"):
        centre(columns, 129)


def test_channels_of_other_widths() -> None:
    assert [scaled(64, width) for width in (1, 0.25, 2, 0.001)] == [64, 16, 128, 1]


def test_initial_weights_keep_the_scale_without_batch_norm() -> None:
    layers = [module for _ in range(20) for module in (nn.Conv2d(64, 64, 1), nn.ReLU())]
    network = nn.Sequential(*layers, nn.Flatten(), RectifiedLinear(64 * 64, 32))
    with torch.no_grad(), seeded(0):
        initialise(network)
        features = network(torch.randn(8, 64, 8, 8))
    assert 0.05 < float(features.std()) < 20
    assert float(features.min()) == 0
    assert not any(module.bias.any() for module in network if isinstance(module, nn.Conv2d))
