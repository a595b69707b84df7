"""From images to a shard of heatmaps by a stacked hourglass, against the bare network, all in one run.

    python benchmarks/bench_heatmaps.py --compiled --compile              # two stacks of 256 features at 256 px
    python benchmarks/bench_heatmaps.py --compiled --compile --stacks 8   # the published network

Estimation decodes JPEG images of 400x300 pixels, cuts a square out of each, draws its maps and writes float16 to
disk. The bare network gets floats that are normalised already and whose results nobody keeps; its best setting counts,
compilation among them where asked for. Variants take turns; each line has the best round, in images a second, by the
clock and by the CPU time of the process, which other jobs on the machine disturb less.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from bench_extract import bare, measure
from torch import Tensor, nn

from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.extraction.backbone import build_backbone
from poseattn.extraction.describe import fitting_batch
from poseattn.extraction.heatmaps import draw_maps, end_clip
from poseattn.extraction.statuses import Statuses
from poseattn.networks.fuse import for_inference
from poseattn.shards.shard import ShardWriter
from poseattn.stages.estimate_heatmaps import SIDE

CPU = torch.device("cpu")
HEADER = {"kind": "heatmaps", "axes": "frame joint row col", "units": "1", "recipe": "{}", "code": "", "side": SIDE}


def write_images(folder: Path, count: int) -> pd.DataFrame:
    """Images, and rows of a manifest that name them."""
    rows = []
    for number in range(count):
        image = cv2.resize(np.random.default_rng(number).integers(0, 256, (12, 16, 3), np.uint8), (400, 300))
        cv2.imwrite(str(folder / f"{number}.jpg"), image)
        rows.append(dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": str(number), "path": f"{number}.jpg"})
    return pd.DataFrame(rows)


def estimate(root: Path, asked: pd.DataFrame, network: nn.Module, settings: dict, threads: int) -> None:
    """Do what the stage does."""
    statuses = Statuses("estimate_heatmaps", len(asked))
    with tempfile.TemporaryDirectory() as folder, ShardWriter(Path(folder) / "a.h5", **HEADER) as writer:
        for maps in draw_maps(root, asked, [], network, settings, threads):
            if len(maps.heatmap):
                writer.extend(maps.clip_id, maps.heatmap, time=maps.time, square=maps.square, size=maps.size)
            if maps.end is not None:
                end_clip(maps, 1, writer, statuses)


@torch.no_grad()
def settings_of(settings: dict, batch: int, compiled: bool) -> dict[str, tuple[nn.Module, Tensor]]:
    """Ways to run the bare network, with their input."""
    plain, layout, rewritten, folded = (build_backbone(settings, None).network for _ in range(4))
    pixels = torch.rand(batch, 3, settings["size"], settings["size"])
    last = pixels.to(memory_format=torch.channels_last)
    ways = {"eager": (plain, pixels), "channels last": (layout.to(memory_format=torch.channels_last), last)}
    ways |= {"rewritten": (for_inference(rewritten, CPU), last)}
    return ways | ({"compiled": (torch.compile(for_inference(folded, CPU), dynamic=False), last)} if compiled else {})


def compare(count: int, settings: dict, rounds: int, threads: int, compiled: bool) -> None:
    """Measure and print."""
    batch = fitting_batch(settings["batch"], settings["size"], CPU)
    n_images = -(-count // batch) * batch
    fast = build_backbone(settings, None)
    fast.network = for_inference(fast.network, CPU)
    ways = settings_of(settings, batch, compiled)
    with tempfile.TemporaryDirectory() as folder:
        asked = write_images(Path(folder), n_images)
        runs = {f"bare, {way}": lambda given=given: bare(*given, n_images) for way, given in ways.items()}
        runs |= {"estimation": lambda: estimate(Path(folder), asked, fast, settings, threads)}
        found = measure(runs, n_images, rounds)
    print(f"{settings['arguments']} at {settings['size']} px, {n_images} images, batches of {batch}, {threads} threads")
    for way, (clock, cpu) in found.items():
        print(f"  {way:24}{clock:10.2f} images/s{cpu:10.2f} by CPU time")
    best = np.max([found[f"bare, {way}"] for way in ways], axis=0)
    for name, speeds in {"best bare network": best, "eager bare network": found["bare, eager"]}.items():
        clock, cpu = found["estimation"] / speeds
        print(f"  estimation / {name:22}{clock:6.2f}{cpu:18.2f} by CPU time", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stacks", type=int, default=2)
    parser.add_argument("--features", type=int, default=256)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--images", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="compile the bare network")
    parser.add_argument("--compile", action="store_true", help="compile the network of the estimation too")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    chosen = {"backbone": "hourglass", "arguments": {"stacks": options.stacks, "features": options.features}, "seed": 0}
    chosen |= {"size": options.size, "batch": options.batch, "compile": options.compile, "crop": "whole"}
    compare(options.images, chosen, options.rounds, options.threads, options.compiled)
