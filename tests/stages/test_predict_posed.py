"""Tool predict on images, for a stack that starts in the pose: scores are those of the pipeline."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from poseattn.backbones import hourglass
from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.shards.shard import Shard
from poseattn.stages import estimate_heatmaps, evaluate, extract_cubes, train
from poseattn.tools import _trained_runs, predict
from tests import posed
from tests.spots import RECIPE as HEATMAPS
from tests.trained import RECIPE

CUBES = RECIPE | {"backbone": "bn_inception", "arguments": {"width": 0.0625}, "tap": "inception_5b"}


def _make(workflow: Path, model: str, pose_weights: Path | None = None, **cubes: Any) -> Path:
    """Six images, features, a checkpoint and scores where the workflow has them; the run's folder."""
    folder = workflow / "results/runs/toy/toy_init/groups/seed0"
    (workflow / "images").mkdir(parents=True)
    rows = []
    for number in range(6):
        rng = np.random.default_rng(number)
        image = cv2.resize(rng.integers(number % 2 * 128, 256, (4, 6, 3), np.uint8), (96, 64))
        cv2.imwrite(str(workflow / f"images/{number}.png"), image)
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": str(number), "path": f"{number}.png"}
        rows.append(row | {"label": str(number % 2), "tests" if number < 2 else "trains": "groups"})
    write_manifest(pd.DataFrame(rows), workflow / "manifest.tsv")
    write_classes(["bright", "dark"], workflow / "classes.txt")
    shared = {"manifest": workflow / "manifest.tsv", "threads": 1, "device": "cpu", "code": "c0de"}
    given = shared | {"root": workflow / "images", "status": workflow / "status.tsv", "weights": []}
    maps = [workflow / "heatmaps.h5"]
    drawn = json.dumps(cubes.get("heatmaps", HEATMAPS), sort_keys=True)
    drawn_with = [pose_weights] if pose_weights else []
    estimate_heatmaps.run(**given | {"weights": drawn_with}, poses=[], recipe=drawn, out=maps[0])
    below, recipe = maps if "heatmaps" in cubes else [], json.dumps(CUBES | cubes, sort_keys=True)
    extract_cubes.run(**given, uses=[], frames=[], heatmaps=below, recipe=recipe, out=workflow / "cubes.h5")
    run = posed.settings(dataset="toy", validation=0.0, epochs=2, patience=2, batch=4, iterations=3)
    run |= {"model": model, "arguments": run["arguments"] | {"reduction": "linear"}}
    if below:
        run |= {"inputs": {"cubes": "toy"}}
        del run["arguments"]["embedding"]
    shared |= {"classes": workflow / "classes.txt", "run": json.dumps(run), "protocol": "groups", "seed": 0}
    shared |= dict.fromkeys(("poses", "glimpses", "pieces", "attended"), [])
    shared |= {"cubes": [workflow / "cubes.h5"], "heatmaps": maps, "memory": 100}
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return folder


def _predicted(workflow: Path, folder: Path, out: Path) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the test images by `predict`, and those of the pipeline."""
    images = [workflow / f"images/{number}.png" for number in range(2)]
    predict.run(folder=folder, videos=images, out=out, threads=1, device="cpu")
    found = json.loads((out / "scores.json").read_text())
    with Shard(folder / "scores.h5", kind="scores") as shard:
        logits = np.stack([shard.clip(str(number))[0].astype(float) for number in range(2)])
    answers = [[found[str(image)][name] for name in ("bright", "dark")] for image in images]
    return np.array(answers), 1 / (1 + np.exp(-logits))  # logistic: a class for itself


@pytest.mark.parametrize("model", ["pose_lstm", "pose_lstm_concat"])
def test_an_image_gets_the_scores_of_the_pipeline(tmp_path: Path, model: str) -> None:
    cubes = {"heatmaps": HEATMAPS} if model == "pose_lstm_concat" else {}
    folder = _make(tmp_path / "workflow", model, **cubes)
    found, expected = _predicted(tmp_path / "workflow", folder, tmp_path / "out")
    assert found == pytest.approx(expected, abs=1e-5)
    assert abs(np.diff(expected, axis=0)).max() > 1e-3  # the images differ


def test_poses_below_are_drawn_with_the_weights_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow, seed = tmp_path / "workflow", HEATMAPS["seed"]
    network = hourglass.build(weights=None, size=HEATMAPS["size"], seed=seed + 1, **HEATMAPS["arguments"])
    workflow.mkdir()
    torch.save(network.network.state_dict(), workflow / "pose.pt")
    monkeypatch.chdir(workflow)  # where the pipeline runs
    folder = _make(workflow, "pose_lstm_concat", Path("pose.pt"), heatmaps=HEATMAPS | {"weights": "standin"})
    run, used = estimate_heatmaps.run, []

    def spy(**words: Any) -> None:
        used.append(words["weights"])
        run(**words)

    monkeypatch.setattr(estimate_heatmaps, "run", spy)
    found, expected = _predicted(workflow, folder, tmp_path / "out")
    assert found == pytest.approx(expected, abs=1e-5) and used == [[workflow / "pose.pt"]] * 2
    torch.save({}, workflow / "pose.pt")
    with pytest.raises(ValueError, match=r"pose.pt is not the file that the features of the run were made with"):
        _predicted(workflow, folder, tmp_path / "again")
    (workflow / "pose.pt").unlink()
    with pytest.raises(ValueError, match=r"pose.pt, the weights that the features of the run were made with, is miss"):
        _predicted(workflow, folder, tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("model", ["pose_lstm", "pose_lstm_concat"])
def test_a_run_on_annotated_boxes_is_refused(tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _make(tmp_path / "workflow", model, **({"heatmaps": HEATMAPS} if model == "pose_lstm_concat" else {}))
    read = json.loads
    monkeypatch.setattr(_trained_runs.json, "loads", lambda text: read(text.replace('"whole"', '"box"')))
    with pytest.raises(ValueError, match="run toy.* needs boxes of people, which a video alone does not give"):
        _predicted(tmp_path / "workflow", folder, tmp_path / "out")
