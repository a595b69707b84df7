"""Share of training time that goes into loading: sta_hands_pose at paper size, features on the device and on disk.

    python benchmarks/bench_loading.py [--device cuda] [--clips 320] [--threads 2]

One process trains on the same clips three times: on one batch that is never reloaded, on features kept on the device,
and on features read from the shard. `waiting` is the time in which the loop had no batch; `overhead` compares with the
first way, so that what a background thread takes from the others counts as well.
"""

import argparse
import itertools
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from poseattn.inputs.features import load_features
from poseattn.models.sta_hands import Model
from poseattn.networks.device import device_name, pick_device, set_threads
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet
from poseattn.training.checkpoint import SideFile
from poseattn.training.train import TrainingClips, fit

FRAMES_OF_CLIP = 70
RUN = {
    "center": "per_frame",
    "differences": "native",
    "derivatives": 0,
    "frames": 20,
    "sampling": "segments",
    "mirror": False,
    "batch": 32,
}
RUN |= {
    "epochs": 1,
    "patience": 1,
    "learning_rate": 1e-4,
    "drops": [],
    "optimizer": "adam",
    "grad_clip": None,
    "test_draws": 1,
}
RUN |= {"loss": "softmax", "loss_steps": "mean", "attention_penalty": 0, "weight_decay": 0, "average": "logits"}
ARGUMENTS = {"hands": "pose", "temporal": True, "hidden": 1024, "dropout": 0.5, "spatial_hidden": 256}


class Timed:
    """Features whose windows are timed; given a batch, that one is repeated instead."""

    def __init__(self, features, repeated=None):
        self.features, self.timeline, self.device = features, features.timeline, features.device
        self.repeated = repeated
        self.waited = 0.0

    def windows(self, clips, frames, size):
        """Windows of the clips, or one batch over and over; see `Features.windows`."""
        if self.repeated is not None:
            yield from itertools.repeat(self.repeated, len(range(0, len(clips), size)))
            return
        windows = self.features.windows(clips, frames, size)
        while True:
            start = time.perf_counter()
            window = next(windows, None)
            self.waited += time.perf_counter() - start
            if window is None:
                return
            yield window


def write_shards(folder: Path, n_clips: int) -> dict[str, ShardSet]:
    """Shards of random features of the size that Inception-v3 gives, and of random poses."""
    rng = np.random.default_rng(0)
    made = {"units": "1", "recipe": "{}", "code": ""}
    hands = {"side": {"mask": SideArray("frame hand", "1")}, "axes": "frame hand channel"}
    bodies = {"side": {"presence": SideArray("frame body", "1")}, "axes": "frame body joint xyz"}
    with (
        ShardWriter(folder / "glimpses.h5", kind="glimpses", **hands, **made) as glimpses,
        ShardWriter(folder / "poses.h5", kind="poses", **bodies, **made) as poses,
    ):
        for clip in range(n_clips):
            glimpse = rng.random((FRAMES_OF_CLIP, 4, 2048), dtype=np.float32).astype(np.float16)
            glimpses.append(f"clip{clip:05d}", glimpse, mask=np.ones((FRAMES_OF_CLIP, 4), np.uint8))
            pose = rng.random((FRAMES_OF_CLIP, 2, 25, 3), dtype=np.float32)
            poses.append(f"clip{clip:05d}", pose, presence=np.ones((FRAMES_OF_CLIP, 2), np.uint8))
    return {
        "glimpses": ShardSet([folder / "glimpses.h5"], "glimpses"),
        "poses": ShardSet([folder / "poses.h5"], "poses"),
    }


def train_epoch(features: Timed, side_file: SideFile) -> float:
    """Seconds of one epoch on all clips, without what is saved after it."""
    n_clips, device = len(features.timeline.length), features.device
    model = Model(n_classes=60, channels=2048, temporal_hidden=32, pose_channels=450, **ARGUMENTS).to(device)
    label = torch.eye(60, device=device)[torch.arange(n_clips, device=device) % 60]
    clips = TrainingClips(features, label, np.arange(n_clips), np.empty(0, np.int64))
    start = time.perf_counter()
    fit(model, clips, RUN, 0, side_file)
    return time.perf_counter() - start


class Forgotten(SideFile):
    """Progress that is not saved."""

    def save(self, progress):
        """Nothing."""


def main() -> None:
    """Time the three ways in turn, several rounds, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--clips", type=int, default=320)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    device = pick_device(given.device)
    set_threads(given.threads)
    with tempfile.TemporaryDirectory() as folder:
        shards = write_shards(Path(folder), given.clips)
        clip_ids = sorted(shards["poses"].clip_ids)
        side_file = Forgotten(Path(folder) / "resume.pt", {})
        resident, on_disk = (
            load_features(clip_ids, shards, Model.inputs, RUN, device, budget) for budget in (1 << 60, 0)
        )
        batch = resident.window(np.arange(32), np.tile(np.arange(20) * 3, (32, 1)))
        ways = {"one batch": Timed(resident, batch), "on the device": Timed(resident), "on disk": Timed(on_disk)}
        train_epoch(ways["on disk"], side_file)
        seconds = {name: [] for name in ways}
        waited = {name: [] for name in ways}
        for _, (name, features) in itertools.product(range(given.repeats), ways.items()):
            features.waited = 0.0
            seconds[name].append(train_epoch(features, side_file))
            waited[name].append(features.waited / seconds[name][-1])
    base = float(np.median(seconds["one batch"]))
    report = {"device": device_name(device), "threads": given.threads, "clips": given.clips}
    for name in ways:
        total = float(np.median(seconds[name]))
        share = {"waiting": round(float(np.median(waited[name])), 4), "overhead": round(1 - base / total, 4)}
        report[name] = {"ms_per_step": round(total / (given.clips / 32) * 1000, 2)} | share
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
