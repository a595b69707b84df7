"""Stage extract_glimpses on three small clips: each hand by itself gives the same features, absent hands give zero."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.backbones import timm
from poseattn.extraction import backbone as _backbones
from poseattn.extraction import describe as extraction
from poseattn.networks.device import set_threads
from poseattn.networks.weights_files import sha256
from poseattn.shards.shard import Shard, ShardError, ShardWriter, SideArray
from poseattn.stages import extract_glimpses

RECIPE = {
    "frames": "hand_crops", "backbone": "timm:test_resnet", "arguments": {}, "size": 32,
    "pretrained_by": "held_objects", "weights": "random", "seed": 3, "batch": 7, "compile": False,
}  # fmt: skip
LENGTHS = {"a": 5, "b": 3, "c": 4}
SIDE = {"mask": SideArray("frame hand", "1"), "time": SideArray("frame", "seconds")}


@pytest.fixture(scope="module")
def crops(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clip b has no hand at all."""
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("frames") / "000.h5"
    header = {"kind": "hand_crops", "axes": "frame hand row col rgb", "units": "grey levels", "recipe": "{}"}
    with ShardWriter(path, **header, code="", side=SIDE) as writer:
        for clip_id, length in LENGTHS.items():
            mask = rng.integers(0, 2, (length, 4)).astype(np.uint8) * (clip_id != "b")
            images = rng.integers(0, 256, (length, 4, 20, 20, 3), np.uint8) * mask[..., None, None, None]
            writer.append(clip_id, images, mask=mask, time=np.arange(length) / 30)
    return path


def _run(frames: Path, out: Path, files: list[Path] | None = None, **changes: object) -> Shard:
    recipe = json.dumps({**RECIPE, **changes})
    extract_glimpses.run(frames=frames, weights=files or [], recipe=recipe, out=out, threads=1, device="cpu", code="c")
    return Shard(out, kind="glimpses", axes="frame hand channel", recipe=recipe)


def test_every_hand_by_itself(crops: Path, tmp_path: Path) -> None:
    glimpses = _run(crops, tmp_path / "out.h5")
    backbone = timm.build("test_resnet", weights=None, size=32, seed=3)
    source = Shard(crops)
    assert glimpses.clip_ids == ["a", "b", "c"]
    for clip_id, length in LENGTHS.items():
        images, mask = source.clip(clip_id), source.side("mask", clip_id)
        found = glimpses.clip(clip_id)
        assert found.shape == (length, 4, 96)
        assert found.dtype == np.float16
        np.testing.assert_array_equal(glimpses.side("mask", clip_id), mask)
        for frame, hand in np.ndindex(mask.shape):
            expected = np.zeros(96)
            if mask[frame, hand]:
                with torch.no_grad():
                    expected = backbone(torch.from_numpy(images[frame, hand])[None])[0].numpy()
            np.testing.assert_allclose(found[frame, hand], expected, rtol=2e-3, atol=2e-3)
    assert (glimpses.clip("b") == 0).all()
    assert np.abs(glimpses.clip("a")).max() > 0.1
    attrs = {"weights": "random", "backbone": "timm:test_resnet", "device": "cpu", "threads": 1, "code": "c"}
    assert {name: glimpses.attrs[name] for name in attrs} == attrs


def test_lost_frames_are_said_of_glimpses_too(crops: Path, tmp_path: Path) -> None:
    """Clip a with frames 1 and 3 of 5 lost; the other features are those of the clip as it was."""
    side, healthy = SIDE | {"healthy": SideArray("frame", "1")}, np.array([1, 0, 1, 0, 1], np.uint8)
    header = {"kind": "hand_crops", "axes": "frame hand row col rgb", "units": "grey levels", "recipe": "{}"}
    with Shard(crops) as source, ShardWriter(tmp_path / "f.h5", **header, code="", side=side) as writer:
        images = source.clip("a") * healthy[:, None, None, None, None]
        mask = source.side("mask", "a") * healthy[:, None]
        writer.append("a", images, mask=mask, time=source.side("time", "a"), healthy=healthy)
    found, whole = _run(tmp_path / "f.h5", tmp_path / "lost.h5"), _run(crops, tmp_path / "whole.h5")
    assert "healthy" not in whole.side_names and found.side("healthy", "a").tolist() == healthy.tolist()
    assert not found.clip("a")[healthy == 0].any()
    kept = whole.clip("a")[healthy > 0]
    np.testing.assert_allclose(found.clip("a")[healthy > 0], kept, rtol=2e-3, atol=2e-3)


