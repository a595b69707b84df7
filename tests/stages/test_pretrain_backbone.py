"""Stage pretrain_backbone on a few coloured images: weights that a backbone loads, twice the same bytes."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.backbones import timm
from poseattn.shards import ShardWriter, SideArray
from poseattn.stages import pretrain_backbone

RECIPE = {
    "backbone": "timm:test_resnet", "arguments": {}, "images": "colours", "size": 32,
    "epochs": 3, "batch": 16, "learning_rate": 0.01, "warmup": 0.2, "label_smoothing": 0.1, "validation": 0.2,
    "seed": 0, "augment": {"flip": True, "rotation": 5, "scale": 0.1, "shift": 0.05, "gain": 0.1, "offset": 0.1},
}  # fmt: skip


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
    pretrain_backbone.run(images=images, recipe=json.dumps(recipe), out=out, threads=1, device="cpu", code="c0de")
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
    assert main(["pretrain-backbone", "--images", str(images), "--recipe", json.dumps(recipe), *rest]) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("key 'warmup' is missing")
    (tmp_path / "cut.h5").write_bytes(images.read_bytes()[:3000])
    cut = str(tmp_path / "cut.h5")
    assert main(["pretrain-backbone", "--images", cut, "--recipe", json.dumps(RECIPE), *rest]) == 1
    assert "cut.h5" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "net.pt").exists()
