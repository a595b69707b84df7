"""From videos to a shard of features of pieces, against the bare network in one run; memory for an hour of video.

    python benchmarks/bench_pieces.py                 # C3D at 128x171 px, then VGG-19 at 256 px, videos made for it
    python benchmarks/bench_pieces.py --compiled      # compilation among the settings of the bare network
    python benchmarks/bench_pieces.py --hour c3d      # peak memory: one hour of small frames, a narrow network
    python benchmarks/bench_pieces.py --hour vgg:vgg19 --minutes 1

Extraction decodes, squashes, cuts pieces and mirrored ones, describes them and writes fp16 rows to disk. The bare
network gets floats that are cropped and normalised already and whose results nobody keeps; its best setting counts.
Variants take turns; each line has the best round, in pieces a second, by the clock and by the CPU time of the process,
which other jobs on the machine disturb less.
"""

import argparse
import resource
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from bench_cubes import write_videos
from bench_extract import bare, measure
from torch import Tensor, nn

from poseattn.extraction.backbone import build_backbone
from poseattn.extraction.features import write_features
from poseattn.extraction.statuses import Statuses
from poseattn.networks.fuse import for_inference
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages.extract_pieces import fitting_pieces, open_pieces
from poseattn.video.encode import Format, write_video

CPU = torch.device("cpu")
HEADER = {"kind": "pieces", "axes": "piece channel", "units": "1", "recipe": "{}", "code": ""}
GRID = {"stride": 16, "at_least": None, "mirror": "all", "compile": False, "seed": 0, "tap": "fc6"}
CASES: dict[str, dict[str, Any]] = {
    "c3d": {"backbone": "c3d", "arguments": {"mean": [90, 98, 102]}, "size": [128, 171], "length": 16, "batch": 32},
    "vgg:vgg19": {"backbone": "vgg:vgg19", "arguments": {"crop": 224}, "size": 256, "length": 1, "batch": 32},
}


def extract(videos: list[Path], backbone: nn.Module, settings: dict[str, Any], threads: int) -> None:
    """Do what the stage does."""
    rows = [{"clip_id": path.stem, "path": path.name, "start": "", "end": ""} for path in videos]
    clips = open_pieces(videos[0].parent, pd.DataFrame(rows), settings)
    with tempfile.TemporaryDirectory() as folder:
        with ShardWriter(Path(folder) / "a.h5", **HEADER, side={"time": SideArray("piece", "seconds")}) as writer:
            write_features(clips, backbone, settings, threads, writer, Statuses("extract_pieces", len(clips)))


def settings_of(settings: dict[str, Any], batch: int, compiled: bool) -> dict[str, tuple[nn.Module, Tensor]]:
    """Ways to run the bare network, with their input."""
    crop = settings["arguments"].get("crop", 112)
    shape = (batch, 3, 16, crop, crop) if settings["length"] > 1 else (batch, 3, crop, crop)
    layout = torch.channels_last_3d if settings["length"] > 1 else torch.channels_last
    plain, last, rewritten, folded = (build_backbone(settings, None).network for _ in range(4))
    pixels = torch.rand(*shape)
    moved = pixels.to(memory_format=layout)
    ways = {"eager": (plain, pixels), "channels last": (last.to(memory_format=layout), moved)}
    ways |= {"rewritten": (for_inference(rewritten, CPU), moved)}
    return ways | ({"compiled": (torch.compile(for_inference(folded, CPU)), moved)} if compiled else {})


def compare(
    videos: list[Path], settings: dict[str, Any], n_frames: int, rounds: int, threads: int, compiled: bool
) -> None:
    """Measure and print."""
    n_pieces = 2 * len(videos) * (n_frames // settings["stride"])
    fast = build_backbone(settings, None)
    settings = settings | {"batch": fitting_pieces(settings, fast)}
    fast.network = for_inference(fast.network, CPU)
    ways = {
        (way, batch): given
        for batch in sorted({settings["batch"], min(8, n_pieces)})
        for way, given in settings_of(settings, batch, compiled).items()
    }
    runs = {
        f"bare, {way}, {batch} at once": lambda given=given: bare(*given, n_pieces)
        for (way, batch), given in ways.items()
    }
    names = list(runs)
    runs |= {"extraction": lambda: extract(videos, fast, settings, threads)}
    found = measure(runs, n_pieces, rounds)
    for name, (_, batch) in zip(names, ways, strict=True):
        found[name] = found[name] * (-(-n_pieces // batch) * batch) / n_pieces  # what the bare network really gets
    print(f"{settings['backbone']} at {settings['size']} px, {settings['batch']} at once, {threads} threads")
    print(f"{n_pieces} pieces, mirrored ones too, of {len(videos)} videos of {n_frames} frames")
    for way, (clock, cpu) in found.items():
        print(f"  {way:34}{clock:10.2f} pieces/s{cpu:10.2f} by CPU time")
    clock, cpu = found["extraction"] / np.max([found[name] for name in names], axis=0)
    print(f"  extraction / best bare network   {clock:9.2f}{cpu:19.2f} by CPU time", flush=True)


def peak(name: str, minutes: int) -> None:
    """Describe one long video of small frames with a narrow network, and print the most memory that it took."""
    settings = GRID | CASES[name] | {"size": 32, "batch": 32}
    narrow = {"width": 0.02, "crop": 32} | ({"mean": [0, 0, 0]} if name == "c3d" else {"grid": 1})
    settings["arguments"] = narrow
    backbone = build_backbone(settings, None)
    backbone.network = for_inference(backbone.network, CPU)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.avi"
        images = np.random.default_rng(0).integers(0, 256, (16, 48, 64, 3), np.uint8)
        frames = (images[number % 16] for number in range(minutes * 60 * 30))
        write_video(path, frames, 30.0, Format("avi", "mjpeg", "yuvj420p", {}))
        extract([path], backbone, settings, 2)
    rows, megabytes = minutes * 60 * 30 // 16, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {minutes} minutes at 30 frames/s, twice {rows} pieces: peak memory {megabytes:.0f} MiB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backbone", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--videos", type=int, default=2, help="how many are made")
    parser.add_argument("--frames", type=int, default=64, help="frames of each that is made")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="compile the bare network")
    parser.add_argument("--hour", choices=CASES, help="measure memory instead")
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.hour:
        peak(options.hour, options.minutes)
    else:
        with tempfile.TemporaryDirectory() as made:
            files = write_videos(Path(made), options.videos, options.frames)
            for backbone in options.backbone:
                settings = GRID | CASES[backbone]
                compare(files, settings, options.frames, options.rounds, options.threads, options.compiled)
