"""C3D against a transcription of the release's definition, fed with the names of the release and of two ports."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from poseattn.backbones import c3d as ours
from poseattn.networks.block_pool import BlockPool
from poseattn.networks.caffe import read_mean
from poseattn.networks.fuse import for_inference
from poseattn.networks.taps import tapped
from poseattn.networks.weights_files import published_prefix
from tests import caffe_files

NARROW = 16  # channels are divided by this where numbers are compared
MEAN = [104, 117, 123]
# Outputs and inputs of each layer, from the release's prototxt file and the report of Tran et al. (2015, Fig. 3).
CONVOLUTIONS = {
    "conv1a": (64, 3), "conv2a": (128, 64), "conv3a": (256, 128), "conv3b": (256, 256), "conv4a": (512, 256),
    "conv4b": (512, 512), "conv5a": (512, 512), "conv5b": (512, 512),
}  # fmt: skip
LINEAR = {"fc6": (4096, 8192), "fc7": (4096, 4096), "fc8": (487, 4096)}


def _published_shapes(narrow: int) -> dict[str, tuple[int, ...]]:
    shapes = {
        name: (outputs // narrow, inputs if inputs == 3 else inputs // narrow, 3, 3, 3)
        for name, (outputs, inputs) in CONVOLUTIONS.items()
    }
    for name, (outputs, inputs) in LINEAR.items():
        shapes[name] = (outputs if name == "fc8" else outputs // narrow, inputs // narrow)
    return shapes


@pytest.fixture(scope="module")
def published() -> dict[str, list[np.ndarray]]:
    """Lively random weight and bias of each layer."""
    rng = np.random.default_rng(0)
    layers = {}
    for name, shape in _published_shapes(NARROW).items():
        spread = (2 / np.prod(shape[1:])) ** 0.5
        layers[name] = [
            (size * rng.standard_normal(part)).astype(np.float32) for part, size in ((shape, spread), (shape[0], 0.1))
        ]
    return layers


def _release(layers: dict[str, list[np.ndarray]], colours: Tensor) -> dict[str, Tensor]:
    """The prototxt file line by line; Caffe's ReLU overwrites what it is given, and its pools round up."""
    results, maps = {}, colours
    for name, arrays in layers.items():
        weight, bias = (torch.from_numpy(array) for array in arrays)
        if name in CONVOLUTIONS:
            maps = functional.conv3d(maps, weight, bias, padding=1).clamp(min=0)
            if name in ("conv1a", "conv2a", "conv3b", "conv4b", "conv5b"):
                depth = 1 if name == "conv1a" else 2
                maps = functional.max_pool3d(maps, (depth, 2, 2), (depth, 2, 2), ceil_mode=True)
        else:
            maps = functional.linear(maps.flatten(1), weight, bias)
            maps = maps if name == "fc8" else maps.clamp(min=0)
        results[name] = maps
    return results


def _pieces(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8))


def _torch(layers: dict[str, list[np.ndarray]], pattern: str = "{}") -> dict[str, Tensor]:
    """As a state dictionary; the pattern is for names of convolutions."""
    state = {}
    for name, arrays in layers.items():
        name = pattern.format(name) if name in CONVOLUTIONS else name
        state |= {f"{name}.{part}": torch.tensor(array) for part, array in zip(("weight", "bias"), arrays, strict=True)}
    return state


def _build(file: Path | None, **options: object) -> nn.Module:
    return ours.build(**{"weights": file, "size": [128, 171], "seed": 0, "mean": MEAN, "width": 1 / NARROW, **options})


@pytest.mark.parametrize("tap", ["fc6", "fc7", "fc8", None])
def test_features_are_the_release_s(published: dict[str, list[np.ndarray]], tmp_path: Path, tap: str | None) -> None:
    """With its mean volume: subtracted from the resized frame, before the middle is cut out."""
    torch.save(_torch(published), tmp_path / "c3d.pth")
    mean = np.random.default_rng(2).uniform(90, 130, (3, 16, 128, 171)).astype(np.float32)
    (tmp_path / "mean.binaryproto").write_bytes(caffe_files.old_blob(mean, 5))
    pieces = _pieces(2, 16, 128, 171)
    colours = pieces.permute(0, 4, 1, 2, 3)[:, [2, 1, 0]] - torch.from_numpy(mean)  # blue, green, red
    expected = _release(published, colours[..., 8 : 8 + 112, 29 : 29 + 112])
    backbone = _build(tmp_path / "c3d.pth", classes=487 if tap == "fc8" else None, mean="mean.binaryproto")
    assert backbone.channels == (487 if tap == "fc8" else 256)
    if tap:
        backbone.network = tapped(backbone.network, tap)
    with torch.no_grad():
        found = backbone(pieces)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(pieces)
    expected = expected[tap or "fc7"]
    assert found.shape == expected.shape
    assert float(expected.std()) > 1e-2
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3 * float(expected.max()))
    np.testing.assert_allclose(folded, expected, rtol=1e-3, atol=1e-3 * float(expected.max()))


def test_published_names_shapes_and_count() -> None:
    """78 million without fc8, which is what MMAction's file of 311,985,866 bytes holds as float32."""
    with torch.device("meta"):
        network = ours.layers(112, 487, 1)
    found = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    shapes = _published_shapes(1)
    assert found == {
        f"{n}.{part}": s if part == "weight" else s[:1] for n, s in shapes.items() for part in ("weight", "bias")
    }
    by_hand = {name: int(np.prod(shape)) + shape[0] for name, shape in shapes.items()}
    assert sum(value.numel() for value in network.parameters()) == sum(by_hand.values()) == 79_991_015
    assert 0 < 311_985_866 - 4 * (79_991_015 - by_hand["fc8"]) < 10_000