def test_twice_the_same_bytes(crops: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        _run(crops, tmp_path / f"{name}.h5")
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()


def test_trained_weights(crops: Path, tmp_path: Path) -> None:
    set_threads(1)  # as the stage does: calibration of the random network depends on it
    network = timm.build("test_resnet", weights=None, size=32, seed=5).network
    torch.save({"state_dict": network.state_dict()}, tmp_path / "net.pt")
    found = _run(crops, tmp_path / "out.h5", [tmp_path / "net.pt"], weights="standin")
    assert found.attrs["weights"] == "standin"
    same = _run(crops, tmp_path / "same.h5", weights="random", seed=5)
    np.testing.assert_array_equal(found.clip("a"), same.clip("a"))


def test_published_weights_are_named_and_checked_again(tmp_path: Path, crops: Path) -> None:
    state = {"fc.weight": torch.zeros(1)}
    path = tmp_path / "inception_v3_google-0cc3c7bd.pth"
    torch.save(state, path)
    with pytest.raises(ValueError, match="not the file of https://download.pytorch.org/.*0cc3c7bd"):
        _run(crops, tmp_path / "out.h5", [path], weights="pretrained", backbone="inception_v3", arguments={}, size=75)
    with pytest.raises(ValueError, match="000.h5 is none of the files published .*: inception_v3_google-0cc"):
        _run(crops, tmp_path / "out.h5", [crops], weights="pretrained", backbone="inception_v3", arguments={}, size=75)


def test_empty_shard(tmp_path: Path) -> None:
    header = {"kind": "hand_crops", "axes": "frame hand row col rgb", "units": "grey levels", "recipe": "{}"}
    with ShardWriter(tmp_path / "in.h5", **header, code="", side=SIDE, empty=((4, 20, 20, 3), np.uint8)):
        pass
    found = _run(tmp_path / "in.h5", tmp_path / "out.h5")
    assert found.clip_ids == []
    assert found.row_shape == (4, 96)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": "standin"}, "'standin' with 0 weights files, expected 1"),
        ({"weights": "imagenet"}, "'imagenet', expected pretrained, standin or random"),
        (
            {"backbone": "alexnet"},
            "backbone 'alexnet', expected one of .*c3d, googlenet, hourglass, inception_v3, timm, vgg",
        ),
        ({"arguments": {"depth": 3}}, "arguments of backbone timm:test_resnet: .*'depth'"),
        ({"backbone": "timm"}, "arguments of backbone timm: .*'architecture'"),
        ({"backbone": "timm:vgg99"}, "backbone timm:vgg99: 'vgg99' is none of timm's networks"),
    ],
)
def test_wrong_recipe(crops: Path, tmp_path: Path, changes: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        _run(crops, tmp_path / "out.h5", **changes)
    assert list(tmp_path.iterdir()) == []


def test_weights_of_timm_are_named_by_their_file(crops: Path, tmp_path: Path) -> None:
    path = tmp_path / "resnet-of-mine.pth"
    torch.save(timm.build("test_resnet", weights=None, size=32, seed=8).network.state_dict(), path)
    (tmp_path / "SHA256SUMS").write_text(f"{sha256(path)}  resnet-of-mine.pth\n")
    named = _run(crops, tmp_path / "out.h5", [path], weights="pretrained")
    assert named.attrs["weights"] == "resnet-of-mine"
    np.testing.assert_array_equal(named.clip("a"), _run(crops, tmp_path / "random.h5", seed=8).clip("a"))
    torch.save({}, path)
    with pytest.raises(
        ValueError, match="resnet-of-mine.pth in .* is not the file of resnet-of-mine.pth: .*SHA256SUMS has"
    ):
        _run(crops, tmp_path / "out.h5", [path], weights="pretrained")


def test_a_shard_says_whether_its_network_was_compiled(
    crops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (_backbones, extraction):
        monkeypatch.setattr(module, "can_compile", lambda device: False)
    asked = _run(crops, tmp_path / "asked.h5", compile=True)
    plain = _run(crops, tmp_path / "plain.h5")
    assert asked.attrs["compiled"] == 0 and "compiled" not in plain.attrs
    np.testing.assert_array_equal(asked.clip("a"), plain.clip("a"))


def test_missing_key_and_wrong_shard_are_one_line(
    crops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = {key: value for key, value in RECIPE.items() if key != "size"}
    rest = ["--weights", "--out", str(tmp_path / "out.h5"), "--threads", "1", "--device", "cpu", "--code", "c"]
    assert main(["extract-glimpses", "--frames", str(crops), "--recipe", json.dumps(recipe), *rest]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("key 'size' is missing")
    _run(crops, tmp_path / "glimpses.h5")
    with pytest.raises(ShardError, match="glimpses.h5.*hand_crops"):
        _run(tmp_path / "glimpses.h5", tmp_path / "out.h5")


def test_features_beyond_float16_are_refused(crops: Path, tmp_path: Path) -> None:
    network = timm.build("test_resnet", weights=None, size=32, seed=5).network
    state = {
        name: value * (1e9 if name == "layer4.0.downsample.2.weight" else 1)
        for name, value in network.state_dict().items()
    }
    torch.save(state, tmp_path / "net.pt")
    with pytest.raises(ValueError, match="clip a: features of timm:test_resnet beyond float16"):
        _run(crops, tmp_path / "out.h5", [tmp_path / "net.pt"], weights="standin")
    assert [path.name for path in tmp_path.iterdir()] == ["net.pt"]
