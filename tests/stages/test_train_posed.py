"""Training and scoring of models that get heatmaps of joints, by the stages."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from poseattn.shards.shard import Shard
from poseattn.stages import evaluate, train
from tests import posed


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    threads, folder = torch.get_num_threads(), tmp_path_factory.mktemp("posed")
    shared = posed.write_images(folder)
    train.run(**shared, joints=[], start=[], out=folder / "run/checkpoint.pt")
    for split in ("train", "val", "test"):
        evaluate.run(**shared, checkpoint=folder / "run/checkpoint.pt", split=split, out=folder / f"run/{split}.h5")
    torch.set_num_threads(threads)
    return shared | {"folder": folder / "run"}


def _hits(path: Path) -> np.ndarray:
    with Shard(path, kind="scores", axes="clip class") as shard:
        return shard.side_all("data").argmax(axis=1) == shard.side_all("label").argmax(axis=1)


def test_what_only_heatmaps_tell_is_learnt(given: dict[str, Any]) -> None:
    hits = {split: _hits(given["folder"] / f"{split}.h5") for split in ("train", "val", "test")}
    assert {split: len(found) for split, found in hits.items()} == {"train": 21, "val": 9, "test": 15}
    assert all(found.mean() > 0.9 for found in hits.values())


def test_states_of_cells_are_not_kept_with_scores(given: dict[str, Any]) -> None:
    with Shard(given["folder"] / "test.h5", kind="scores") as shard:
        assert shard.side_names == ["label"] and shard.attrs["weights"] == "random"


def test_the_last_epoch_is_kept_and_the_best_one_recorded(given: dict[str, Any]) -> None:
    resolved = yaml.safe_load((given["folder"] / "run.yaml").read_text())
    lines = (given["folder"] / "history.csv").read_text().splitlines()[1:]
    scores = [float(line.split(",")[4]) for line in lines]
    assert len(scores) == 8 and resolved["best_epoch"] == 1 + scores.index(max(scores))
    assert scores[-1] == pytest.approx(_hits(given["folder"] / "val.h5").mean(), rel=1e-4)


def test_a_run_without_its_heatmaps_is_one_line(given: dict[str, Any], tmp_path: Path) -> None:
    words = {key: value for key, value in given.items() if key != "folder"} | {"heatmaps": []}
    with pytest.raises(ValueError, match="inputs: the run reads heatmaps, but no such shard is given"):
        train.run(**words, joints=[], start=[], out=tmp_path / "checkpoint.pt")
    run = posed.settings(inputs={"cubes": "toy"})
    with pytest.raises(ValueError, match="model pose_lstm takes 'heatmap', but the run's inputs name no heatmaps"):
        train.run(**words | {"run": json.dumps(run)}, joints=[], start=[], out=tmp_path / "checkpoint.pt")
