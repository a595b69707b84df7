"""A toy data set of images with cubes and heatmaps of joints, of which only the latter tell the class."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.files import write_sealed
from poseattn.shards.shard import ShardWriter, SideArray
from tests import toy

N_IMAGES, EDGE, JOINTS, CHANNELS = 45, 8, 16, 9


def row_of(number: int) -> int:
    """Row of the map where the joints of an image lie: its class, and so the only thing that tells it."""
    return 1 + 3 * (number % 3)


def write_images(folder: Path) -> dict[str, Any]:
    """Images, manifest, classes, and the shards of cubes and heatmaps; a third tests and a sixth validates."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(N_IMAGES):
        cv2.imwrite(str(folder / f"clip{number:03d}.png"), rng.integers(0, 256, (40, 60, 3), np.uint8))
        use = "tests" if number % 15 < 5 else "validates" if number % 15 < 8 else "trains"
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": f"clip{number:03d}", "path": f"clip{number:03d}.png"}
        rows.append(row | {"label": str(number % 3), "group": f"clip{number:03d}", use: "all_official"})
    write_sealed(folder / "toy.tsv", pd.DataFrame(rows).to_csv(sep="\t", index=False))
    header = {"units": "1", "recipe": '{"size": 32}', "code": "c0de"}
    attrs, time = {"weights": "random"}, {"time": SideArray("frame", "seconds")}
    with ShardWriter(
        folder / "cubes.h5", kind="cubes", axes="frame row col channel", side=time, attrs=attrs, **header
    ) as shard:
        for number in range(N_IMAGES):
            cube = rng.normal(size=(1, 2, 2, CHANNELS)).astype(np.float16)
            shard.append(f"clip{number:03d}", cube, time=np.zeros(1))
    side = time | {"square": SideArray("frame corner", "pixels"), "size": SideArray("frame extent", "pixels")}
    with ShardWriter(
        folder / "heatmaps.h5", kind="heatmaps", axes="frame joint row col", side=side, attrs=attrs, **header
    ) as shard:
        for number in range(N_IMAGES):
            heatmap = np.zeros((1, JOINTS, EDGE, EDGE), np.float16)
            heatmap[0, np.arange(JOINTS), row_of(number), rng.integers(0, EDGE, JOINTS)] = 1
            square, size = np.array([[0, -10, 60, 50]], np.float32), np.array([[40, 60]], np.int32)
            shard.append(f"clip{number:03d}", heatmap, time=np.zeros(1), square=square, size=size)
    given = {"manifest": folder / "toy.tsv", "classes": toy.write_classes(folder / "classes.txt")}
    given |= dict.fromkeys(("poses", "glimpses", "pieces", "attended"), [])
    given |= {"cubes": [folder / "cubes.h5"], "heatmaps": [folder / "heatmaps.h5"], "run": json.dumps(settings())}
    return given | {"protocol": "all_official", "seed": 0, "threads": 1, "device": "cpu", "memory": 500, "code": "c"}


def settings(**changes: Any) -> dict[str, Any]:
    """A complete run of a small stack whose lowest cell starts in the pose."""
    run = toy.settings(run="toy_init", model="pose_lstm", inputs={"cubes": "toy", "heatmaps": "toy"})
    run["arguments"] = {
        "hidden": EDGE * EDGE, "depth": 3, "cell": "lstm", "reduction": "reshape_resize", "num_steps": 1,
        "bias": True, "attention": False, "dropout": 0.0, "embedding": False,
    }  # fmt: skip
    run |= {"frames": 1, "sampling": "even", "test_draws": 1, "batch": 12, "iterations": 15, "epochs": 8}
    run |= {"optimizer": "rmsprop", "smoothing": 0.95, "learning_rate": 0.003, "grad_clamp": 5, "keep": "last"}
    return run | {"loss": "logistic", "patience": 8, "validation": 0.1} | changes
