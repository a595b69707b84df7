"""Stage pretrain_backbone on a few coloured images and clips: weights that a backbone loads, twice the same bytes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.backbones import bn_inception, timm
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages import pretrain_backbone
from tests.toy_pictures import coloured, moving, write_classes, write_clips, write_manifest

RECIPE = {
    "method": "images", "backbone": "timm:test_resnet", "arguments": {}, "images": "colours", "size": 32,
    "epochs": 3, "batch": 16, "learning_rate": 0.01, "warmup": 0.2, "label_smoothing": 0.1, "validation": 0.2,
    "seed": 0, "augment": {"flip": True, "rotation": 5, "scale": 0.1, "shift": 0.05, "gain": 0.1, "offset": 0.1},
}  # fmt: skip

FINETUNING = {
    "method": "segments", "backbone": "bn_inception", "arguments": {"width": 0.05}, "size": 32, "segments": 3,
    "scales": [1, 0.75], "mirror": False, "seed": 0, "batch": 4, "parts": 1, "iterations": 3, "drops": [2],
    "learning_rate": 0.01, "first_rate": 1, "momentum": 0.9, "weight_decay": 0.0005, "grad_clip": 20, "dropout": 0.5,
    "partial_bn": True, "first_conv": "keep", "start": None, "weights": "random",
}  # fmt: skip
NO_CLIPS = {"poses": [], "manifest": [], "classes": [], "protocol": "", "start": []}


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("images") / "colours.h5"
    header = {"kind": "images", "axes": "image row col rgb", "units": "grey levels", "recipe": "{}", "code": ""}
    with ShardWriter(path, **header, side={"label": SideArray("image", "class")}) as writer:
        for number in range(100):
            label = rng.integers(0, 2, 1)
            image = rng.integers(0, 128, (1, 20, 20, 3)) + 100 * (np.arange(3) == label)
            writer.append(f"{number:03d}", image.astype(np.uint8), label=label)
    return path


def _run(images: Path, out: Path, recipe: dict) -> dict:
    made = {"recipe": json.dumps(recipe), "out": out, "threads": 1, "device": "cpu", "code": "c0de"}
    pretrain_backbone.run(images=[images], **made, **NO_CLIPS)
    return torch.load(out, weights_only=True)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for kind, draw in (("jpegs", coloured), ("flow", moving)):
        write_clips(folder / f"{kind}.h5", kind, {f"c{clip:02d}": draw(clip) for clip in range(6)})
    write_manifest(folder / "toy.tsv", 6)
    write_classes(folder / "toy.classes.txt")
    return folder


def _words(clips: Path, out: Path, recipe: dict, kind: str = "jpegs", start: Path | None = None) -> list[str]:
    """Command line of a training on clips."""
    files = [
        "--images",
        clips / f"{kind}.h5",
        "--manifest",
        clips / "toy.tsv",
        "--classes",
        clips / "toy.classes.txt",
        "--poses",
    ]
    files += ["--start", *([start] if start else []), "--out", out]
    rest = ["--recipe", json.dumps(recipe), "--threads", "1", "--device", "cpu", "--code", "c0de", "--protocol", "only"]
    return ["pretrain-backbone", *map(str, files), *rest]


def _finetune(clips: Path, out: Path, recipe: dict, **given: object) -> dict:
    assert main(_words(clips, out, recipe, **given)) == 0
    return torch.load(out, weights_only=True)


def test_weights_of_a_backbone(images: Path, tmp_path: Path) -> None:
    saved = _run(images, tmp_path / "net.pt", RECIPE)
    assert saved["accuracy"] > 0.9
    assert json.loads(saved["recipe"]) == RECIPE
    assert (saved["code"], saved["threads"], saved["device"]) == ("c0de", 1, "cpu")
    assert "torch" in json.loads(saved["versions"])
    states = [
        timm.build("test_resnet", weights=file, size=32, seed=0).network.state_dict()
        for file in (tmp_path / "net.pt", None)
    ]
    loaded, random = (state["layer1.0.conv1.weight"] for state in states)
    assert torch.equal(loaded, saved["state_dict"]["layer1.0.conv1.weight"])
    assert not torch.equal(loaded, random)


def test_twice_the_same_bytes(images: Path, tmp_path: Path) -> None:
    for name in ("first", "second"):
        _run(images, tmp_path / f"{name}.pt", RECIPE | {"epochs": 1})
    assert (tmp_path / "first.pt").read_bytes() == (tmp_path / "second.pt").read_bytes()


def test_missing_key_and_wrong_shard_are_one_line(
    images: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = {key: value for key, value in RECIPE.items() if key != "warmup"}
    rest = ["--out", str(tmp_path / "net.pt"), "--threads", "1", "--device", "cpu", "--code", "c"]
    rest += ["--poses", "--manifest", "--classes", "--start", "--protocol", ""]
    assert main(["pretrain-backbone", "--images", str(images), "--recipe", json.dumps(recipe), *rest]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("key 'warmup' is missing")
    (tmp_path / "cut.h5").write_bytes(images.read_bytes()[:3000])
    cut = str(tmp_path / "cut.h5")
    assert main(["pretrain-backbone", "--images", cut, "--recipe", json.dumps(RECIPE), *rest]) == 1
    assert "cut.h5" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "net.pt").exists()


def test_method_that_is_none_and_several_shards_of_images(images: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="method 'image', expected one of images, segments, pieces, heatmaps"):
        _run(images, tmp_path / "net.pt", RECIPE | {"method": "image"})
    made = {"recipe": json.dumps(RECIPE), "out": tmp_path / "net.pt", "threads": 1, "device": "cpu", "code": ""}
    with pytest.raises(ValueError, match="2 shards of images are given, expected 1"):
        pretrain_backbone.run(images=[images, images], **made, **NO_CLIPS)


def test_a_backbone_trained_on_clips_keeps_its_classifier_aside(clips: Path, tmp_path: Path) -> None:
    saved = _finetune(clips, tmp_path / "net.pt", FINETUNING)
    assert (saved["classes"], saved["note"], saved["weights"]) == (["red", "green", "blue"], "", "random")
    assert (saved["n_train"], saved["protocol"]) == (6, "only")
    assert {name: tuple(value.shape) for name, value in saved["classifier"].items()} == {
        "weight": (3, 51),
        "bias": (3,),
    }
    loaded = bn_inception.build(weights=tmp_path / "net.pt", size=32, seed=1, width=0.05)
    assert torch.equal(loaded.network.conv1_7x7_s2.weight, saved["state_dict"]["conv1_7x7_s2.weight"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.pt"]
    _finetune(clips, tmp_path / "again.pt", FINETUNING)
    assert (tmp_path / "net.pt").read_bytes() == (tmp_path / "again.pt").read_bytes()


def test_flow_starts_from_colours(clips: Path, tmp_path: Path) -> None:
    """Without a step the first convolution is the mean of that for colours; all else is what it was."""
    colours = _finetune(clips, tmp_path / "rgb.pt", FINETUNING)["state_dict"]
    recipe = FINETUNING | {"arguments": {"width": 0.05, "in_channels": 10}, "weights": "standin"}
    recipe |= {"first_conv": "average", "learning_rate": 1e-30}
    saved = _finetune(clips, tmp_path / "flow.pt", recipe, kind="flow", start=tmp_path / "rgb.pt")
    assert saved["weights"] == "standin"
    first = saved["state_dict"]["conv1_7x7_s2.weight"]
    torch.testing.assert_close(first, colours["conv1_7x7_s2.weight"].mean(dim=1, keepdim=True).expand_as(first))
    for name, value in saved["state_dict"].items():
        if not name.startswith("conv1_7x7_s2"):
            assert torch.equal(value, colours[name])


def test_what_a_killed_training_left_counts_for_the_same_inputs_only(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = _finetune(clips, tmp_path / "whole.pt", FINETUNING)["state_dict"]
    monkeypatch.setattr(pretrain_backbone, "replace_file", lambda *_: 1 / 0)  # killed after the last iteration
    assert main(_words(clips, tmp_path / "net.pt", FINETUNING)) == 1
    monkeypatch.undo()
    assert (tmp_path / "net.resume.pt").exists()
    caplog.set_level("INFO")
    found = _finetune(clips, tmp_path / "net.pt", FINETUNING)["state_dict"]
    assert "going on after iteration 3 of" in caplog.text
    assert all(torch.equal(found[name], value) for name, value in expected.items())
    assert not (tmp_path / "net.resume.pt").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arguments": {"width": 0.05, "in_channels": 10}}, "backbone takes (32, 32, 10), pictures have 3 channels"),
        ({"dropout": 1}, "dropout is 1.0, expected a probability"),
    ],
)
def test_mistakes_are_one_line(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict, message: str
) -> None:
    assert main(_words(clips, tmp_path / "net.pt", FINETUNING | change)) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
