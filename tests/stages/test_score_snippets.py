"""Stage score_snippets: scores written out loop by loop, what a shard says of itself, and networks that do not fit."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.backbones import bn_inception
from poseattn.pretraining.corner_crops import Crop, cut
from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard
from poseattn.stages import pretrain_backbone, tabulate
from tests.toy_pictures import coloured, moving, write_classes, write_clips, write_manifest

SIZE = 32
FINETUNING = {
    "method": "segments", "backbone": "bn_inception", "arguments": {"width": 0.05}, "size": SIZE, "segments": 2,
    "scales": [1], "mirror": True, "seed": 0, "batch": 6, "parts": 1, "iterations": 3, "drops": [], "weights": "random",
    "learning_rate": 0.02, "first_rate": 1, "momentum": 0.9, "weight_decay": 0, "grad_clip": 1, "dropout": 0,
    "partial_bn": True, "first_conv": "keep", "start": None,
}  # fmt: skip
RUN = {
    "run": "tsn_s_toy", "dataset": "toy_synthetic", "snippets": 4, "crops": 10, "scale": 0.75, "size": SIZE, "batch": 7,
    "average": "logits", "note": "small",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two shards of nine clips, of which the last three test, and networks for colours and for flow."""
    folder = tmp_path_factory.mktemp("snippets")
    for kind, draw in (("jpegs", coloured), ("flow", moving)):
        for shard, clips in enumerate([range(5), range(5, 9)]):
            write_clips(folder / f"{kind}{shard}.h5", kind, {f"c{clip:02d}": draw(clip) for clip in clips})
    write_manifest(folder / "toy.tsv", 9, 3)
    write_classes(folder / "toy.classes.txt")
    for kind, arguments in (("jpegs", {}), ("flow", {"in_channels": 10})):
        recipe = FINETUNING | {"arguments": FINETUNING["arguments"] | arguments}
        pretrain_backbone.run(
            images=sorted(folder.glob(f"{kind}?.h5")), manifest=[folder / "toy.tsv"], start=[], protocol="only",
            classes=[folder / "toy.classes.txt"], recipe=json.dumps(recipe), out=folder / f"{kind}.pt", threads=1,
            device="cpu", code="", poses=[],
        )  # fmt: skip
    return folder


def _words(folder: Path, out: Path, kind: str = "jpegs", **changes: Any) -> list[str]:
    files = {"manifest": folder / "toy.tsv", "classes": folder / "toy.classes.txt", "network": folder / f"{kind}.pt"}
    files = {name: changes.pop(name, file) for name, file in files.items()}
    given = files | {"protocol": changes.pop("protocol", "only"), "split": changes.pop("split", "test")}
    images = [str(path) for path in sorted(folder.glob(f"{changes.pop('pictures', kind)}?.h5"))]
    rest = {"run": json.dumps(RUN | changes), "seed": 0, "out": out, "threads": 1, "device": "cpu", "code": "c0de"}
    options = [word for name, value in (given | rest).items() for word in (f"--{name}", str(value))]
    return ["score-snippets", "--images", *images, *options]


def _scores(folder: Path, out: Path, kind: str = "jpegs", **changes: Any) -> np.ndarray:
    assert main(_words(folder, out, kind, **changes)) == 0
    with Shard(out, kind="scores", axes="clip class") as shard:
        return shard.rows(np.arange(shard.n_rows))


def _literal(folder: Path, kind: str, clip_id: str, average: str) -> np.ndarray:
    """Release: ticks of a quarter of the clip, 5 crops and their mirror images, one at a time."""
    saved = torch.load(folder / f"{kind}.pt", weights_only=True)
    channels = 3 if kind == "jpegs" else 10
    backbone = bn_inception.build(weights=folder / f"{kind}.pt", size=SIZE, seed=0, width=0.05, in_channels=channels)
    reader = open_images(sorted(folder.glob(f"{kind}?.h5")))
    n_snippets = 6 if kind == "jpegs" else 1  # 6 frames; 5 fields, which make one stack
    logits = []
    for number in range(4):
        tick = n_snippets / 4
        picture = reader.read(clip_id, [int(tick / 2 + tick * number)])
        for top, left in ((0, 0), (0, 12), (4, 0), (4, 12), (2, 6)):  # of 12x12 pixels in 16x24
            crop = cut(picture, Crop(top, left, 12, 12), SIZE)
            for one in (crop, reader.mirrored(crop)):
                with torch.no_grad():
                    features = backbone(torch.from_numpy(one.copy()))
                logits.append((features @ saved["classifier"]["weight"].T + saved["classifier"]["bias"])[0].double())
    assert len(logits) == 40
    if average == "logits":
        return torch.stack(logits).mean(dim=0).softmax(dim=0).numpy()
    return torch.stack([one.softmax(dim=0) for one in logits]).mean(dim=0).numpy()


