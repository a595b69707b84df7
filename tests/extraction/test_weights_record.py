"""What stages record of weights: what tables say of published files, and of networks that the pipeline fine-tuned."""

from pathlib import Path
from types import ModuleType

import pytest
import torch

from poseattn.backbones import bn_inception, timm
from poseattn.extraction.backbone import ready_backbone
from poseattn.extraction.weights_record import file_attrs, pretrained_name
from poseattn.networks.weights_files import sha256

TUNED = {"backbone": "bn_inception", "arguments": {"width": 0.1}, "tap": "inception_3a", "size": 32, "seed": 0}


def _tuned(path: Path, **content: object) -> Path:
    state = bn_inception.build(weights=None, size=32, seed=1, classes=4, width=0.1).network.state_dict()
    path.parent.mkdir(parents=True)
    torch.save({"state_dict": state, **content}, path)
    return path


@pytest.mark.parametrize("module", [bn_inception, timm])
def test_a_fine_tuned_network_says_itself_what_it_began_with(tmp_path: Path, module: ModuleType) -> None:
    file = _tuned(tmp_path / "penn_action/penn_action_rgb_official.pt", weights="kinetics-tsn", classes=["a", "b"])
    assert pretrained_name(module, file) == "kinetics-tsn"
    assert not file.with_name("SHA256SUMS").exists()  # it is made anew whenever what it is made of changes


@pytest.mark.parametrize("kind", ["pretrained", "standin"])
def test_a_fine_tuned_network_makes_features(tmp_path: Path, kind: str) -> None:
    file = _tuned(tmp_path / "penn_action/penn_action_rgb_official.pt", weights="kinetics-tsn")
    _, shape, attrs = ready_backbone(TUNED | {"weights": kind}, [file], 1, "cpu")
    assert shape == (4, 4, 25)
    assert attrs["weights"] == {"pretrained": "kinetics-tsn", "standin": "standin"}[kind]
    assert (attrs["weights_file"], attrs["weights_sha256"]) == (str(file), sha256(file))


@pytest.mark.parametrize("content", [{}, {"weights": 3}])
def test_a_file_that_says_nothing_must_be_a_published_one(tmp_path: Path, content: dict[str, object]) -> None:
    file = _tuned(tmp_path / "a/mine.pt", **content)
    with pytest.raises(ValueError, match="^recipe: mine.pt is none of the files published for .*bn_inception: bn_inc"):
        pretrained_name(bn_inception, file)
    with pytest.raises(ValueError, match="no document states the SHA-256 of mine.pt"):
        pretrained_name(timm, file)
    file.with_name("SHA256SUMS").write_text(f"{sha256(file)}  mine.pt\n")
    assert pretrained_name(timm, file) == "mine"  # a library of networks: any file that the user accepts


def test_files_that_are_no_weights(tmp_path: Path) -> None:
    (tmp_path / "text.pt").write_text("no weights")
    with pytest.raises(ValueError, match="^recipe: text.pt is none of the files published"):
        pretrained_name(bn_inception, tmp_path / "text.pt")
    with pytest.raises(OSError, match="none.pt"):
        pretrained_name(bn_inception, tmp_path / "none.pt")


def test_attributes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_attrs("x", tmp_path / "a") == {
        "weights": "x",
        "weights_file": str(tmp_path / "a"),
        "weights_sha256": digest,
    }
