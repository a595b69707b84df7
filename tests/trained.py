"""Runs of soft attention and of RPAN on three short videos, extracted, trained and scored by the real stages."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.stages import compute_flow, evaluate, extract_cubes, train
from tests.video.rendered import Writer

CLIPS = {"a #1": 12, "-b": 9, "c": 5}
NAMES = ("bright", "dark")
RECIPE = {
    "frames": {"store": "none", "size": 64}, "backbone": "timm:test_resnet", "arguments": {}, "tap": "layer3",
    "size": 64, "pretrained_by": "x", "weights": "random", "seed": 3, "batch": 7, "compile": False, "mirror": False,
}  # fmt: skip
RUN = {
    "run": "toy_attention", "dataset": "toy", "model": "soft_attention", "inputs": {"cubes": "toy"}, "frames": 4,
    "arguments": {
        "pooling": "attention", "attention": "linear_hidden", "hidden": 6, "layers": 2, "dropout": 0.0,
    },
    "sampling": "windows", "rate": 25, "training_stride": 2, "test_stride": 1, "mirror": False,
    "batch": 4, "epochs": 2, "patience": 2, "learning_rate": 0.1, "drops": [], "loss": "softmax",
    "optimizer": "adam", "grad_clip": None,
    "loss_steps": "sum", "attention_penalty": 0, "weight_decay": 0,
    "validation": 0.0, "validation_by": "clip", "validation_seed": 0, "readout": "mean", "average": "probabilities",
    "note": "",
}  # fmt: skip
FLOW = RECIPE | {
    "flow": {"method": "dis", "size": [64, 96], "bound": 20, "quality": 95}, "backbone": "bn_inception",
    "arguments": {"width": 0.1, "in_channels": 10}, "tap": "inception_4d", "size": [64, 96], "mirror": True,
}  # fmt: skip
del FLOW["frames"]
RPAN = RUN | {
    "model": "rpan", "sampling": "even", "test_draws": 1, "mirror": True, "readout": "last",
    "arguments": {
        "parts": "penn_action", "sharing": "all", "pooling": "concat", "hidden": 6, "attention_size": 4, "dropout": 0.0,
    },
}  # fmt: skip


def make(workflow: Path, recipe: dict[str, Any] = RECIPE, run: dict[str, Any] = RUN) -> Path:
    """Videos in the folder `videos`, features, a checkpoint and scores where the workflow has them; the run's."""
    folder = workflow / "results/runs/toy/toy_attention/groups/seed0"
    (workflow / "videos").mkdir(parents=True)
    rows = []
    for number, (clip_id, length) in enumerate(CLIPS.items()):
        path = workflow / f"videos/{clip_id}.avi"
        writer = Writer(path, "MJPG", 25, (96, 64))
        rng = np.random.default_rng(number)
        for _ in range(length):
            writer.write(cv2.resize(rng.integers(number % 2 * 128, 256, (4, 6, 3), np.uint8), (96, 64)))
        writer.release()
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": clip_id, "path": path.name, "label": str(number % 2)}
        rows.append(row | {"trains": "groups" if number else "all", "tests": "" if number else "groups"})
    write_manifest(pd.DataFrame(rows), workflow / "manifest.tsv")
    write_classes(NAMES, workflow / "classes.txt")
    cubes, flow = workflow / "cubes.h5", []
    given = {"root": workflow / "videos", "manifest": workflow / "manifest.tsv", "status": workflow / "status.tsv"}
    given |= {"weights": [], "threads": 1, "device": "cpu", "code": "c0de"}
    if "flow" in recipe:
        flow = [workflow / "flow.h5"]
        compute_flow.run(recipe=json.dumps(recipe["flow"], sort_keys=True), out=flow[0], **given)
    given["uses"] = [workflow / "manifest.tsv"] if recipe["mirror"] else []
    extract_cubes.run(frames=flow, heatmaps=[], recipe=json.dumps(recipe), out=cubes, **given)
    shared = {
        "manifest": workflow / "manifest.tsv", "classes": workflow / "classes.txt", "poses": [], "glimpses": [],
        "cubes": [cubes], "pieces": [], "attended": [], "heatmaps": [],
        "run": json.dumps(run), "protocol": "groups", "seed": 0, "threads": 1, "device": "cpu",
        "memory": 100, "code": "c0de",
    }  # fmt: skip
    train.run(**shared, joints=[], start=[], out=folder / "checkpoint.pt")
    evaluate.run(**shared, checkpoint=folder / "checkpoint.pt", split="test", out=folder / "scores.h5")
    return folder
