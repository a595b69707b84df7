"""A toy data set for tests of training: clips whose class is the mean of their features, in shards written by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poseattn import files
from poseattn.clips import manifest
from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import mirrored_of

CLASSES = ("low", "middle", "high")


def write_classes(path: Path) -> Path:
    manifest.write_classes(CLASSES, path)
    return path


def write_manifest(path: Path, n_clips: int, excluded: dict[str, str] | None = None) -> pd.DataFrame:
    """Clips clip000, clip001, ...: class number % 3; a third tests in `cross_view`, all in `no_training`."""
    rows = []
    for number in range(n_clips):
        tests = number // 3 % 3 == 0
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": f"clip{number:03d}", "label": str(number % 3)}
        row |= {"trains": "no_test" if tests else "cross_view no_test", "group": f"group{number % 7}"}
        row |= {"tests": "cross_view no_training" if tests else "no_training"}
        rows.append(row | {"excluded": (excluded or {}).get(row["clip_id"], "")})
    clips = pd.DataFrame(rows)
    files.write_sealed(path, clips.to_csv(sep="\t", index=False))
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


def write_glimpses(path: Path, numbers: list[int], weights: str = "random", sha256: str = "") -> Path:
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
        attrs={"weights": weights, "backbone": "toy", "device": "cpu"} | ({"weights_sha256": sha256} if sha256 else {}),
    ) as shard:
        for number in numbers:
            rng = np.random.default_rng(1000 + number)
            glimpse = rng.normal(size=(clip_length(number), 4, 5)) * 0.3
            glimpse[:, :, :2] += [[number % 3, (number + 1) % 3]]
            mask = np.ones(glimpse.shape[:2], np.uint8)
            shard.append(f"clip{number:03d}", glimpse.astype(np.float16), mask=mask)
    return path


def write_pieces(path: Path, numbers: list[int], stride: int = 16, channels: int = 6, name: str = "toy") -> Path:
    """Clips of 200 to 232 frames and their twins; in frames 96 to 127 the first three channels tell the class."""
    recipe = json.dumps({"length": 16, "stride": stride, "backbone": name})
    side = {"time": SideArray("piece", "seconds")}
    header = {"kind": "pieces", "axes": "piece channel", "units": "1", "recipe": recipe, "code": "c0de", "side": side}
    with ShardWriter(path, **header, attrs={"weights": "random", "backbone": name, "device": "cpu"}) as shard:
        for number in numbers:
            rng = np.random.default_rng([2000 + number, stride, channels])
            n_rows = piece_frames(number) // stride
            for clip_id in (f"clip{number:03d}", mirrored_of(f"clip{number:03d}")):
                pieces = rng.normal(size=(n_rows, channels)) * 0.2
                pieces[96 // stride : 128 // stride, number % 3] += 2
                shard.append(clip_id, pieces.astype(np.float16), time=np.arange(n_rows) * stride / 25)
    return path


def piece_frames(number: int) -> int:
    return 200 + 8 * (number % 5)


def piece_settings(**changes: Any) -> dict[str, Any]:
    """A complete run on pieces: a small aLSTM."""
    arguments = {"attend": "every", "hidden": 8, "match_size": 6, "dropout": 0.0}
    run = settings(run="toy_alstm", model="alstm", arguments=arguments, inputs={"pieces": "toy", "attended": "toy"})
    run |= {"sampling": "chunks", "chunk": 192, "frames": 12, "mirror": True, "test_mirror": True, "test_draws": 4}
    run |= {"average": "probabilities", "stop_by": "loss", "learning_rate": 0.02}
    return run | changes


def settings(**changes: Any) -> dict[str, Any]:
    """A complete run on poses: a small deep GRU."""
    run = {
        "run": "toy_gru",
        "dataset": "toy_synthetic",
        "model": "deep_gru",
        "arguments": {"hidden": 8, "layers": 1, "dropout": 0.0},
        "inputs": {"poses": "kinect"},
        "center": "per_frame",
        "differences": "native",
        "derivatives": 0,
        "frames": 4,
        "sampling": "segments",
        "mirror": False,
        "test_draws": 3,
        "batch": 8,
        "epochs": 3,
        "patience": 10,
        "learning_rate": 0.01,
        "drops": [],
        "optimizer": "adam",
        "grad_clip": None,
        "loss": "softmax",
        "loss_steps": "mean",
        "attention_penalty": 0,
        "weight_decay": 0,
        "validation": 0.2,
        "validation_by": "clip",
        "validation_seed": 0,
        "readout": "mean",
        "average": "logits",
        "note": "",
    }
    return run | changes


def hand_settings(**changes: Any) -> dict[str, Any]:
    """A complete run on poses and glimpses: a small STA-Hands."""
    arguments = {"hands": "pose", "temporal": True, "hidden": 8, "dropout": 0.5, "spatial_hidden": 6}
    arguments |= {"temporal_hidden": 4, "frames": 4}
    run = settings(run="toy_hands", model="sta_hands", arguments=arguments)
    return run | {"inputs": {"poses": "kinect", "glimpses": "hands"}} | changes
