"""Tool predict on images, for a stack that starts in the pose: scores are those of the pipeline."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from poseattn.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.shards import Shard
from poseattn.stages import estimate_heatmaps, evaluate, extract_cubes, predict, train
from tests import posed
from tests.stages.test_estimate_heatmaps import RECIPE as HEATMAPS
from tests.trained import RECIPE

CUBES = RECIPE | {"backbone": "bn_inception", "arguments": {"width": 0.0625}, "tap": "inception_5b"}


def _make(workflow: Path, **cubes: object) -> Path:
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
    estimate_heatmaps.run(**given, poses=[], recipe=json.dumps(HEATMAPS, sort_keys=True), out=maps[0])
    below, recipe = maps if "heatmaps" in cubes else [], json.dumps(CUBES | cubes, sort_keys=True)
    extract_cubes.run(**given, frames=[], heatmaps=below, recipe=recipe, out=workflow / "cubes.h5")
    run = posed.settings(dataset="toy", validation=0.0, epochs=2, patience=2, batch=4, iterations=3)
    run |= {"arguments": run["arguments"] | {"reduction": "linear"}}
    shared |= {"classes": workflow / "classes.txt", "run": json.dumps(run), "protocol": "groups", "seed": 0}
    shared |= dict.fromkeys(("poses", "glimpses", "pieces", "attended"), [])
    shared |= {"cubes": [workflow / "cubes.h5"], "heatmaps": maps, "memory": 100}
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return folder


def test_an_image_gets_the_scores_of_the_pipeline(tmp_path: Path) -> None:
    folder = _make(tmp_path / "workflow")
    images = [tmp_path / f"workflow/images/{number}.png" for number in range(2)]
    predict.run(folder=folder, videos=images, out=tmp_path / "out", threads=1, device="cpu")
    found = json.loads((tmp_path / "out/scores.json").read_text())
    with Shard(folder / "scores.h5", kind="scores") as shard:
        for number, image in enumerate(images):
            expected = 1 / (1 + np.exp(-shard.clip(str(number))[0].astype(float)))  # logistic: a class for itself
            assert [found[str(image)][name] for name in ("bright", "dark")] == pytest.approx(expected, abs=1e-5)


def test_pictures_with_poses_below_are_refused(tmp_path: Path) -> None:
    folder = _make(tmp_path / "workflow", heatmaps=HEATMAPS)
    with pytest.raises(ValueError, match="the run's cubes show poses below the frames, which predict does not draw"):
        predict.run(folder=folder, videos=[tmp_path / "workflow/images/0.png"], out=tmp_path / "out", device="cpu")
