"""Inception-v3 against torchvision's own model, called the official way."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.models import Inception_V3_Weights, inception_v3
from torchvision.transforms.v2 import functional as transforms

from poseattn.backbones import inception_v3 as ours
from poseattn.networks.fuse import for_inference
from tests import papers

SIZE = 75  # enough for every layer, a twentieth of the work of 299


@pytest.fixture(scope="module")
def published() -> torch.nn.Module:
    """torchvision's model as its published weights build it, with random values and lively batch norm."""
    generator = torch.Generator().manual_seed(0)
    model = inception_v3(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    for name, value in model.state_dict().items():
        if name.endswith("running_var"):
            value.copy_(0.1 + 0.2 * torch.rand(value.shape, generator=generator))
        elif value.is_floating_point() and value.dim() == 1:
            value.add_(0.1 * torch.randn(value.shape, generator=generator))
    return model.eval()


@pytest.fixture(scope="module")
def file(published: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old files lack the number of batches that batch norm has seen, which nothing uses."""
    path = tmp_path_factory.mktemp("weights") / "inception.pth"
    state = published.state_dict()
    torch.save({name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}, path)
    return path


def _images(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8))


def _official_features(model: torch.nn.Module, images: Tensor) -> Tensor:
    """Preprocessing of the published weights at another size, then the layer before torchvision's classifier."""
    preset = Inception_V3_Weights.IMAGENET1K_V1.transforms()
    pixels = transforms.to_dtype(images.permute(0, 3, 1, 2), torch.float32, scale=True)
    pixels = transforms.normalize(pixels, preset.mean, preset.std)
    features = []
    hook = model.dropout.register_forward_hook(lambda module, arguments, output: features.append(arguments[0]))
    with torch.no_grad():
        model(pixels)
    hook.remove()
    return features[0].flatten(1)


def test_features_are_torchvisions(published: torch.nn.Module, file: Path) -> None:
    images = _images(2, SIZE, SIZE)
    backbone = ours.build(weights=file, size=SIZE, seed=0)
    expected = _official_features(published, images)
    with torch.no_grad():
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(images)
    assert found.shape == (2, 2048) == (2, backbone.channels)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))
    np.testing.assert_allclose(folded, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))


def test_published_names_and_shapes(published: torch.nn.Module) -> None:
    """Facts of torchvision's published model, and which of its tensors we take."""
    state = published.state_dict()
    assert sum(value.numel() for value in published.parameters()) == 27_161_264
    assert state["Conv2d_1a_3x3.conv.weight"].shape == (32, 3, 3, 3)
    assert state["Mixed_6e.branch7x7dbl_2.conv.weight"].shape == (192, 192, 7, 1)
    assert state["fc.weight"].shape == (1000, 2048)
    ours_too = ours.InceptionV3(299).network.state_dict()
    theirs = {name: value.shape for name, value in state.items() if not name.startswith(("AuxLogits.", "fc."))}
    assert {name: value.shape for name, value in ours_too.items()} == theirs
    assert sum(name.endswith("conv.weight") for name in theirs) == 94


def test_address_is_torchvisions() -> None:
    url = Inception_V3_Weights.IMAGENET1K_V1.url
    assert url == ours.URL == "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth"
    entry = papers.paper("sta_hands")["weights"]["inception_v3_imagenet"]
    assert entry == {"url": url, "file": "inception_v3_google-0cc3c7bd.pth", "sha256_prefix": "0cc3c7bd"}


def test_file_of_another_network_is_refused(file: Path, tmp_path: Path) -> None:
    state = torch.load(file, weights_only=True)
    del state["Mixed_5b.branch1x1.conv.weight"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(ValueError, match="short.pth: weights of another network: .*Mixed_5b.branch1x1.conv.weight"):
        ours.build(weights=tmp_path / "short.pth", size=SIZE, seed=0)


def test_random_weights_are_of_sound_scale() -> None:
    """Without batch-norm statistics of its own a random Inception-v3 overflows float16."""
    backbone = ours.build(weights=None, size=75, seed=0)
    with torch.no_grad():
        features = backbone(_images(1, 50, 50))
    assert not backbone.training
    assert 0.01 < float(features.max()) < 1000


def test_too_small() -> None:
    with pytest.raises(ValueError, match="size 64"):
        ours.build(weights=None, size=64, seed=0)


@pytest.mark.gpu
def test_gpu_agrees_within_two_percent(file: Path) -> None:
    images = _images(4, 50, 50)
    found = []
    for name in ("cpu", "cuda"):
        device = torch.device(name)
        backbone = ours.build(weights=file, size=299, seed=0)
        backbone.network = for_inference(backbone.network, device)
        with torch.inference_mode(), torch.autocast(name, torch.float16, enabled=name == "cuda"):
            found.append(backbone.to(device)(images.to(device)).float().cpu())
    assert float((found[0] - found[1]).norm() / found[0].norm()) < 0.02