@pytest.mark.parametrize(("kind", "average"), [("jpegs", "logits"), ("jpegs", "probabilities"), ("flow", "logits")])
def test_scores_are_the_mean_over_snippets_and_crops(folder: Path, tmp_path: Path, kind: str, average: str) -> None:
    found = _scores(folder, tmp_path / "scores.h5", kind, average=average)
    expected = np.stack([_literal(folder, kind, clip_id, average) for clip_id in ("c06", "c07", "c08")])
    np.testing.assert_allclose(found, expected, atol=2e-3)  # features are kept in half precision
    assert np.ptp(expected, axis=0).max() > 0.01
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)


def test_one_crop_is_the_centre(folder: Path, tmp_path: Path) -> None:
    ten, one = (_scores(folder, tmp_path / f"{crops}.h5", crops=crops) for crops in (10, 1))
    assert not np.allclose(ten, one, atol=1e-4)


def test_a_shard_says_what_tables_want_to_know(folder: Path, tmp_path: Path) -> None:
    _scores(folder, tmp_path / "scores.h5")
    scores = tabulate._read(tmp_path / "scores.h5")
    assert scores.clip_ids == ["c06", "c07", "c08"]
    np.testing.assert_array_equal(scores.label, np.eye(3))
    expected = {
        "run": "tsn_s_toy",
        "protocol": "only",
        "split": "test",
        "seed": 0,
        "n_excluded": 0,
        "data": "synthetic",
    }
    expected |= {
        "weights": "random",
        "note": "small",
        "units": "probabilities",
        "n_protocol_excluded": 0,
        "code": "c0de",
    }
    assert {name: scores.attrs[name] for name in expected} == expected
    assert "torch" in json.loads(json.loads(scores.attrs["input_versions"])[0])


def test_twice_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    words = _words(folder, tmp_path / "first.h5")
    assert main(words) == 0
    assert main([word.replace("first", "second") for word in words]) == 0
    assert (tmp_path / "first.h5").read_bytes() == (tmp_path / "second.h5").read_bytes()


def test_clips_without_pictures_are_counted(folder: Path, tmp_path: Path) -> None:
    manifest = write_manifest(tmp_path / "more.tsv", 12, 6)
    assert len(_scores(folder, tmp_path / "scores.h5", manifest=manifest)) == 3
    assert tabulate._read(tmp_path / "scores.h5").attrs["n_excluded"] == 3


def test_without_clips_a_note_says_so(folder: Path, tmp_path: Path) -> None:
    assert _scores(folder, tmp_path / "scores.h5", split="val").shape == (0, 3)
    assert tabulate._read(tmp_path / "scores.h5").attrs["note"] == "small; no val clip in only"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"protocol": "split1"}, "jpegs.pt: trained with protocol 'only', asked to score 'split1'"),
        ({"pictures": "flow"}, "jpegs.pt takes pictures of 3 channels, those given have 2"),
    ],
)
def test_mistakes_are_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], message: str
) -> None:
    assert main(_words(folder, tmp_path / "scores.h5", **changes)) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "scores.h5").exists()


def test_other_classes_and_networks_without_a_classifier_are_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes = write_classes(tmp_path / "two.txt", ("red", "green"))
    assert main(_words(folder, tmp_path / "scores.h5", classes=classes)) == 1
    assert "classes ['red', 'green', 'blue'], asked to score ['red', 'green']" in capsys.readouterr().err
    torch.save({"state_dict": {}}, tmp_path / "plain.pt")
    assert main(_words(folder, tmp_path / "scores.h5", network=tmp_path / "plain.pt")) == 1
    assert "plain.pt: no classifier in it" in capsys.readouterr().err.splitlines()[-1]
    (tmp_path / "cut.pt").write_bytes((folder / "jpegs.pt").read_bytes()[:3000])
    assert main(_words(folder, tmp_path / "scores.h5", network=tmp_path / "cut.pt")) == 1
    assert "cut.pt: damaged, or no file of PyTorch" in capsys.readouterr().err.splitlines()[-1]
