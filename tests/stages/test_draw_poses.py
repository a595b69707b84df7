"""Stages draw_pose_maps and draw_cells on toy images: which are shown, and whose states."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from poseattn.figures.pose_maps import PosedImage
from poseattn.models.pose_lstm import Model
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.stages import draw_cells, draw_pose_maps, evaluate, train
from poseattn.training.checkpoint import load_checkpoint
from tests import posed

ABOUT = {"source": "Fig. 1", "title": "Poses"}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("posed")
    shared = posed.write_images(folder) | {"run": json.dumps(posed.settings(epochs=1))}
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return shared | {"root": folder}


def _maps(given: dict[str, Any], out: Path, *actions: str) -> None:
    words = {key: given[key] for key in ("root", "manifest", "classes", "heatmaps")}
    draw_pose_maps.run(figure=json.dumps(ABOUT | {"actions": actions}), **words, out=out)


def _cells(given: dict[str, Any], out: Path, **changes: Any) -> None:
    words = {key: given[key] for key in ("root", "manifest", "classes", "run", "cubes", "heatmaps")}
    words |= {name: given["root"] / f"{name}.{end}" for name, end in (("scores", "h5"), ("checkpoint", "pt"))}
    figure = json.dumps(ABOUT | {"action": "high", "cells": [1, 2]} | changes)
    draw_cells.run(figure=figure, **words, out=out, threads=1)


def test_the_first_image_of_each_action_is_shown_with_its_map(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[PosedImage] = []

    def keep(samples: list[PosedImage], title: str, caption: str) -> bytes:
        seen.extend(samples)
        return f"{title}|{caption}".encode()

    monkeypatch.setattr(draw_pose_maps, "draw_pose_maps", keep)
    _maps(given, tmp_path / "a.png", "high", "low")
    assert (tmp_path / "a.png").read_text() == "Poses|After Fig. 1: Poses; heatmaps with weights random."
    assert [sample.title for sample in seen] == ["high, clip002", "low, clip000"]
    for sample, number in zip(seen, (2, 0), strict=True):
        assert sample.image.shape == (40, 60, 3) and sample.square.tolist() == [0, -10, 60, 50]
        assert sample.pose.max(axis=1).nonzero()[0].tolist() == [posed.row_of(number)]


def test_pictures_come_out_and_mistakes_are_refused(given: dict[str, Any], tmp_path: Path) -> None:
    _maps(given, tmp_path / "a.png", "low", "middle", "high")
    _cells(given, tmp_path / "b.png")
    assert all((tmp_path / name).read_bytes().startswith(b"\x89PNG") for name in ("a.png", "b.png"))
    with pytest.raises(ValueError, match="figure: action 'x' is none of low, middle, high"):
        _maps(given, tmp_path / "c.png", "low", "x")
    with pytest.raises(ValueError, match="figure: action 'x' is none of low, middle, high"):
        _cells(given, tmp_path / "c.png", action="x")
    with pytest.raises(ValueError, match="figure: cell 4, but the model has 3"):
        _cells(given, tmp_path / "c.png", cells=[1, 4])
    assert not (tmp_path / "c.png").exists()


def test_states_are_those_of_the_model_for_the_surest_image(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def keep(sample: PosedImage, states: dict[int, np.ndarray], title: str, caption: str) -> bytes:
        seen.update(states=states, title=sample.title)
        return b""

    monkeypatch.setattr(draw_cells, "draw_cells", keep)
    _cells(given, tmp_path / "a.png", cells=[1, 3])
    with Shard(given["root"] / "scores.h5") as shard:
        values, label = shard.side_all("data"), shard.side_all("label")
        ranked = [
            (values[row].argmax() != 2, -values[row, 2], name)
            for row, name in enumerate(shard.clip_ids)
            if label[row, 2]
        ]
    clip_id = min(ranked)[2]
    assert seen["title"] == f"high, {clip_id}" and list(seen["states"]) == [1, 3]
    arguments = posed.settings()["arguments"]
    model = Model(n_classes=3, channels=posed.CHANNELS, locations=4, joints=posed.JOINTS, **arguments).eval()
    model.load_state_dict(load_checkpoint(given["root"] / "checkpoint.pt")[0])
    shards = [ShardSet(given[kind], kind).shard_of(clip_id).clip(clip_id) for kind in ("cubes", "heatmaps")]
    with torch.no_grad():
        hidden = model(*(torch.from_numpy(rows).float()[None] for rows in shards))[1]["hidden"][0, 0].numpy()
    for number, state in seen["states"].items():
        assert state.shape == (posed.EDGE, posed.EDGE)
        np.testing.assert_allclose(state, hidden[number - 1], rtol=1e-5, atol=1e-6)
