"""VGG against torchvision's own models, called the official way, and files of Caffe."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import VGG16_Weights, VGG19_Weights
from torchvision.models.vgg import VGG, cfgs, make_layers, vgg16, vgg19
from torchvision.transforms.v2 import functional as transforms

from poseattn.backbones import vgg as ours
from poseattn.networks.fuse import for_inference
from poseattn.networks.taps import tapped
from tests import caffe_files

NARROW = 16
HIDDEN = 4096 // NARROW
SIZES = {"vgg16": "D", "vgg19": "E"}


def _narrow(architecture: str, classes: int) -> VGG:
    """torchvision's model with a sixteenth of the channels."""
    torch.manual_seed(0)
    plan = [entry if entry == "M" else entry // NARROW for entry in cfgs[SIZES[architecture]]]
    with torch.device("meta"):
        model = VGG(make_layers(plan), num_classes=classes, init_weights=False)
        model.classifier[0] = nn.Linear(512 // NARROW * 49, HIDDEN)
        model.classifier[3], model.classifier[6] = nn.Linear(HIDDEN, HIDDEN), nn.Linear(HIDDEN, classes)
    model.to_empty(device="cpu")
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(module.weight)
            nn.init.normal_(module.bias, std=0.1)
    return model.eval()


def _images(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def _caffe_names(architecture: str) -> list[str]:
    """As in the definitions that were published with the networks, layers with weights only."""
    if architecture == "vgg16":
        return ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv4_1", "conv4_2",
                "conv4_3", "conv5_1", "conv5_2", "conv5_3", "fc6", "fc7", "fc8"]  # fmt: skip
    return ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv3_4", "conv4_1",
            "conv4_2", "conv4_3", "conv4_4", "conv5_1", "conv5_2", "conv5_3", "conv5_4",
            "fc6", "fc7", "fc8"]  # fmt: skip


def _build(architecture: str, file: Path | None, **options: object) -> nn.Module:
    return ours.build(architecture, **{"weights": file, "size": 224, "seed": 0, "width": 1 / NARROW, **options})


@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
@pytest.mark.parametrize(("tap", "layer"), [(None, 6), ("fc8", 6), ("fc7", 4), ("fc6", 1), ("pool5", None)])
def test_features_are_torchvisions(architecture: str, tap: str | None, layer: int | None, tmp_path: Path) -> None:
    """Its layers 1 and 4 of the classifier are the ReLUs after fc6 and fc7."""
    model = _narrow(architecture, 11)
    torch.save(model.state_dict(), tmp_path / "vgg.pth")
    images = _images(2, 224, 224, 3)
    preset = VGG19_Weights.IMAGENET1K_V1.transforms()
    pixels = transforms.to_dtype(images.permute(0, 3, 1, 2), torch.float32, scale=True)
    pixels = transforms.normalize(pixels, preset.mean, preset.std)
    with torch.no_grad():
        maps = model.features(pixels)
        expected = maps.permute(0, 2, 3, 1)
        if layer is not None:
            expected = model.classifier[: layer + 1](model.avgpool(maps).flatten(1))
        backbone = _build(architecture, tmp_path / "vgg.pth", classes=11)
        if tap:
            backbone.network = tapped(backbone.network, tap)
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(images)
    assert found.shape == expected.shape
    assert float(expected.std()) > 1e-2
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))
    np.testing.assert_allclose(folded, expected, rtol=1e-3, atol=1e-4 * float(expected.max()))


@pytest.mark.parametrize("architecture", ["vgg16", "vgg19"])
def test_published_names_shapes_and_counts(architecture: str) -> None:
    with torch.device("meta"):
        network = ours.layers(ours._CONVOLUTIONS[architecture], 3, 1000, 1)
        published = {"vgg16": vgg16, "vgg19": vgg19}[architecture](weights=None)
    assert list(network.state_dict()) == [
        f"{n}.{part}" for n in _caffe_names(architecture) for part in ("weight", "bias")
    ]
    shapes = [value.shape for value in published.state_dict().values()]
    assert [value.shape for value in network.state_dict().values()] == shapes
    weights = {"vgg16": VGG16_Weights, "vgg19": VGG19_Weights}[architecture].IMAGENET1K_V1
    count = sum(value.numel() for value in network.parameters())
    assert count == weights.meta["num_params"] == {"vgg16": 138_357_544, "vgg19": 143_667_240}[architecture]
    assert weights.url in ours.PUBLISHED


@pytest.mark.parametrize(("size", "crop", "pooled"), [(224, None, False), ([256, 340], 224, False), (96, None, True)])
def test_maps_are_averaged_only_where_they_have_another_size(size: Any, crop: int | None, pooled: bool) -> None:
    """PyTorch refuses the gradient of adaptive pools on a GPU, where it is not the same each time."""
    with torch.device("meta"):
        network = ours.build("vgg16", weights=None, size=size, seed=0, crop=crop, width=0.1).network
    assert any(isinstance(module, nn.AdaptiveAvgPool2d) for module in network.modules()) == pooled


