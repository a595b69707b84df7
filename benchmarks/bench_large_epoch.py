"""An epoch of soft_attention over cubes that do not fit into memory: how busy is the processor, at what memory.

    sudo python benchmarks/bench_large_epoch.py [--frames 40000] [--memory 2500] [--batch 32] [--threads 2]

A process of its own trains for an epoch inside a control group whose memory, page cache included, is limited to
`--memory` MiB; the shards are larger, and dropped from memory before. `busy` is the share of time in which the loop was
not waiting for a batch, `read_mib` what came from the disk.
Making a control group needs root.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from bench_loading import Forgotten, Timed

from poseattn.inputs.features import load_features
from poseattn.models.soft_attention import Model
from poseattn.networks.device import set_threads
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.shards.shard_set import ShardSet
from poseattn.training.train import TrainingClips, fit

FRAMES_OF_CLIP, N_SHARDS, RATE = 200, 4, 30
RUN = {
    "frames": 30,
    "sampling": "windows",
    "mirror": False,
    "rate": RATE,
    "training_stride": 30,
    "epochs": 1,
    "patience": 1,
}
RUN |= {
    "learning_rate": 2e-4,
    "drops": [],
    "optimizer": "adam",
    "grad_clip": None,
    "loss": "softmax",
    "loss_steps": "sum",
    "attention_penalty": 0,
    "weight_decay": 1e-5,
}
RUN |= {"weight_decay": 1e-5, "average": "probabilities", "readout": "mean"}
ARGUMENTS = {"pooling": "attention", "attention": "linear_hidden", "hidden": 512, "layers": 3, "dropout": 0.5}


@contextmanager
def limited_group(mebibytes: int) -> Iterator[Path]:
    """A control group (version 1 or 2) whose processes together get so much memory and no swap."""
    root = Path("/sys/fs/cgroup")
    is_old = (root / "memory").is_dir()
    group = root / ("memory" if is_old else "") / f"poseattn_{os.getpid()}"
    group.mkdir()
    try:
        (group / ("memory.limit_in_bytes" if is_old else "memory.max")).write_text(str(mebibytes << 20))
        (group / ("memory.swappiness" if is_old else "memory.swap.max")).write_text("0")
        yield group
    finally:
        group.rmdir()


def write_shards(folder: Path, n_frames: int) -> list[Path]:
    """Cubes of random numbers, 100 KB a frame."""
    rng = np.random.default_rng(0)
    paths = [folder / f"{number:03d}.h5" for number in range(N_SHARDS)]
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}
    for path in paths:
        with ShardWriter(path, **header, side={"time": SideArray("frame", "seconds")}) as writer:
            for clip in range(n_frames // N_SHARDS // FRAMES_OF_CLIP):
                cubes = rng.random((FRAMES_OF_CLIP, 7, 7, 1024), dtype=np.float32).astype(np.float16)
                writer.append(f"{path.stem}_{clip}", cubes, time=np.arange(FRAMES_OF_CLIP) / RATE)
    for path in paths:
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # this process's cache has no limit
    return paths


def read_from_disk() -> int:
    """Bytes that this process made the disk read."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["read_bytes"])


def train(paths: list[Path], batch: int, threads: int) -> None:
    """Train for an epoch and print what it took."""
    set_threads(threads)
    shards = {"cubes": ShardSet(paths, "cubes")}
    clip_ids, place = sorted(shards["cubes"].clip_ids), torch.device("cpu")
    run = RUN | {"batch": batch}
    features = Timed(load_features(clip_ids, shards, ["cube"], run, place, budget=0))
    label = torch.eye(11)[torch.arange(len(clip_ids)) % 11]
    clips = TrainingClips(features, label, np.arange(len(clip_ids)), np.empty(0, np.int64))
    torch.manual_seed(0)
    model = Model(n_classes=11, channels=1024, locations=49, **ARGUMENTS)
    start, before = time.perf_counter(), read_from_disk()
    fit(model, clips, run, 0, Forgotten(paths[0].with_name("resume.pt"), {}))
    seconds = time.perf_counter() - start
    steps = -(-len(clip_ids) * (FRAMES_OF_CLIP // 30) // batch)
    report = {"steps": steps, "s_per_step": round(seconds / steps, 3), "busy": round(1 - features.waited / seconds, 4)}
    report |= {"read_mib": (read_from_disk() - before) >> 20}
    report |= {"peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    sys.stdout.write(json.dumps(report) + "\n")


def main() -> None:
    """Write the shards, then train in a process whose memory is limited."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=40000)
    parser.add_argument("--memory", type=int, default=2500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shards", type=Path, nargs="*", help="train on these, in this process")
    given = parser.parse_args()
    if given.shards:
        train(given.shards, given.batch, given.threads)
        return
    with tempfile.TemporaryDirectory() as folder, limited_group(given.memory) as group:
        paths = write_shards(Path(folder), given.frames)
        size = sum(path.stat().st_size for path in paths) >> 20
        sys.stdout.write(json.dumps({"shards_mib": size, "limit_mib": given.memory}) + "\n")
        sys.stdout.flush()
        words = [sys.executable, __file__, "--batch", str(given.batch), "--threads", str(given.threads), "--shards"]
        inside = ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(group / "cgroup.procs"), *words, *map(str, paths)]
        subprocess.run(inside, check=True)


if __name__ == "__main__":
    main()
