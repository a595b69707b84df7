"""BN-Inception against a flat transcription of the release's definition, fed with the published names."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from poseattn.backbones import bn_inception as ours
from poseattn.networks.fuse import for_inference
from poseattn.networks.inception_blocks import shrinking_pool
from poseattn.networks.taps import tapped
from tests import caffe_files

# Channels that each block takes, its convolutions (name: outputs, kernel) and its pool, from yjxiong's prototxt file.
NARROW = 4  # channels are divided by this where numbers are compared
PLAIN = ["1x1", "3x3_reduce", "3x3", "double_3x3_reduce", "double_3x3_1", "double_3x3_2", "pool_proj"]
BLOCKS = {
    "3a": (192, [64, 64, 64, 64, 96, 96, 32], "AVE"),
    "3b": (256, [64, 64, 96, 64, 96, 96, 64], "AVE"),
    "3c": (320, [None, 128, 160, 64, 96, 96, None], "MAX"),
    "4a": (576, [224, 64, 96, 96, 128, 128, 128], "AVE"),
    "4b": (576, [192, 96, 128, 96, 128, 128, 128], "AVE"),
    "4c": (576, [160, 128, 160, 128, 160, 160, 128], "AVE"),
    "4d": (608, [96, 128, 192, 160, 192, 192, 128], "AVE"),
    "4e": (608, [None, 128, 192, 192, 256, 256, None], "MAX"),
    "5a": (1056, [352, 192, 320, 160, 224, 224, 128], "AVE"),
    "5b": (1024, [352, 192, 320, 192, 224, 224, 128], "MAX"),
}


def _published_shapes(in_channels: int, narrow: int = 1) -> dict[str, tuple[int, ...]]:
    """Shape of each convolution of the PyTorch port by its name, or with all channels divided by a number."""
    shapes = {
        "conv1_7x7_s2": (64, in_channels * narrow, 7, 7),
        "conv2_3x3_reduce": (64, 64, 1, 1),
        "conv2_3x3": (192, 64, 3, 3),
    }
    for block, (inputs, outputs, _) in BLOCKS.items():
        by_name = dict(zip(PLAIN, outputs, strict=True))
        before = {"3x3": "3x3_reduce", "double_3x3_1": "double_3x3_reduce", "double_3x3_2": "double_3x3_1"}
        for name, channels in by_name.items():
            if channels is not None:
                kernel = 3 if name in before else 1
                taken = by_name[before[name]] if name in before else inputs
                shapes[f"inception_{block}_{name}"] = (channels, taken, kernel, kernel)
    return {name: (out // narrow, taken // narrow, *kernel) for name, (out, taken, *kernel) in shapes.items()}


def _published_state(in_channels: int) -> dict[str, Tensor]:
    """Lively random parameters under the names of the PyTorch port."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in _published_shapes(in_channels, NARROW).items():
        spread = (2 / (shape[1] * shape[2] * shape[3])) ** 0.5
        state[f"{name}.weight"] = spread * torch.randn(shape, generator=generator)
        state[f"{name}.bias"] = 0.1 * torch.randn(shape[0], generator=generator)
        for part in ("weight", "running_var"):
            state[f"{name}_bn.{part}"] = 0.5 + torch.rand(shape[0], generator=generator)
        for part in ("bias", "running_mean"):
            state[f"{name}_bn.{part}"] = 0.1 * torch.randn(shape[0], generator=generator)
    return state


