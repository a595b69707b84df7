"""What backbones share: resizing as libraries do it, seeds, and files that are refused."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.transforms.v2 import functional as transforms

from poseattn.networks import RectifiedLinear, calibrate_batch_norm, centre, initialise, resize, scaled, seeded
from poseattn.parameters import fill, n_classes, read_state


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


def test_state_of_a_published_file_and_of_ours(tmp_path: Path) -> None:
    network = nn.Linear(2, 3)
    for content in (network.state_dict(), {"state_dict": network.state_dict(), "accuracy": 0.5}):
        torch.save(content, tmp_path / "net.pt")
        other = nn.Linear(2, 3)
        fill(other, read_state(tmp_path / "net.pt"), tmp_path / "net.pt")
        assert torch.equal(other.weight, network.weight)


def test_damaged_and_foreign_files_are_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.save(nn.Linear(200, 30).state_dict(), path)
    whole = path.read_bytes()
    for content in (whole[:5000], whole[:-30], b"", b"weights"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="net.pt: damaged, or no file of PyTorch weights$"):
            read_state(path)
    for content in ([1, 2], {"accuracy": 0.5}, {}):
        torch.save(content, path)
        with pytest.raises(ValueError, match="net.pt: holds no state dictionary"):
            read_state(path)
    with pytest.raises(OSError, match="nowhere.pt"):
        read_state(tmp_path / "nowhere.pt")


def test_other_shapes_are_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="net.pt: weights of another network: .*weight") as caught:
        fill(nn.Linear(2, 3), nn.Linear(3, 3).state_dict(), tmp_path / "net.pt")
    assert "\n" not in str(caught.value)


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


def test_number_of_classes_of_a_network() -> None:
    state = {"fc7.weight": torch.zeros(4, 4), "fc8.weight": torch.zeros(203, 4)}
    assert [n_classes(classes, state, "fc8") for classes in (None, 7, "trained")] == [None, 7, 203]
    with pytest.raises(ValueError, match="'trained' and weights of fc8; there are no weights"):
        n_classes("trained", None, "fc8")
    with pytest.raises(ValueError, match="weights of fc8; the weights have fc7.weight"):
        n_classes("trained", {"fc7.weight": torch.zeros(4, 4)}, "fc8")
    with pytest.raises(ValueError, match="classes 'all': expected a number, or 'trained'"):
        n_classes("all", state, "fc8")
