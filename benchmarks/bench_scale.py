"""Planning, manifests and extraction at any number of clips: what each costs, and that a clip costs the same in all.

    python benchmarks/bench_scale.py plan 57000 1000000      # snakemake dry run and manifests of a user's own list
    python benchmarks/bench_scale.py extract 1000 57000      # one shard of so many tiny clips, with a stub backbone

A user's list names parts of videos, 100 of each. Seconds are those of the processor, of the process and what it
started, so that they hold on a machine that others use as well; memory is the most that a process had.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
import yaml
from torch import Tensor, nn

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_manifest, write_manifest
from poseattn.stages import extract_cubes
from poseattn.video.encode import Format, write_video

ROOT = Path(__file__).parents[1]
PARTS = 100  # clips of a video
SIZE, CHANNELS, FRAMES = 8, 4, 4  # of a tiny clip


class Cost(NamedTuple):
    """Seconds of the processor and MiB at most."""

    seconds: float
    memory: float


# Runs a command and writes what it used; to what this process starts itself, Linux adds the memory of this process.
_WATCH = """
import json, os, sys
pid = os.spawnvp(os.P_NOWAIT, sys.argv[2], sys.argv[2:])
_, status, used = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024], file)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def cost_of(command: list[str], folder: Path) -> Cost:
    """Run a command to its end; an error ends the benchmark."""
    watched = [sys.executable, "-c", _WATCH, "used.json", *command]
    done = subprocess.run(watched, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-3000:])
    return Cost(*json.loads((folder / "used.json").read_text()))


def list_clips(folder: Path, n_clips: int) -> None:
    """Write empty videos, and a list of parts of them."""
    (folder / "data").mkdir()
    lines = ["path,label,split,start,end"]
    for number in range(n_clips):
        video, part = divmod(number, PARTS)
        if part == 0:
            (folder / f"data/{video:06d}.avi").touch()
        split = "test" if video % 5 == 0 else "train"
        lines.append(f"{video:06d}.avi,class{number % 60:02d},{split},{part},{part + 1}")
    (folder / "data/clips.csv").write_text("\n".join(lines) + "\n")
    own = {"layout": "csv", "root": "data", "manifest": "clips.csv", "weights": "random", "shards": 50}
    shipped = yaml.safe_load((ROOT / "config.yaml").read_text())
    (folder / "config.yaml").write_text(yaml.safe_dump(shipped | {"datasets": {"mine": own}}))


def plan(n_clips: int) -> None:
    """Dry run of all that comes before training on a user's list, one manifest of 50, and that of all clips."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        list_clips(folder, n_clips)
        snakemake = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2"]
        targets = [f"results/cubes/mine/googlenet/{shard:03d}.h5" for shard in range(50)]
        report("dry run", n_clips, cost_of([*snakemake, *targets, "--dry-run", "--quiet", "all"], folder))
        stage = [sys.executable, "-m", "poseattn", "build-manifest", "--root", "data", "--layout", "csv"]
        files = ["--files", '{"video": "clips.csv"}', "--lists", '["clips.csv"]', "--with-missing", "0"]
        shard = ["--shard", "7", "--n-shards", "50", "--out", "shard.tsv"]
        report("manifest of one shard", n_clips, cost_of([*stage, *files, *shard], folder))
        again = [sys.executable, __file__, "copy", str(n_clips)]
        report("manifest of all written and read", n_clips, cost_of(again, folder))


def copy_manifest(n_clips: int) -> None:
    """Write and read a manifest of so many clips in the present folder."""
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "7", "group": "P001", "trains": "cross_subject"}
    clips = pd.DataFrame({name: [value] * n_clips for name, value in row.items()})
    clips["clip_id"] = [f"S001C001P001R001A{number:07d}" for number in range(n_clips)]
    clips["path"] = "nturgb+d_rgb/" + clips.clip_id + "_rgb.avi"
    write_manifest(clips, Path("all.tsv"))
    if len(read_manifest(Path("all.tsv"))) != n_clips:
        raise SystemExit("clips are missing")


class Stub(nn.Module):
    """A backbone that costs nothing: means over the image."""

    input_shape = (SIZE, SIZE, 3)

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(CHANNELS))

    def forward(self, images: Tensor) -> Tensor:
        """(b, CHANNELS)."""
        return images.float().mean(dim=(1, 2, 3))[:, None] * self.scale


def extract(n_clips: int) -> None:
    """Cubes of so many tiny clips, all hard links to one video, in one shard."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rng = np.random.default_rng(0)
        images = rng.integers(0, 256, (FRAMES, 16, 16, 3), np.uint8)
        write_video(folder / "v.avi", images, 25.0, Format("avi", "mjpeg", "yuvj420p", {}))
        columns = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "trains": "listed", "path": "v.avi"}
        clips = pd.DataFrame({column: [value] * n_clips for column, value in columns.items()})
        write_manifest(clips.assign(clip_id=[f"clip{number:06d}" for number in range(n_clips)]), folder / "m.tsv")
        report("extraction of one shard", n_clips, cost_of([sys.executable, __file__, "shard", str(n_clips)], folder))


def extract_here(n_clips: int) -> None:
    """The stage on the manifest in the present folder; a shard of no clip costs what the start costs."""
    extract_cubes.ready_backbone = lambda recipe, files, threads, device: (Stub(), (CHANNELS,), {"weights": "random"})
    recipe = {"frames": {"store": "none", "size": SIZE}, "backbone": "stub", "mirror": False, "size": SIZE}
    recipe |= {"batch": 32, "compile": False, "weights": "random"}
    paths = {"root": Path(), "manifest": Path("m.tsv"), "out": Path("cubes.h5"), "status": Path("status.tsv")}
    options = {"uses": [], "frames": [], "heatmaps": [], "weights": [], "threads": 1, "device": "cpu", "code": ""}
    extract_cubes.run(**paths, **options, recipe=json.dumps(recipe))


def report(what: str, n_clips: int, cost: Cost) -> None:
    """One line."""
    per_clip = f"{1000 * cost.seconds / n_clips:8.3f} ms a clip"
    sys.stdout.write(f"{n_clips:9d} clips, {what}: {cost.seconds:7.2f} s, {per_clip}, {cost.memory:6.0f} MiB\n")
    sys.stdout.flush()


def main() -> None:
    """Measure what the arguments name."""
    kinds = {"plan": plan, "extract": extract, "copy": copy_manifest, "shard": extract_here}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=kinds, help="`copy` and `shard` are parts of the others")
    parser.add_argument("clips", type=int, nargs="+")
    arguments = parser.parse_args()
    for n_clips in arguments.clips:
        kinds[arguments.kind](n_clips)


if __name__ == "__main__":
    main()