@pytest.mark.parametrize(("size", "grid", "cost"), [((240, 320), (7, 10), 24.2), ((270, 480), (8, 15), 40.4)])
def test_grids_of_the_paper_and_their_cost(size: tuple[int, int], grid: tuple[int, int], cost: float) -> None:
    """Du et al. 2017, Table 3: 20 channels of flow; thousands of millions of multiply-adds are of our notes."""
    with torch.device("meta"):
        network = tapped(ours.layers((2, 2, 3, 3, 3), 20, None, 1).eval(), "pool5")
        counts = []
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.register_forward_hook(
                    lambda conv, given, maps: counts.append(maps[0].numel() * conv.weight[0].numel())
                )
        assert network(torch.empty(1, 20, *size))["pool5"].shape == (1, 512, *grid)
    assert round(sum(counts) / 1e9, 1) == cost


def _caffe_layers(architecture: str, model: VGG, classifier: str) -> dict[str, list[np.ndarray]]:
    """Parameters of torchvision's model under Caffe's names."""
    values = [value.numpy() for value in model.state_dict().values()]
    names = [*_caffe_names(architecture)[:-1], classifier]
    return {name: values[2 * place : 2 * place + 2] for place, name in enumerate(names)}


@pytest.mark.parametrize(("architecture", "classifier"), [("vgg19", "fc8"), ("vgg16", "fc8-1"), ("vgg16", "fc8_ucf")])
def test_files_of_caffe(architecture: str, classifier: str, tmp_path: Path) -> None:
    """Both kinds of them and a PyTorch file with the same names; blue, green and red means are subtracted."""
    model = _narrow(architecture, 5)
    layers = _caffe_layers(architecture, model, classifier)
    (tmp_path / "new").write_bytes(caffe_files.network(layers))
    (tmp_path / "old").write_bytes(caffe_files.old_network(layers))
    state = {
        f"{name}.{part}": torch.tensor(value)
        for name in layers
        for part, value in zip(("weight", "bias"), layers[name], strict=True)
    }
    torch.save(state, tmp_path / "torch")
    images = _images(1, 60, 50, 3)
    pixels = functional.interpolate(images.permute(0, 3, 1, 2), (60, 50))[:, [2, 1, 0]] - torch.tensor(
        [104.0, 117, 123]
    ).view(3, 1, 1)
    with torch.no_grad():
        expected = model(pixels)
        for name in ("new", "old", "torch"):
            backbone = _build(architecture, tmp_path / name, size=[60, 50], classes=5, mean=[104, 117, 123])
            np.testing.assert_allclose(backbone(images), expected, rtol=1e-4, atol=1e-3 * float(expected.abs().max()))
            assert _build(architecture, tmp_path / name).channels == HIDDEN


def test_flow_is_taken_around_128(tmp_path: Path) -> None:
    model = _narrow("vgg16", 3)
    model.features[0] = nn.Conv2d(20, 64 // NARROW, 3, padding=1)
    torch.save(model.state_dict(), tmp_path / "vgg.pth")
    codes = _images(1, 64, 96, 20)
    with torch.no_grad():
        expected = model.features(codes.permute(0, 3, 1, 2).float() - 128).permute(0, 2, 3, 1)
        backbone = _build("vgg16", tmp_path / "vgg.pth", size=[64, 96], in_channels=20)
        backbone.network = tapped(backbone.network, "pool5")
        np.testing.assert_allclose(backbone(codes), expected, rtol=1e-4, atol=1e-3)
    assert backbone.input_shape == (64, 96, 20)


def test_the_middle_is_cut_out(tmp_path: Path) -> None:
    torch.save(_narrow("vgg16", 3).state_dict(), tmp_path / "vgg.pth")
    images = _images(1, 40, 72, 3)
    with torch.no_grad():
        found = _build("vgg16", tmp_path / "vgg.pth", size=[40, 72], crop=32)(images)
        expected = _build("vgg16", tmp_path / "vgg.pth", size=32)(images[:, 4:36, 20:52])
    assert torch.equal(found, expected)


def test_random_weights_are_of_sound_scale_and_seeded() -> None:
    images = _images(2, 64, 64, 3)
    with torch.no_grad():
        first, same, other = (_build("vgg19", None, size=64, seed=seed)(images) for seed in (0, 0, 1))
    assert first.shape == (2, HIDDEN)
    assert 0.01 < float(first.max()) < 1000
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_wrong_names_and_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'vgg99' is none of vgg16, vgg19"):
        _build("vgg99", None)
    torch.save(_narrow("vgg16", 3).state_dict(), tmp_path / "vgg.pth")
    for architecture, classes in (("vgg19", None), ("vgg16", 1000)):
        with pytest.raises(ValueError, match="vgg.pth: weights of another network"):
            _build(architecture, tmp_path / "vgg.pth", classes=classes)
