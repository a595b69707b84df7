"""The stacked hourglass against flat transcriptions of both published networks, fed with their names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from poseattn.backbones import hourglass as ours
from poseattn.networks.fuse import for_inference
from poseattn.networks.hourglass_names import renamed as renamed_by

Shapes = dict[str, tuple[int, ...]]
NARROW = 8  # channels but those of colours and joints are divided by this where numbers are compared
JOINTS = 16


def _convolution(name: str, before: int, after: int, kernel: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (after, before, kernel, kernel)
    yield f"{name}.bias", (after,)


def _norm(name: str, channels: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (channels,)
    yield f"{name}.num_batches_tracked", ()


def _princeton(stacks: int, narrow: int = 1) -> Shapes:
    """Names and shapes of the release, from its `posenet.py` and `layers.py`: a skip layer in every residual block."""
    f = 256 // narrow
    found: list[tuple[str, tuple[int, ...]]] = []

    def residual(name: str, before: int, after: int) -> None:
        for number, (taken, given, kernel) in enumerate(
            [(before, after // 2, 1), (after // 2, after // 2, 3), (after // 2, after, 1)], start=1
        ):
            found.extend(_norm(f"{name}.bn{number}", taken))
            found.extend(_convolution(f"{name}.conv{number}.conv", taken, given, kernel))
        found.extend(_convolution(f"{name}.skip_layer.conv", before, after, 1))

    found.extend(_convolution("pre.0.conv", 3, f // 4, 7))
    found.extend(_norm("pre.0.bn", f // 4))
    residual("pre.1", f // 4, f // 2)
    residual("pre.3", f // 2, f // 2)
    residual("pre.4", f // 2, f)
    for stack in range(stacks):
        level = f"hgs.{stack}.0."
        for _ in range(4):
            for branch in ("up1", "low1", "low3"):
                residual(level + branch, f, f)
            level += "low2."
        residual(level[:-1], f, f)
        residual(f"features.{stack}.0", f, f)
        found.extend(_convolution(f"features.{stack}.1.conv", f, f, 1))
        found.extend(_norm(f"features.{stack}.1.bn", f))
        found.extend(_convolution(f"outs.{stack}.conv", f, JOINTS, 1))
        if stack < stacks - 1:
            found.extend(_convolution(f"merge_features.{stack}.conv.conv", f, f, 1))
            found.extend(_convolution(f"merge_preds.{stack}.conv.conv", JOINTS, f, 1))
    return dict(found)


def _bearpaw(stacks: int, narrow: int = 1) -> Shapes:
    """Names and shapes of the port with one block at a time, from its `hourglass.py`: skip layers only where needed."""
    f = 256 // narrow
    found: list[tuple[str, tuple[int, ...]]] = []

    def residual(name: str, before: int, after: int) -> None:
        for number, (taken, given, kernel) in enumerate(
            [(before, after // 2, 1), (after // 2, after // 2, 3), (after // 2, after, 1)], start=1
        ):
            found.extend(_norm(f"{name}.0.bn{number}", taken))
            found.extend(_convolution(f"{name}.0.conv{number}", taken, given, kernel))
        if before != after:
            found.extend(_convolution(f"{name}.0.downsample.0", before, after, 1))

    found.extend(_convolution("conv1", 3, f // 4, 7))
    found.extend(_norm("bn1", f // 4))
    residual("layer1", f // 4, f // 2)
    residual("layer2", f // 2, f)
    residual("layer3", f, f)
    for stack in range(stacks):
        for level in range(4):
            for branch in range(4 if level == 0 else 3):
                residual(f"hg.{stack}.hg.{level}.{branch}", f, f)
        residual(f"res.{stack}", f, f)
        found.extend(_convolution(f"fc.{stack}.0", f, f, 1))
        found.extend(_norm(f"fc.{stack}.1", f))
        found.extend(_convolution(f"score.{stack}", f, JOINTS, 1))
        if stack < stacks - 1:
            found.extend(_convolution(f"fc_.{stack}", f, f, 1))
            found.extend(_convolution(f"score_.{stack}", JOINTS, f, 1))
    return dict(found)


def _state(shapes: Shapes) -> dict[str, Tensor]:
    """Lively random parameters."""
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, shape in shapes.items():
        if len(shape) == 4:
            state[name] = (1 / np.prod(shape[1:])) ** 0.5 * torch.randn(shape, generator=generator)
        elif name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(7)
        elif name.endswith(("bn.weight", "running_var")) or ".bn" in name and name.endswith("weight"):
            state[name] = 0.5 + torch.rand(shape, generator=generator)
        else:
            state[name] = 0.1 * torch.randn(shape, generator=generator)
    return state


def _conv(state: dict[str, Tensor], name: str, maps: Tensor, stride: int = 1) -> Tensor:
    weight = state[f"{name}.weight"]
    return functional.conv2d(maps, weight, state[f"{name}.bias"], stride, weight.shape[-1] // 2)


def _norm_relu(state: dict[str, Tensor], name: str, maps: Tensor) -> Tensor:
    parts = (state[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
    return functional.batch_norm(maps, *parts, eps=1e-5).clamp(min=0)


def _twice(maps: Tensor) -> Tensor:
    return maps.repeat_interleave(2, dim=2).repeat_interleave(2, dim=3)


def _run_princeton(state: dict[str, Tensor], pixels: Tensor, stacks: int) -> list[Tensor]:
    def residual(name: str, maps: Tensor) -> Tensor:
        inside = maps
        for number in (1, 2, 3):
            inside = _conv(state, f"{name}.conv{number}.conv", _norm_relu(state, f"{name}.bn{number}", inside))
        same = inside.shape[1] == maps.shape[1]
        return inside + (maps if same else _conv(state, f"{name}.skip_layer.conv", maps))

    def hourglass(name: str, maps: Tensor, depth: int) -> Tensor:
        low = residual(f"{name}.low1", functional.max_pool2d(maps, 2, 2))
        low = hourglass(f"{name}.low2", low, depth - 1) if depth > 1 else residual(f"{name}.low2", low)
        return residual(f"{name}.up1", maps) + _twice(residual(f"{name}.low3", low))

    maps = _norm_relu(state, "pre.0.bn", _conv(state, "pre.0.conv", pixels, 2))
    maps = functional.max_pool2d(residual("pre.1", maps), 2, 2)
    maps, found = residual("pre.4", residual("pre.3", maps)), []
    for stack in range(stacks):
        head = residual(f"features.{stack}.0", hourglass(f"hgs.{stack}.0", maps, 4))
        head = _norm_relu(state, f"features.{stack}.1.bn", _conv(state, f"features.{stack}.1.conv", head))
        found.append(_conv(state, f"outs.{stack}.conv", head))
        if stack < stacks - 1:
            back = _conv(state, f"merge_preds.{stack}.conv.conv", found[-1])
            maps = maps + back + _conv(state, f"merge_features.{stack}.conv.conv", head)
    return found


def _run_bearpaw(state: dict[str, Tensor], pixels: Tensor, stacks: int) -> list[Tensor]:
    def residual(name: str, maps: Tensor) -> Tensor:
        inside = maps
        for number in (1, 2, 3):
            inside = _conv(state, f"{name}.0.conv{number}", _norm_relu(state, f"{name}.0.bn{number}", inside))
        skip = f"{name}.0.downsample.0"
        return inside + (_conv(state, skip, maps) if f"{skip}.weight" in state else maps)

    def hourglass(name: str, maps: Tensor, level: int) -> Tensor:
        low = residual(f"{name}.{level}.1", functional.max_pool2d(maps, 2, 2))
        low = hourglass(name, low, level - 1) if level else residual(f"{name}.0.3", low)
        return residual(f"{name}.{level}.0", maps) + _twice(residual(f"{name}.{level}.2", low))

    pixels = pixels - torch.tensor([0.4404, 0.4440, 0.4327])[:, None, None]
    maps = _norm_relu(state, "bn1", _conv(state, "conv1", pixels, 2))
    maps = functional.max_pool2d(residual("layer1", maps), 2, 2)
    maps, found = residual("layer3", residual("layer2", maps)), []
    for stack in range(stacks):
        head = residual(f"res.{stack}", hourglass(f"hg.{stack}.hg", maps, 3))
        head = _norm_relu(state, f"fc.{stack}.1", _conv(state, f"fc.{stack}.0", head))
        found.append(_conv(state, f"score.{stack}", head))
        if stack < stacks - 1:
            maps = maps + _conv(state, f"fc_.{stack}", head) + _conv(state, f"score_.{stack}", found[-1])
    return found


RELEASES: dict[str, tuple[Callable[..., Shapes], Callable[..., list[Tensor]]]] = {
    "princeton": (_princeton, _run_princeton),
    "bearpaw": (_bearpaw, _run_bearpaw),
}


def _build(weights: Path | None, **options: object) -> nn.Module:
    return ours.build(**{"weights": weights, "size": 64, "seed": 0, "stacks": 2, "features": 256 // NARROW, **options})


def _images(*shape: int) -> Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, shape, np.uint8))


def _save(path: Path, release: str, state: dict[str, Tensor]) -> Path:
    """As the two repositories store it."""
    if release == "princeton":
        state = {f"model.module.{name}": value for name, value in state.items()}
        torch.save({"epoch": 3, "state_dict": state, "optimizer": {"state": {}, "param_groups": []}}, path)
    else:
        torch.save(state, path)
    return path


@pytest.mark.parametrize("stacks", [1, 2])
@pytest.mark.parametrize("release", RELEASES)
def test_heatmaps_are_the_releases(release: str, stacks: int, tmp_path: Path) -> None:
    shapes, run = RELEASES[release]
    state = _state(shapes(stacks, NARROW))
    backbone = _build(_save(tmp_path / "a.pth.tar", release, state), size=[64, 128], stacks=stacks, release=release)
    images = _images(2, 64, 128, 3)
    with torch.no_grad():
        expected = run(state, images.permute(0, 3, 1, 2) / 255, stacks)
        every = backbone.stack_maps(images)
        found = backbone(images)
        backbone.network = for_inference(backbone.network, torch.device("cpu"))
        folded = backbone(images)
    assert [maps.shape for maps in every] == [(2, 16, 16, 32)] * stacks
    assert min(float(maps.std()) for maps in expected) > 1e-2
    for mine, theirs in zip(every, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(found, every[-1].permute(0, 2, 3, 1))
    np.testing.assert_allclose(folded, found, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("release", "stacks", "count"),
    [
        ("princeton", 8, 25_434_112),
        ("princeton", 2, 6_570_400),
        ("princeton", 1, 3_426_448),
        ("bearpaw", 8, 25_594_624),
        ("bearpaw", 2, 6_730_912),
        ("bearpaw", 1, 3_586_960),
    ],
)
def test_published_names_shapes_and_count(release: str, stacks: int, count: int) -> None:
    """Every published parameter has a place of its shape, and nothing else is needed; unused skip layers aside."""
    published = RELEASES[release][0](stacks)
    with torch.device("meta"):
        network = ours.Network(stacks, 256, 16, {"princeton": 128, "bearpaw": 256}[release])
        state = {name: torch.empty(shape) for name, shape in published.items()}
    renamed = {name: tuple(value.shape) for name, value in renamed_by(state, network, 4).items()}
    assert renamed == {name: tuple(value.shape) for name, value in network.state_dict().items()}
    unused = {
        name
        for name, shape in published.items()
        if "skip_layer" in name and "pre.1." not in name and "pre.4." not in name
    }
    counted = [
        shape
        for name, shape in published.items()
        if name not in unused and not name.split(".")[-1].startswith(("running", "num"))
    ]
    assert sum(int(np.prod(shape)) for shape in counted) == count
    assert sum(value.numel() for value in network.parameters()) == count
    assert bool(unused) == (release == "princeton")


def test_published_size_gives_16_maps_of_64_by_64() -> None:
    with torch.device("meta"):
        network = ours.Network(8, 256, 16, 128).eval()
        assert [maps.shape for maps in network(torch.empty(1, 3, 256, 256))] == [(1, 16, 64, 64)] * 8


def test_files_of_ours_and_other_networks(tmp_path: Path) -> None:
    backbone = _build(None)
    torch.save({"state_dict": backbone.network.state_dict()}, tmp_path / "a.pt")
    images = _images(1, 64, 64, 3)
    with torch.no_grad():
        assert torch.equal(_build(tmp_path / "a.pt")(images), backbone(images))
    with pytest.raises(ValueError, match="a.pt: weights of another network: .*hgs.1.0.up1"):
        _build(tmp_path / "a.pt", stacks=1)
    state = _state(_bearpaw(1, NARROW))
    state["res.0.1.bn1.weight"] = torch.ones(4)  # of a port with several blocks at a time
    torch.save(state, tmp_path / "b.pth")
    with pytest.raises(ValueError, match=r"b.pth: weights of another network: .*res.0.1.bn1.weight"):
        _build(tmp_path / "b.pth", stacks=1, release="bearpaw")


def test_arguments_out_of_range() -> None:
    with pytest.raises(ValueError, match=r"size is \[64, 96\], expected multiples of 64"):
        _build(None, size=[64, 96])
    with pytest.raises(ValueError, match="stacks is 9, expected 1 to 8"):
        _build(None, stacks=9)
    with pytest.raises(ValueError, match="release is 'newell', expected one of princeton, bearpaw"):
        _build(None, release="newell")


def test_random_networks_depend_on_the_seed_and_are_of_sound_scale() -> None:
    images = _images(1, 40, 40, 3)
    with torch.no_grad():
        first, again, *others = (_build(None, seed=seed)(images) for seed in (0, 0, 1, 2, 3))
    assert torch.equal(first, again) and not torch.equal(first, others[0])
    for maps in (first, *others):
        assert maps.shape == (1, 16, 16, 16) and 1e-3 < float(maps.abs().max()) < 100


@pytest.mark.gpu
def test_gpu_agrees_within_two_percent(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.pth.tar", "princeton", _state(_princeton(8)))
    images, found = _images(2, 256, 256, 3), []
    for name in ("cpu", "cuda"):
        device = torch.device(name)
        backbone = _build(path, size=256, stacks=8, features=256)
        backbone.network = for_inference(backbone.network, device)
        with torch.inference_mode(), torch.autocast(name, torch.float16, enabled=name == "cuda"):
            found.append(backbone.to(device)(images.to(device)).float().cpu())
    assert float((found[0] - found[1]).norm() / found[0].norm()) < 0.02
