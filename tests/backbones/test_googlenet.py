"""GoogLeNet against torchvision's own model, called the official way, pooled and tapped."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.models import GoogLeNet_Weights, googlenet
from torchvision.transforms.v2 import functional as transforms

from poseattn.backbones import googlenet as ours
from poseattn.networks.fuse import for_inference
from poseattn.networks.taps import tapped
from tests import papers

SIZE = 96  # a 3x3 grid


@pytest.fixture(scope="module")
def published() -> torch.nn.Module:
    """torchvision's model as its published weights build it, with random values and lively batch norm."""
    generator = torch.Generator().manual_seed(0)
    model = googlenet(weights=None, aux_logits=True, transform_input=True, init_weights=False)
    for name, value in model.state_dict().items():
        if name.endswith("running_var"):
            value.copy_(0.1 + 0.2 * torch.rand(value.shape, generator=generator))
        elif value.is_floating_point() and value.dim() == 1:
            value.add_(0.1 * torch.randn(value.shape, generator=generator))
    return model.eval()


@pytest.fixture(scope="module")
def file(published: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Old files lack the number of batches that batch norm has seen, which nothing uses."""
    path = tmp_path_factory.mktemp("weights") / "googlenet.pth"
    state = published.state_dict()
    torch.save({name: value for name, value in state.items() if not name.endswith("num_batches_tracked")}, path)
    return path


def _images(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8))


def _official(model: torch.nn.Module, layer: str, images: Tensor) -> Tensor:
    """Preprocessing of the published weights for images that have their size already, then a layer of torchvision's."""
    preset = GoogLeNet_Weights.IMAGENET1K_V1.transforms()
    pixels = transforms.to_dtype(images.permute(0, 3, 1, 2), torch.float32, scale=True)
    pixels = transforms.normalize(pixels, preset.mean, preset.std)
    features = []
    hook = model.get_submodule(layer).register_forward_hook(lambda module, given, output: features.append(output))
    with torch.no_grad():
        model(pixels)
    hook.remove()
    return features[0]


@pytest.mark.parametrize(("layer", "tap"), [("avgpool", None), ("inception5b", "inception5b"), ("conv3", "conv3")])
def test_features_are_torchvisions(published: torch.nn.Module, file: Path, layer: str, tap: str | None) -> None:
    images = _images(2, SIZE, SIZE)
    backbone = ours.build(weights=file, size=SIZE, seed=0)
    expected = _official(published, layer, images)
    expected = expected.permute(0, 2, 3, 1) if tap else expected.flatten(1)
    if tap:
        backbone.network = tapped(backbone.network, tap)
    with torch.no_grad():
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(images)
    assert found.shape == expected.shape
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))
    np.testing.assert_allclose(folded, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))


def test_rewriting_leaves_no_batch_norm_and_nothing_behind_the_tap(file: Path) -> None:
    backbone = ours.build(weights=file, size=SIZE, seed=0)
    network = for_inference(tapped(backbone.network, "inception4a"), torch.device("cpu"))
    called = [str(node.target) for node in network.graph.nodes if node.op == "call_module"]
    assert not any(isinstance(network.get_submodule(name), torch.nn.BatchNorm2d) for name in called)
    assert not any(name.startswith("inception5b") for name in called)
    assert any(name.startswith("inception4a") for name in called)


def test_published_names_and_shapes(published: torch.nn.Module) -> None:
    """Facts of torchvision's published model, and which of its tensors we take."""
    state = published.state_dict()
    assert (
        sum(value.numel() for value in googlenet(weights=None, aux_logits=False, init_weights=False).parameters())
        == (GoogLeNet_Weights.IMAGENET1K_V1.meta["num_params"])
    )
    assert state["conv1.conv.weight"].shape == (64, 3, 7, 7)
    assert state["inception3a.branch3.1.conv.weight"].shape == (32, 16, 3, 3)  # not the 5x5 of the paper
    assert state["inception5b.branch1.conv.weight"].shape == (384, 832, 1, 1)
    assert state["fc.weight"].shape == (1000, 1024)
    ours_too = ours.GoogLeNet(224).network.state_dict()
    theirs = {name: value.shape for name, value in state.items() if not name.startswith(("aux1.", "aux2.", "fc."))}
    assert {name: value.shape for name, value in ours_too.items()} == theirs
    assert sum(name.endswith("conv.weight") for name in theirs) == 57


def test_the_grid_of_the_paper(file: Path) -> None:
    backbone = ours.build(weights=file, size=224, seed=0)
    backbone.network = tapped(backbone.network, "inception5b")
    with torch.no_grad():
        assert backbone(_images(1, 224, 224)).shape == (1, 7, 7, 1024)


def test_images_need_not_be_square(file: Path) -> None:
    backbone = ours.build(weights=file, size=[96, 128], seed=0)
    backbone.network = tapped(backbone.network, "inception5b")
    with torch.no_grad():
        assert backbone(_images(1, 60, 50)).shape == (1, 3, 4, 1024)


def test_address_is_torchvisions() -> None:
    url = GoogLeNet_Weights.IMAGENET1K_V1.url
    assert url == ours.URL == "https://download.pytorch.org/models/googlenet-1378be20.pth"
    entry = papers.paper("soft_attention")["weights"]["googlenet_imagenet"]
    assert entry == {"url": url, "file": "googlenet-1378be20.pth", "sha256_prefix": "1378be20"}


def test_the_published_model_takes_colours_as_we_do() -> None:
    """Its builder switches `transform_input` on where it loads weights, which undoes the usual mean and deviation."""
    model = googlenet(weights=None, aux_logits=False, transform_input=True, init_weights=False)
    preset = GoogLeNet_Weights.IMAGENET1K_V1.transforms()
    images = _images(1, 8, 8).permute(0, 3, 1, 2)
    pixels = transforms.normalize(transforms.to_dtype(images, torch.float32, scale=True), preset.mean, preset.std)
    np.testing.assert_allclose(model._transform_input(pixels), images / 127.5 - 1, atol=1e-6)


def test_file_of_another_network_is_refused(file: Path, tmp_path: Path) -> None:
    state = torch.load(file, weights_only=True)
    del state["inception3a.branch1.conv.weight"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(ValueError, match="short.pth: weights of another network: .*inception3a.branch1.conv.weight"):
        ours.build(weights=tmp_path / "short.pth", size=SIZE, seed=0)


def test_random_weights_are_of_sound_scale() -> None:
    backbone = ours.build(weights=None, size=SIZE, seed=0)
    with torch.no_grad():
        features = backbone(_images(1, 50, 50))
    assert not backbone.training
    assert 0.01 < float(features.max()) < 1000


@pytest.mark.gpu
def test_gpu_agrees_within_two_percent(file: Path) -> None:
    images = _images(4, 224, 224)
    found = []
    for name in ("cpu", "cuda"):
        device = torch.device(name)
        backbone = ours.build(weights=file, size=224, seed=0)
        backbone.network = for_inference(tapped(backbone.network, "inception5b"), device)
        with torch.inference_mode(), torch.autocast(name, torch.float16, enabled=name == "cuda"):
            found.append(backbone.to(device)(images.to(device)).float().cpu())
    assert float((found[0] - found[1]).norm() / found[0].norm()) < 0.02