def test_maps_of_a_piece_and_their_cost() -> None:
    """Thousands of millions of multiply-adds of a piece were counted layer by layer in our notes."""
    with torch.device("meta"):
        network = tapped(ours.layers(112, None, 1).eval(), "pool5")
        counts = []
        for module in network.modules():
            if isinstance(module, nn.Conv3d):
                module.register_forward_hook(
                    lambda conv, given, maps: counts.append(maps[0].numel() * conv.weight[0].numel())
                )
        assert network(torch.empty(1, 3, 16, 112, 112))["pool5"].shape == (1, 512, 1, 4, 4)
    assert round(sum(counts) / 1e9, 1) == 38.5


def test_layouts_of_files(published: dict[str, list[np.ndarray]], tmp_path: Path) -> None:
    """The release's file of Caffe, MMAction's, DavideA's and one of ours."""
    release = {f"{name}-1" if name in LINEAR else name: arrays for name, arrays in published.items()}
    (tmp_path / "caffe").write_bytes(caffe_files.old_network(release, 5))
    without_fc8 = {name: value for name, value in published.items() if name != "fc8"}
    torch.save({"state_dict": _torch(without_fc8, "{}.conv")}, tmp_path / "mmaction")
    davide = {
        name.replace("conv1a", "conv1").replace("conv2a", "conv2"): value for name, value in _torch(published).items()
    }
    torch.save(davide, tmp_path / "davide", _use_new_zipfile_serialization=False)  # of 2017
    backbone = _build(tmp_path / "caffe")
    torch.save({"state_dict": backbone.network.state_dict()}, tmp_path / "ours")
    pieces = _pieces(1, 16, 60, 80)
    with torch.no_grad():
        expected = backbone(pieces)
        for name in ("mmaction", "davide", "ours"):
            assert torch.equal(_build(tmp_path / name)(pieces), expected)
        logits = [_build(tmp_path / name, classes=487)(pieces) for name in ("caffe", "davide")]
    assert torch.equal(*logits)
    with pytest.raises(ValueError, match="mmaction: weights of another network: .*fc8"):
        _build(tmp_path / "mmaction", classes=487)


def test_means(published: dict[str, list[np.ndarray]], tmp_path: Path) -> None:
    torch.save(_torch(published), tmp_path / "c3d.pth")
    volume = np.broadcast_to(np.float32(MEAN)[:, None, None, None], (3, 16, 128, 171))
    np.save(tmp_path / "mean.npy", volume)
    pieces = _pieces(1, 16, 60, 80)
    with torch.no_grad():
        found = _build(tmp_path / "c3d.pth", mean="mean.npy")(pieces)
        assert torch.equal(found, _build(tmp_path / "c3d.pth")(pieces))
    with pytest.raises(ValueError, match=r"mean.npy: mean of shape \(3, 16, 128, 171\), expected \(3, 16, 128, 128\)"):
        _build(tmp_path / "c3d.pth", mean="mean.npy", size=128)
    with pytest.raises(ValueError, match="'mean.npy' is a file in the folder of the weights, but there are no weights"):
        _build(None, mean="mean.npy")
    with pytest.raises(ValueError, match="expected blue, green and red"):
        _build(None, mean=[128])


@pytest.mark.data
def test_a_genuine_mean_volume(published: dict[str, list[np.ndarray]], samples: Path, tmp_path: Path) -> None:
    """That of the release's network for frames of 128 x 128."""
    torch.save(_torch(published), tmp_path / "c3d.pth")
    (tmp_path / "mean").symlink_to(samples / "means/fb_train16_128_mean.binaryproto")
    backbone = _build(tmp_path / "c3d.pth", mean="mean", size=128)
    expected = read_mean(tmp_path / "mean")
    np.testing.assert_array_equal(backbone._mean, expected)
    with torch.no_grad():
        assert backbone(_pieces(1, 16, 128, 128)).shape == (1, 256)


def test_small_random_networks_are_of_sound_scale_and_seeded() -> None:
    pieces = _pieces(2, 16, 40, 50)
    with torch.no_grad():
        first, same, other = (_build(None, size=[40, 50], crop=36, seed=seed)(pieces) for seed in (0, 0, 1))
    assert first.shape == (2, 256)
    assert 0.01 < float(first.max()) < 1000
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_published_addresses_and_the_shape_of_a_piece() -> None:
    assert [published_prefix(address) for address in ours.PUBLISHED] == ["dcc47ddc", "", ""]
    assert _build(None).input_shape == (16, 128, 171, 3)


@pytest.mark.parametrize("kernel", [(1, 2, 2), (2, 2, 2)])
def test_pools_are_those_of_pytorch_in_training_too(kernel: tuple[int, int, int]) -> None:
    maps = torch.randn(2, 3, 5, 7, 9, requires_grad=True)
    expected = nn.MaxPool3d(kernel, ceil_mode=True)(maps)
    for pool in (BlockPool(kernel, ceil_mode=True).train(), BlockPool(kernel, ceil_mode=True).eval()):
        found = pool(maps)
        assert torch.equal(found, expected)
        weight = torch.randn_like(expected)
        gradients = [torch.autograd.grad((one * weight).sum(), maps, retain_graph=True)[0] for one in (found, expected)]
        assert torch.equal(*gradients)
