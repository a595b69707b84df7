"""A toy data set for tests of training: clips whose class is the mean of their features, in shards written by hand."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from poseattn.shards import ShardWriter, SideArray

CLASSES = ("low", "middle", "high")


def install(name: str = "toy") -> None:
    """Make `poseattn.datasets.<name>`: cameras 2 and 3 train; protocol `no_training` and `no_test` lack a part."""
    module = ModuleType(f"poseattn.datasets.{name}")
    module.CLASSES = CLASSES
    module.official_split = official_split
    sys.modules[module.__name__] = module


def official_split(manifest: pd.DataFrame, protocol: str) -> pd.Series:
    test = {"cross_view": manifest.camera == 1, "no_training": manifest.camera > 0, "no_test": manifest.camera < 0}
    return test[protocol].map({True: "test", False: "train"})


def write_manifest(path: Path, n_clips: int, excluded: dict[str, str] | None = None) -> pd.DataFrame:
    """Clips clip000, clip001, ...: class number % 3, camera number // 3 % 3 + 1."""
    number = np.arange(n_clips)
    clips = pd.DataFrame(
        {"clip_id": [f"clip{i:03d}" for i in number], "path": "", "pose_path": "", "label": number % 3}
    )
    clips = clips.assign(subject=1, camera=number // 3 % 3 + 1, setup=1, repetition=1, fps=30.0)
    clips["excluded"] = [(excluded or {}).get(clip_id, "") for clip_id in clips.clip_id]
    clips.to_csv(path, sep="\t", index=False)
    return clips


def clip_length(number: int) -> int:
    return 7 + number % 5


def write_poses(path: Path, numbers: list[int], extra_frames: int = 0, scale: float = 1.0) -> Path:
    """Two bodies whose joints wander around a place that tells the class; every fourth clip has one body only."""
    side = {"presence": SideArray("frame body", "1")}
    with ShardWriter(
        path, kind="poses", axes="frame body joint xyz", units="metres", recipe="{}", code="c0de", side=side
    ) as shard:
        for number in numbers:
            rng = np.random.default_rng(number)
            length = clip_length(number) + extra_frames
            pose = rng.normal(size=(length, 2, 25, 3)) * 0.1
            pose[:, :, 5] += number % 3
            presence = np.ones((length, 2), np.uint8)
            presence[:, 1] = number % 4 != 0
            pose *= presence[:, :, None, None]
            pose *= scale
            shard.append(f"clip{number:03d}", pose.astype(np.float32), presence=presence)
    return path


def write_glimpses(path: Path, numbers: list[int], weights: str = "random") -> Path:
    """Features of four hands, five channels, of which the first two tell the class."""
    side = {"mask": SideArray("frame hand", "1")}
    with ShardWriter(
        path,
        kind="glimpses",
        axes="frame hand channel",
        units="1",
        recipe="{}",
        code="c0de",
        side=side,
        attrs={"weights": weights, "backbone": "toy", "device": "cpu"},
    ) as shard:
        for number in numbers:
            rng = np.random.default_rng(1000 + number)
            glimpse = rng.normal(size=(clip_length(number), 4, 5)) * 0.3
            glimpse[:, :, :2] += [[number % 3, (number + 1) % 3]]
            mask = np.ones(glimpse.shape[:2], np.uint8)
            shard.append(f"clip{number:03d}", glimpse.astype(np.float16), mask=mask)
    return path


def settings(**changes: Any) -> dict[str, Any]:
    """A complete run on poses: a small deep GRU."""
    run = {
        "run": "toy_gru",
        "dataset": "toy_synthetic",
        "layout": "toy",
        "model": "deep_gru",
        "arguments": {"hidden": 8, "layers": 1, "dropout": 0.0},
        "inputs": {"poses": "kinect"},
        "center": "per_frame",
        "differences": "native",
        "frames": 4,
        "sampling": "segments",
        "test_draws": 3,
        "batch": 8,
        "epochs": 3,
        "patience": 10,
        "learning_rate": 0.01,
        "validation": 0.2,
        "validation_seed": 0,
        "readout": "mean",
        "note": "",
    }
    return run | changes


def hand_settings(**changes: Any) -> dict[str, Any]:
    """A complete run on poses and glimpses: a small STA-Hands."""
    arguments = {"hands": "pose", "temporal": True, "hidden": 8, "dropout": 0.5, "spatial_hidden": 6}
    arguments |= {"temporal_hidden": 4, "frames": 4}
    run = settings(run="toy_hands", model="sta_hands", arguments=arguments)
    return run | {"inputs": {"poses": "kinect", "glimpses": "hands"}} | changes
