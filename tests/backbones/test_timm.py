"""timm's networks: their own preprocessing, pooled features, and what cannot be built."""

from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from torch.nn import functional

from poseattn.backbones import timm as ours
from poseattn.networks.fuse import for_inference


def _images(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8))


@pytest.mark.parametrize("architecture", ["test_resnet", "test_efficientnet", "test_vit", "test_mambaout"])
def test_features_are_those_before_the_classifier(architecture: str) -> None:
    backbone = ours.build(architecture, weights=None, size=64, seed=0)
    images = _images(3, 64, 64)
    config = backbone.network.pretrained_cfg
    mean, std = (torch.tensor(config[name]).view(3, 1, 1) for name in ("mean", "std"))
    pixels = (images.permute(0, 3, 1, 2) / 255 - mean) / std
    with torch.no_grad():
        expected = backbone.network.forward_head(backbone.network.forward_features(pixels), pre_logits=True)
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        rewritten = backbone(images)
    assert found.shape == (3, backbone.channels)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(rewritten, expected, rtol=1e-3, atol=1e-4)


def test_crops_are_resized_in_whole_grey_levels() -> None:
    backbone = ours.build("test_resnet", weights=None, size=64, seed=0)
    images = _images(2, 50, 50)
    floats = functional.interpolate(images.permute(0, 3, 1, 2).float(), (64, 64), mode="bilinear")
    seen = []
    backbone.network = torch.nn.Sequential(torch.nn.Identity(), torch.nn.Flatten())
    backbone.network.register_forward_hook(lambda module, arguments, output: seen.append(arguments[0]))
    backbone(images)
    levels = (seen[0] * 0.5 + 0.5) * 255  # test_resnet takes colours in [-1, 1]
    np.testing.assert_allclose(levels, levels.round(), atol=1e-3)
    assert float((levels - floats).abs().max()) <= 1.001


def test_images_need_not_be_square() -> None:
    backbone = ours.build("test_resnet", weights=None, size=[32, 64], seed=0)
    images, upright = _images(2, 32, 64), _images(2, 64, 32)
    mean, std = (torch.tensor(backbone.network.pretrained_cfg[name]).view(3, 1, 1) for name in ("mean", "std"))
    with torch.no_grad():
        expected = backbone.network((images.permute(0, 3, 1, 2) / 255 - mean) / std)
        np.testing.assert_allclose(backbone(images), expected, rtol=1e-4, atol=1e-4)
        assert backbone(upright).shape == expected.shape
    assert backbone.input_shape == (32, 64, 3)


def test_saved_network_comes_back(tmp_path: Path) -> None:
    first = ours.build("test_resnet", weights=None, size=32, seed=1)
    torch.save({"state_dict": first.network.state_dict(), "accuracy": 0.5}, tmp_path / "net.pt")
    second = ours.build("test_resnet", weights=tmp_path / "net.pt", size=32, seed=0)
    with torch.no_grad():
        assert torch.equal(first(_images(2, 50, 50)), second(_images(2, 50, 50)))
    with pytest.raises(ValueError, match="net.pt: weights of another network"):
        ours.build("test_efficientnet", weights=tmp_path / "net.pt", size=32, seed=0)


def test_parameters_of_the_standin() -> None:
    assert sum(value.numel() for value in timm.create_model("test_resnet", num_classes=0).parameters()) == 372_688


def test_unknown_architecture() -> None:
    with pytest.raises(ValueError, match="'resnet_of_tomorrow'"):
        ours.build("resnet_of_tomorrow", weights=None, size=64, seed=0)


def test_random_weights_are_seeded() -> None:
    before = torch.random.get_rng_state()
    backbones = [ours.build("test_resnet", weights=None, size=32, seed=seed) for seed in (0, 0, 1)]
    assert torch.equal(before, torch.random.get_rng_state())
    with torch.no_grad():
        first, same, other = (backbone(_images(2, 50, 50)) for backbone in backbones)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
