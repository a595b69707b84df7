"""A run of aLSTM on pieces of four videos, extracted, trained and scored by the real stages."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.stages import evaluate, extract_pieces, train
from tests import toy
from tests.video.rendered import Writer

CLIPS = {"a": 70, "b": 80, "c": 64, "d": 100}
NAMES = ("bright", "dark")
RECIPE = {
    "backbone": "timm:test_resnet", "arguments": {}, "size": 32, "length": 1, "stride": 16, "at_least": None,
    "mirror": "all", "pretrained_by": "x", "weights": "random", "seed": 3, "batch": 16, "compile": False,
}  # fmt: skip


def write_video(path: Path, n_frames: int, brightness: int, seed: int) -> Path:
    writer = Writer(path, "MJPG", 25, (32, 48))
    rng = np.random.default_rng(seed)
    for _ in range(n_frames):
        writer.write(cv2.resize(rng.integers(brightness, brightness + 100, (6, 4, 3), np.uint8), (32, 48)))
    writer.release()
    return path


def make(workflow: Path, **changes: Any) -> Path:
    """Videos in the folder `videos`, features, a checkpoint and scores where the workflow has them; the run's."""
    folder = workflow / "results/runs/toy/toy_alstm/official/seed0"
    (workflow / "videos").mkdir(parents=True)
    rows = []
    for number, (clip_id, length) in enumerate(CLIPS.items()):
        path = write_video(workflow / f"videos/{clip_id}.avi", length, number % 2 * 120, number)
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": clip_id, "path": path.name, "label": str(number % 2)}
        rows.append(row | {"trains": "official" if number else "", "tests": "" if number else "official"})
    write_manifest(pd.DataFrame(rows), workflow / "manifest.tsv")
    write_classes(NAMES, workflow / "classes.txt")
    given = {"root": workflow / "videos", "manifest": workflow / "manifest.tsv", "status": workflow / "status.tsv"}
    given |= {"weights": [], "threads": 1, "device": "cpu", "code": "c0de"}
    for role, stride in (("pieces", 16), ("attended", 8)):
        recipe = json.dumps(RECIPE | {"stride": stride}, sort_keys=True)
        extract_pieces.run(**given, recipe=recipe, out=workflow / f"{role}.h5")
    run = toy.piece_settings(dataset="toy", validation=0.0, epochs=3, test_draws=2, chunk=64, frames=4) | changes
    shared = {"manifest": workflow / "manifest.tsv", "classes": workflow / "classes.txt", "run": json.dumps(run)}
    shared |= dict.fromkeys(("poses", "glimpses", "cubes", "pieces", "attended", "heatmaps"), [])
    shared |= {role: [workflow / f"{role}.h5"] for role in run["inputs"]}
    shared |= {"protocol": "official", "seed": 0, "threads": 1, "device": "cpu", "memory": 100, "code": "c0de"}
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return folder
