"""Checkpoints and the side file of an unfinished training."""

import errno
import logging
import os

import pytest
import torch

from poseattn.training.checkpoint import SideFile, load_checkpoint, save_checkpoint

STATE = {"weight": torch.arange(6.0).reshape(2, 3), "bias": torch.zeros(2)}


def test_a_checkpoint_comes_back(tmp_path):
    save_checkpoint(tmp_path / "deep" / "checkpoint.pt", STATE, {"seed": 3, "note": ""})
    state, about = load_checkpoint(tmp_path / "deep" / "checkpoint.pt")
    assert about == {"seed": 3, "note": ""}
    assert all(torch.equal(state[name], STATE[name]) for name in STATE)


def test_equal_content_gives_equal_bytes(tmp_path):
    save_checkpoint(tmp_path / "a.pt", STATE, {"b": 1, "a": [2.5, "x"]})
    copy = {name: tensor.clone() for name, tensor in STATE.items()}
    save_checkpoint(tmp_path / "b.pt", copy, {"a": [2.5, "".join("x")], "b": 1})
    assert (tmp_path / "a.pt").read_bytes() == (tmp_path / "b.pt").read_bytes()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("half", "damaged, or no file of PyTorch"),
        ("empty", "damaged, or no file of PyTorch"),
        ("text", "damaged, or no file of PyTorch"),
        ("other", "not a checkpoint"),
        ("byte", "archive/data/.* in it changed since it was written"),
    ],
)
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path, damage, message):
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, STATE, {})
    whole = path.read_bytes()
    if damage == "other":
        torch.save({"weights": 1}, path)
    else:
        path.write_bytes(_damaged(whole)[damage])
    with pytest.raises(ValueError, match=f"checkpoint.pt: {message}"):
        load_checkpoint(path)


def _damaged(whole):
    place = whole.index(STATE["weight"].numpy().tobytes()) + 9
    byte = whole[:place] + bytes([whole[place] ^ 64]) + whole[place + 1 :]
    return {"half": whole[: len(whole) // 2], "empty": b"", "text": b"no checkpoint", "byte": byte}


def test_a_full_disk_leaves_nothing_and_names_the_file(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device: .*checkpoint.pt'"):
        save_checkpoint(tmp_path / "checkpoint.pt", STATE, {})
    assert not list(tmp_path.iterdir())


def test_progress_comes_back_only_to_the_training_that_left_it(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    path = tmp_path / "resume.pt"
    mine = SideFile(path, {"seed": 0, "code": "abc"})
    assert mine.load() is None and not caplog.messages
    mine.save({"history": [(1, 0.5)], "model": STATE})
    assert torch.equal(mine.load()["model"]["weight"], STATE["weight"])
    assert caplog.messages[-1].startswith("going on after epoch 1")
    assert SideFile(path, {"seed": 0, "code": "abd"}).load() is None
    assert caplog.messages[-1] == f"starting anew: {path} is from another run, code, manifest or input"


def test_damaged_progress_is_left_aside(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    side_file = SideFile(tmp_path / "resume.pt", {})
    side_file.save({"history": [], "model": STATE})
    side_file.path.write_bytes(side_file.path.read_bytes()[:100])
    assert side_file.load() is None
    assert caplog.messages == [f"starting anew: {side_file.path} is damaged"]
    (tmp_path / "resume.pt.part").write_bytes(b"killed while saving")
    side_file.delete()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "content",
    [
        {"model": STATE, "about": 1},
        {"model": STATE, "about": "[]"},
        {"model": [1], "about": "{}"},
        {"model": {1: 2}, "about": "{}"},
    ],
)
def test_a_checkpoint_of_other_things_is_refused_by_name(tmp_path, content):
    torch.save(content, tmp_path / "checkpoint.pt")
    with pytest.raises(ValueError, match="checkpoint.pt: not a checkpoint"):
        load_checkpoint(tmp_path / "checkpoint.pt")
