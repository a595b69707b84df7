"""What Snakemake and the start of our processes cost a shard, as a share of its work, for every data set as shipped.

    python benchmarks/bench_overhead.py [--decode 215]

A few shards of one clip each, whose files are empty, go through every stage of NTU RGB+D up to features: all of that
time is overhead, Snakemake's own start included; that of jobs that load PyTorch is taken apart. The work of a shard is
what its networks compute on one core (the whole of their passes over a data set, `WORK`, at the speed of GoogLeNet in
this run), TV-L1 flow, and, for MPII, which no network describes, cutting out its people. Decoding is not counted,
except in the last line: NTU RGB+D decoded at the frames a second that `bench_decode.py` prints for one core, as where
a GPU extracts. Nor is the time to read weights, since the network of the empty shards is a small one.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
import yaml

from poseattn.extraction.backbone import build_backbone
from poseattn.networks.fuse import for_inference
from poseattn.video.flow import dense_flow
from poseattn.video.flow_codes import as_grey, quantise

ROOT = Path(__file__).parents[1]
N_SHARDS = 4
GOOGLENET = 1.50  # billion multiplications and additions for an image of 224x224
NTU_FRAMES = 56_880 * 70
MPII_PEOPLE, MPII_SIZE, PERSON_SIZE = 25_863, (720, 1280), (448, 448)


class Work(NamedTuple):
    """Of a data set up to its leanest features.

    Attributes:
        plain_jobs: Jobs a shard that do not load PyTorch.
        torch_jobs: Those that do.
        passes: 10^15 multiplications and additions of the networks.
        flow: Frames that get flow, and their size in pixels.
    """

    plain_jobs: int
    torch_jobs: int
    passes: float
    flow: tuple[int, int, int] = (0, 240, 320)


WORK = {
    "ntu": Work(3, 1, 54),  # hand crops through Inception-v3
    "ucf11": Work(1, 1, 0.45),  # frames through GoogLeNet
    "hmdb51": Work(1, 1, 0.96),
    "hollywood2": Work(1, 1, 0.73),
    "penn_action": Work(4, 2, 1.64 + 1.88, (163_841, 270, 480)),  # frames and flow through BN-Inception, with mirrors
    "sub_jhmdb": Work(4, 2, 0.07 + 0.08, (11_200, 240, 320)),
    "activitynet": Work(1, 1, 223),  # pieces through C3D
    "stanford40": Work(2, 2, 0.03 + 0.26),  # GoogLeNet and hourglass
}


class Overhead(NamedTuple):
    """Seconds of a job on one core, with Snakemake's share, without and with PyTorch."""

    plain: float
    torch: float


def overhead_of_empty_shards(folder: Path) -> Overhead:
    """Run all stages that work shard by shard on shards without work."""
    (folder / "ntu/nturgb+d_rgb").mkdir(parents=True)
    (folder / "ntu/nturgb+d_skeletons").mkdir()
    (folder / "ntu/NTU_RGBD_samples_with_missing_skeletons.txt").write_text("no names\n")
    for number in range(8 * N_SHARDS):
        (folder / f"ntu/nturgb+d_skeletons/S001C001P001R001A{number + 1:03d}.skeleton").touch()
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["datasets"]["ntu"] |= {"root": "ntu", "shards": N_SHARDS, "weights": "random"}
    small = {"hands": {"paper": {"backbone": "timm:test_resnet"}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config | {"device": "cpu", "glimpses": small}))
    plain = seconds_of(folder, "results/frames/ntu/hand_crops") / WORK["ntu"].plain_jobs
    return Overhead(plain, seconds_of(folder, "results/glimpses/ntu/hands"))


def seconds_of(folder: Path, features: str) -> float:
    """Wall-clock a shard of a Snakemake that makes these files on one core."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    targets = [f"{features}/{shard:03d}.h5" for shard in range(N_SHARDS)]
    profile = ["--workflow-profile", str(ROOT / "profiles/default"), "--quiet", "all"]
    start = time.perf_counter()
    subprocess.run([*command, *targets, "--cores", "1", *profile], check=True)
    return (time.perf_counter() - start) / N_SHARDS


@torch.no_grad()
def passes_a_second() -> float:
    """10^15 MAC a second of GoogLeNet as extraction runs it, on one core; the best of five batches."""
    torch.set_num_threads(1)
    settings = {"backbone": "googlenet", "tap": "inception5b", "size": 224, "seed": 0, "arguments": {}}
    network = for_inference(build_backbone(settings, None).network, torch.device("cpu"))
    pixels = torch.rand(32, 3, 224, 224).to(memory_format=torch.channels_last)
    return GOOGLENET * 1e-6 * len(pixels) / best_of(5, lambda: network(pixels))


def seconds_of_flow(height: int, width: int) -> float:
    """To find the flow between two frames and store it; the best of three."""
    rng = np.random.default_rng(0)
    first = cv2.resize(rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8), (width, height))
    second = np.roll(first, 3, axis=1)
    return best_of(3, lambda: cv2.imencode(".jpg", as_grey(quantise(dense_flow(first, second, "tvl1:skimage")))))


def seconds_of_person() -> float:
    """To read an image of MPII's usual size and store one person of it; the best of ten."""
    image = cv2.resize(np.random.default_rng(0).integers(0, 256, (90, 160, 3), np.uint8), MPII_SIZE[::-1])
    encoded = cv2.imencode(".jpg", image)[1]

    def person() -> None:
        read = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        cv2.imencode(".jpg", cv2.resize(read[:600, :600], PERSON_SIZE, interpolation=cv2.INTER_AREA))

    return best_of(10, person)


def best_of(rounds: int, do: Callable[[], object]) -> float:
    """Seconds of the best round."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        do()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def report(name: str, shards: int, overhead: float, work: float) -> None:
    """One line for a data set, of which all the work is given."""
    share = f"overhead {overhead:5.1f} s a shard, work {work / shards:8.0f} s: {overhead * shards / work:.2%}"
    sys.stdout.write(f"{name:12}{shards:4d} shards: {share}\n")


def main() -> None:
    """Measure once and print a line for every data set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decode", type=float, default=215.0, help="frames a second of NTU RGB+D")
    arguments = parser.parse_args()
    datasets = yaml.safe_load((ROOT / "config.yaml").read_text())["datasets"]
    shards = {name: entry["shards"] for name, entry in datasets.items()}
    with tempfile.TemporaryDirectory() as name:
        job = overhead_of_empty_shards(Path(name))
    cv2.setNumThreads(1)
    speed = passes_a_second()
    sys.stdout.write(f"a job: {job.plain:.2f} s, with PyTorch {job.torch:.2f} s; {1e6 * speed:.1f} GMAC a second\n")
    costs = {name: work.plain_jobs * job.plain + work.torch_jobs * job.torch for name, work in WORK.items()}
    for name, work in WORK.items():
        n_frames, *size = work.flow
        flow = n_frames * seconds_of_flow(*size) if n_frames else 0
        report(name, shards[name], costs[name], work.passes / speed + flow)
    report("mpii", shards["mpii"], 3 * job.plain, MPII_PEOPLE * seconds_of_person())
    report("ntu, decoded", shards["ntu"], costs["ntu"], NTU_FRAMES / arguments.decode)


if __name__ == "__main__":
    main()
