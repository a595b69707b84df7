"""Figures of the kind cells: which image is shown, its hidden states, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from poseattn.figures import cells
from poseattn.figures._posed_image import PosedImage
from poseattn.figures.cells import draw_cells, figure_of_cells
from poseattn.models.pose_lstm import Model
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.stages import evaluate, train
from poseattn.training.checkpoint import load_checkpoint
from tests import posed
from tests.drawn import draw

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
POSE = np.random.default_rng(1).random((8, 8)).astype(np.float32)
SAMPLE = PosedImage(IMAGE, POSE, np.array([0, -10, 60, 50], np.float32), "running, a_001")
STATES = {1: np.linspace(-0.9, 0.7, 16).reshape(4, 4), 2: np.linspace(-0.1, 0.2, 16).reshape(4, 4)}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("posed")
    shared = posed.write_images(folder) | {"run": json.dumps(posed.settings(epochs=1))}
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return shared | {"root": folder}


def _draw(given: dict[str, Any], out: Path, **changes: Any) -> None:
    figure = {"source": "Fig. 1", "title": "Poses", "action": "high", "cells": [1, 2]} | changes
    lists = {"manifest": [given["manifest"]], "runs": [given["run"]], "cubes": given["cubes"]}
    lists |= {"heatmaps": given["heatmaps"], "scores": [given["root"] / "scores.h5"]}
    lists |= {"checkpoints": [given["root"] / "checkpoint.pt"]}
    draw("cells", figure, root=given["root"], classes=given["classes"], out=out, **lists)


def test_a_figure_comes_out_and_mistakes_are_refused(given: dict[str, Any], tmp_path: Path) -> None:
    _draw(given, tmp_path / "b.png")
    assert (tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="figure: found action 'x', expected one of low, middle, high"):
        _draw(given, tmp_path / "c.png", action="x")
    with pytest.raises(ValueError, match="figure: cell 4, but the model has 3"):
        _draw(given, tmp_path / "c.png", cells=[1, 4])
    assert not (tmp_path / "c.png").exists()


def test_states_are_those_of_the_model_for_the_surest_image(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, Any] = {}

    def keep(sample: PosedImage, states: dict[int, np.ndarray], title: str, caption: str) -> bytes:
        seen.update(states=states, title=sample.title)
        return b""

    monkeypatch.setattr(cells, "draw_cells", keep)
    _draw(given, tmp_path / "a.png", cells=[1, 3])
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


def test_each_cell_has_a_colour_scale_of_its_own() -> None:
    figure = figure_of_cells(SAMPLE, STATES, "Title")
    panels = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title() for axes in panels[2:]] == ["hidden state of cell 1", "hidden state of cell 2"]
    for axes, state in zip(panels[2:], STATES.values(), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), state)
        assert axes.images[0].get_clim() == pytest.approx((state.min(), state.max()))


def test_equal_arguments_give_equal_bytes() -> None:
    first, second = (draw_cells(SAMPLE, STATES, "Title", "Caption") for _ in range(2))
    assert first == second and b"Caption" in first