def _release(state: dict[str, Tensor], pixels: Tensor, last: str) -> Tensor:
    """The prototxt file line by line, with Caffe's pools as PyTorch has them: ceil rounding, zeros counted in means."""

    def unit(name: str, maps: Tensor, stride: int = 1) -> Tensor:
        weight = state[f"{name}.weight"]
        maps = functional.conv2d(maps, weight, state[f"{name}.bias"], stride, weight.shape[-1] // 2)
        statistics = (state[f"{name}_bn.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(maps, *statistics, eps=1e-5).clamp(min=0)

    maps = functional.max_pool2d(unit("conv1_7x7_s2", pixels, 2), 3, 2, ceil_mode=True)
    maps = unit("conv2_3x3", unit("conv2_3x3_reduce", maps))
    maps = functional.max_pool2d(maps, 3, 2, ceil_mode=True)
    for block, (_, _, pool) in BLOCKS.items():
        layer, stride = f"inception_{block}_", 2 if block in ("3c", "4e") else 1
        branches = [unit(layer + "1x1", maps)] if stride == 1 else []
        branches.append(unit(layer + "3x3", unit(layer + "3x3_reduce", maps), stride))
        double = unit(layer + "double_3x3_1", unit(layer + "double_3x3_reduce", maps))
        branches.append(unit(layer + "double_3x3_2", double, stride))
        if stride == 2:
            branches.append(functional.max_pool2d(maps, 3, 2, ceil_mode=True))
        else:
            pooled = functional.avg_pool2d(maps, 3, 1, 1) if pool == "AVE" else functional.max_pool2d(maps, 3, 1, 1)
            branches.append(unit(layer + "pool_proj", pooled))
        maps = torch.cat(branches, 1)
        if block == last:
            return maps
    return maps.mean((2, 3))


@pytest.fixture(scope="module", params=[3, 10])
def state(request: pytest.FixtureRequest) -> dict[str, Tensor]:
    return _published_state(request.param)


@pytest.fixture(scope="module")
def file(state: dict[str, Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "bn_inception.pth"
    torch.save(state, path)
    return path


def _images(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def _build(file: Path | None, in_channels: int, **options: object) -> nn.Module:
    return ours.build(
        **{"weights": file, "size": 64, "seed": 0, "in_channels": in_channels, "width": 1 / NARROW, **options}
    )


@pytest.mark.parametrize(
    ("last", "tap"), [("", None), ("", "global_pool"), ("5a", "inception_5a"), ("3c", "inception_3c")]
)
def test_features_are_the_release_s(state: dict[str, Tensor], file: Path, last: str, tap: str | None) -> None:
    """At a multiple of 32 pixels, where the release works."""
    channels = state["conv1_7x7_s2.weight"].shape[1]
    images = _images(2, 64, 96, channels)
    pixels = images.permute(0, 3, 1, 2).float()
    mean = torch.tensor([104.0, 117, 123] if channels == 3 else [128.0] * channels).view(-1, 1, 1)
    pixels = (pixels[:, [2, 1, 0]] if channels == 3 else pixels) - mean  # blue, green, red
    expected = _release(state, pixels, last)
    expected = expected.permute(0, 2, 3, 1) if last else expected
    backbone = _build(file, channels, size=[64, 96])
    if tap:
        backbone.network = tapped(backbone.network, tap)
    with torch.no_grad():
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(images)
    assert found.shape == expected.shape
    assert float(expected.std()) > 1e-2
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * float(expected.max()))
    np.testing.assert_allclose(folded, expected, rtol=1e-3, atol=1e-4 * float(expected.max()))


@pytest.mark.parametrize("in_channels", [3, 10])
def test_published_names_shapes_and_count(in_channels: int) -> None:
    with torch.device("meta"):
        network = ours.Network(in_channels, None, 1)
    published = _published_shapes(in_channels)
    found = {name: tuple(value.shape) for name, value in network.state_dict().items() if value.dim() == 4}
    assert {name.replace(".weight", "").replace(".", "_"): shape for name, shape in found.items()} == published
    assert len(published) == 69
    assert "inception_5a.1x1.weight" in found
    by_hand = sum(int(np.prod(shape)) + 3 * shape[0] for shape in published.values())  # bias, scale and shift
    assert (
        sum(value.numel() for value in network.parameters()) == by_hand == {3: 10_270_240, 10: 10_292_192}[in_channels]
    )


@pytest.mark.parametrize(
    ("size", "grid", "in_channels", "cost"),
    [
        ((240, 320), (8, 10), 3, 2.95),
        ((240, 320), (8, 10), 10, 3.38),
        ((270, 480), (9, 15), 3, 5.02),
        ((270, 480), (9, 15), 10, 5.73),
        ((224, 224), (7, 7), 3, None),
    ],
)
def test_grids_of_the_paper_and_their_cost(
    size: tuple[int, int], grid: tuple[int, int], in_channels: int, cost: float | None
) -> None:
    """Du et al. 2017, Sec. 4; thousands of millions of multiply-adds, which our notes count layer by layer."""
    with torch.device("meta"):
        network = tapped(ours.Network(in_channels, None, 1).eval(), "inception_5a")
        counts = []
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                module.register_forward_hook(
                    lambda conv, given, maps: counts.append(maps[0].numel() * conv.weight[0].numel())
                )
        assert network(torch.empty(1, in_channels, *size))["inception_5a"].shape == (1, 1024, *grid)
    assert cost is None or round(sum(counts) / 1e9, 2) == cost


@pytest.mark.parametrize("rows", [6, 7, 8, 15])
@pytest.mark.parametrize("cols", [5, 10, 33])
def test_pools_round_up_with_padding_at_the_end(rows: int, cols: int) -> None:
    maps = -np.random.default_rng(0).random((rows, cols)).astype(np.float32)  # negative: a zero would win
    expected = np.empty((-(-rows // 2), -(-cols // 2)), np.float32)
    for row in range(expected.shape[0]):
        for col in range(expected.shape[1]):
            expected[row, col] = maps[2 * row : 2 * row + 3, 2 * col : 2 * col + 3].max()
    np.testing.assert_array_equal(shrinking_pool()(torch.from_numpy(maps)[None, None])[0, 0], expected)


def _caffe_layers(state: dict[str, Tensor], classifier: dict[str, Tensor]) -> dict[str, list[np.ndarray]]:
    """Layers by the names of the prototxt; batch norm has four arrays of shape (1, d): scale, shift, mean, variance."""
    layers = {}
    for unit in sorted({name.rpartition(".")[0] for name in state}):
        parts = ("weight", "bias", "running_mean", "running_var") if unit.endswith("_bn") else ("weight", "bias")
        arrays = [state[f"{unit}.{part}"].numpy() for part in parts]
        name = re.sub(r"^(inception_\d[a-e]|conv\d)_", r"\1/", unit)
        layers[name] = [array[None] for array in arrays] if unit.endswith("_bn") else arrays
    return layers | {"fc-action": [classifier[part].numpy() for part in ("weight", "bias")]}


def test_a_caffe_layer_of_three_arrays_is_refused(tmp_path: Path) -> None:
    three = {"conv1/7x7_s2_bn": [np.ones(4, np.float32)] * 3}
    (tmp_path / "a.caffemodel").write_bytes(caffe_files.network(three))
    with pytest.raises(ValueError, match=r"a\.caffemodel: layer conv1/7x7_s2_bn has 3 arrays, expected 1, 2, or 4"):
        _build(tmp_path / "a.caffemodel", 3)


def test_layouts_of_files(tmp_path: Path) -> None:
    """tsn-pytorch's checkpoint, its backbone, old batch norm, pretrainedmodels, the release's Caffe, a file of ours."""
    state = _published_state(3)
    classifier = {"weight": torch.randn(7, 256), "bias": torch.randn(7)}
    old = {name: value[None] if "_bn" in name else value for name, value in state.items()}
    whole = {f"module.base_model.{name}": value for name, value in state.items()}
    whole |= {f"module.new_fc.{name}": value for name, value in classifier.items()}
    layouts = [
        {"state_dict": whole, "epoch": 3, "arch": "BNInception", "best_prec1": 85.0},
        {name.removeprefix("module."): value for name, value in whole.items()},
        old | {f"fc.{name}": value for name, value in classifier.items()},
        state | {f"last_linear.{name}": value for name, value in classifier.items()},
    ]
    images = _images(1, 64, 64, 3)
    features, logits = [], []
    for content in layouts:
        torch.save(content, tmp_path / "a.pth")
        for classes, results in ((None, features), (7, logits)):
            backbone = _build(tmp_path / "a.pth", 3, classes=classes)
            assert backbone.channels == (classes or 256)
            with torch.no_grad():
                results.append(backbone(images))
    (tmp_path / "a.caffemodel").write_bytes(caffe_files.network(_caffe_layers(state, classifier)))
    torch.save({"state_dict": backbone.network.state_dict()}, tmp_path / "a.pth")
    with torch.no_grad():
        features.append(_build(tmp_path / "a.caffemodel", 3)(images))
        logits += [_build(tmp_path / name, 3, classes=7)(images) for name in ("a.caffemodel", "a.pth")]
    assert all(torch.equal(features[0], other) for other in features)
    assert all(torch.equal(logits[0], other) for other in logits)
    np.testing.assert_allclose(
        logits[0], features[0] @ classifier["weight"].T + classifier["bias"], rtol=1e-4, atol=1e-4
    )


def test_files_of_other_networks_are_refused(file: Path, tmp_path: Path) -> None:
    state = torch.load(file, weights_only=True)
    channels = state["conv1_7x7_s2.weight"].shape[1]
    with pytest.raises(ValueError, match="weights of another network: .*conv1_7x7_s2.weight"):
        _build(file, 13 - channels)
    with pytest.raises(ValueError, match="weights of another network: .*fc_action"):
        _build(file, channels, classes=101)
    del state["inception_4e_double_3x3_2.bias"]
    torch.save(state, tmp_path / "short.pth")
    with pytest.raises(ValueError, match="short.pth: weights of another network: .*inception_4e.double_3x3_2.bias"):
        _build(tmp_path / "short.pth", channels)


def test_narrow_random_networks_are_of_sound_scale() -> None:
    backbone = _build(None, 10, size=[48, 80])
    backbone.network = tapped(backbone.network, "inception_5a")
    with torch.no_grad():
        maps = backbone(_images(1, 24, 40, 10))
    assert not backbone.training
    assert maps.shape == (1, 2, 3, 256)
    assert 0.01 < float(maps.max()) < 1000
    assert backbone.input_shape == (48, 80, 10)


@pytest.mark.gpu
def test_gpu_agrees_within_two_percent(tmp_path: Path) -> None:
    torch.save(_published_state(3), tmp_path / "a.pth")
    images, found = _images(2, 240, 320, 3), []
    for name in ("cpu", "cuda"):
        device = torch.device(name)
        backbone = _build(tmp_path / "a.pth", 3, size=[240, 320])
        backbone.network = for_inference(tapped(backbone.network, "inception_5a"), device)
        with torch.inference_mode(), torch.autocast(name, torch.float16, enabled=name == "cuda"):
            found.append(backbone.to(device)(images.to(device)).float().cpu())
    assert float((found[0] - found[1]).norm() / found[0].norm()) < 0.02
