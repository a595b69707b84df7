"""Extraction of glimpses against the bare network and the plain loop, all in one run.

    python benchmarks/bench_extract.py                     # all cases, one thread
    python benchmarks/bench_extract.py --compiled          # torch.compile among the settings of the bare network

Extraction goes from crops in memory to a shard on disk. The bare network gets floats that are resized and normalised
already; its best setting counts, and torch.jit, which PyTorch has deprecated, is shown beside it. The plain loop is
eager, unfolded float32 in the usual memory layout, one batch a clip, resizing included. Variants take turns; each line
has the best round, in crops a second, by the clock and by the CPU time of the process, which other jobs on the machine
disturb less.
"""

import argparse
import copy
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from poseattn.backbones import inception_v3, timm
from poseattn.networks.fuse import for_inference
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages.extract_glimpses import write_glimpses

CPU = torch.device("cpu")


class Case(NamedTuple):
    """A backbone, words that choose its network, the edge of its input in pixels, images in a batch, how much to do."""

    build: Callable[..., nn.Module]
    words: tuple[str, ...]
    size: int
    batch: int
    n_clips: int
    clip_length: int


CASES = {
    "inception_v3": Case(inception_v3.build, (), 299, 16, 2, 24),
    "standin": Case(timm.build, ("test_resnet",), 50, 128, 32, 64),
    "standin_64": Case(timm.build, ("test_resnet",), 64, 128, 32, 64),
}


class MemoryShard:
    """What `write_glimpses` needs of a shard of hand crops: clips of one person, so half of the hands are absent."""

    path = Path("memory")

    def __init__(self, n_clips: int, length: int) -> None:
        self.clip_ids = [f"{number:04d}" for number in range(n_clips)]
        self.offsets = np.arange(n_clips + 1) * length
        self.n_rows = n_clips * length
        self._crops = np.random.default_rng(0).integers(0, 256, (self.n_rows, 4, 50, 50, 3), np.uint8)
        self._mask = np.tile(np.array([1, 1, 0, 0], np.uint8), (self.n_rows, 1))

    def side_all(self, name: str) -> np.ndarray:
        """The mask."""
        return self._mask

    def rows(self, index: np.ndarray) -> np.ndarray:
        """Crops of some frames."""
        return self._crops[index]


def extract(shard: MemoryShard, backbone: nn.Module, batch: int) -> None:
    """Do what the stage does, reading aside."""
    side, settings = {"mask": SideArray("frame hand", "1")}, {"backbone": "b", "batch": batch, "compile": False}
    header = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": "{}", "code": ""}
    with tempfile.TemporaryDirectory() as folder, ShardWriter(Path(folder) / "a.h5", **header, side=side) as writer:
        write_glimpses(shard, backbone, settings, writer)


@torch.no_grad()
def plain_loop(shard: MemoryShard, network: nn.Module, size: int) -> list[Tensor]:
    """What one would write first."""
    found = []
    for start in range(0, shard.n_rows, shard.n_rows // len(shard.clip_ids)):
        index = np.arange(start, start + shard.n_rows // len(shard.clip_ids))
        crops = shard.rows(index)[shard.side_all("mask")[index].astype(bool)]
        pixels = torch.from_numpy(crops).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1
        found.append(network(functional.interpolate(pixels, (size, size), mode="bilinear")))
    return found


@torch.no_grad()
def bare(network: nn.Module, pixels: Tensor, n_crops: int) -> None:
    """The network alone."""
    for _ in range(0, n_crops, len(pixels)):
        network(pixels)


@torch.no_grad()
def settings_of(network: nn.Module, case: Case, compiled: bool) -> dict[str, tuple[nn.Module, Tensor]]:
    """Ways to run the bare network, with their input."""
    pixels = torch.rand(case.batch, 3, case.size, case.size)
    last = pixels.to(memory_format=torch.channels_last)
    layout = copy.deepcopy(network).to(memory_format=torch.channels_last)
    rewritten = for_inference(copy.deepcopy(network), CPU)
    traced = torch.jit.optimize_for_inference(torch.jit.trace(layout, last))
    ways = {"eager": (network, pixels), "channels last": (layout, last), "rewritten": (rewritten, last)}
    ways |= {"jit": (traced, last)}
    return ways | ({"compiled": (torch.compile(copy.deepcopy(layout)), last)} if compiled else {})


def measure(runs: dict[str, Callable[[], object]], n_crops: int, rounds: int) -> dict[str, np.ndarray]:
    """Best crops a second of each variant, by the clock and by CPU time, after one round that does not count."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        for name, run in runs.items():
            clock, cpu = time.perf_counter(), time.process_time()
            run()
            taken[name].append((time.perf_counter() - clock, time.process_time() - cpu))
    return {name: n_crops / np.min(times[1:], axis=0) for name, times in taken.items()}


def compare(name: str, rounds: int, compiled: bool) -> None:
    """Measure and print one case."""
    case = CASES[name]
    shard = MemoryShard(case.n_clips, case.clip_length)
    n_crops = int(shard.side_all("mask").sum())
    plain, fast = (case.build(*case.words, weights=None, size=case.size, seed=0) for _ in range(2))
    fast.network = for_inference(fast.network, CPU)
    ways = settings_of(plain.network, case, compiled)
    runs = {f"bare, {way}": lambda given=given: bare(*given, n_crops) for way, given in ways.items()}
    runs |= {"extraction": lambda: extract(shard, fast, case.batch)}
    runs |= {"plain loop": lambda: plain_loop(shard, plain.network, case.size)}
    found = measure(runs, n_crops, rounds)
    print(f"{name}: {case.size} px, batches of {case.batch}, {n_crops} crops, {torch.get_num_threads()} threads")
    for way, (clock, cpu) in found.items():
        print(f"  {way:24}{clock:10.1f} crops/s{cpu:10.1f} by CPU time")
    best = np.max([found[f"bare, {way}"] for way in ways if way != "jit"], axis=0)
    others = {"best bare network": best, "deprecated torch.jit": found["bare, jit"], "plain loop": found["plain loop"]}
    for other, speeds in others.items():
        clock, cpu = found["extraction"] / speeds
        print(f"  extraction / {other:22}{clock:6.2f}{cpu:18.2f} by CPU time", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="*", choices=CASES, default=list(CASES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    warnings.simplefilter("ignore", FutureWarning)  # of torch.jit
    for chosen in options.cases:
        compare(chosen, options.rounds, options.compiled)
