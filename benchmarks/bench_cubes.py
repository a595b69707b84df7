"""From videos to a shard of cubes, against the bare network and the plain loop, all in one run.

    python benchmarks/bench_cubes.py --compiled                          # GoogLeNet at 224 px, videos made for it
    python benchmarks/bench_cubes.py --compiled --video FILE FILE        # real ones
    python benchmarks/bench_cubes.py --backbone timm:test_resnet --tap layer3 --size 112

Extraction decodes, squashes, describes and writes fp16 cubes to disk. The bare network gets floats that are normalised
already and whose results nobody keeps; its best setting counts, compilation among them where asked for. The plain loop
decodes a frame, resizes it and gives it to the eager, unfolded network in the usual memory layout. Variants take turns;
each line has the best round, in frames a second, by the clock and by the CPU time of the process, which other jobs on
the machine disturb less.
"""

import argparse
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch
from bench_extract import bare, measure
from torch import Tensor, nn

from poseattn.extraction.backbone import build_backbone
from poseattn.extraction.describe import fitting_batch
from poseattn.extraction.features import write_features
from poseattn.extraction.pictures import Clip
from poseattn.extraction.statuses import Statuses
from poseattn.networks.fuse import for_inference
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.encode import Format, write_video

CPU = torch.device("cpu")
HEADER = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": "{}", "code": ""}


def write_videos(folder: Path, n_videos: int, n_frames: int) -> list[Path]:
    """Videos of 320x240 pixels in MPEG-4 with something moving in them, as the data sets have."""
    paths = [folder / f"{number}.avi" for number in range(n_videos)]
    for number, path in enumerate(paths):
        ground = np.random.default_rng(number).integers(0, 256, (12, 16, 3), np.uint8)
        ground = cv2.resize(ground, (320, 240), interpolation=cv2.INTER_CUBIC)
        moved = ((np.roll(ground, frame, 1), (40 + 3 * frame % 240, 120)) for frame in range(n_frames))
        frames = (cv2.circle(image, place, 30, (0, 0, 255), -1) for image, place in moved)
        write_video(
            path, frames, 30.0, Format("avi", "mpeg4", "yuv420p", {"flags": "+qscale", "global_quality": "472"})
        )
    return paths


def extract(videos: list[Path], backbone: nn.Module, settings: dict, threads: int) -> None:
    """Do what the stage does."""
    clips = [Clip(path.stem, squashed(ClipFrames(path.parent, path.name), settings["size"])) for path in videos]
    settings = settings | {"batch": fitting_batch(settings["batch"], settings["size"], CPU)}
    with tempfile.TemporaryDirectory() as folder:
        with ShardWriter(Path(folder) / "a.h5", **HEADER, side={"time": SideArray("frame", "seconds")}) as writer:
            write_features(clips, backbone, settings, threads, writer, Statuses("extract_cubes", len(clips)))


@torch.no_grad()
def plain_loop(videos: list[Path], network: nn.Module, size: int) -> list[list[np.ndarray]]:
    """What one would write first."""
    found = []
    for path in videos:
        capture, cubes = cv2.VideoCapture(str(path)), []
        while (read := capture.read())[0]:
            image = cv2.cvtColor(cv2.resize(read[1], (size, size), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
            pixels = torch.from_numpy(image).permute(2, 0, 1)[None].contiguous().float() / 127.5 - 1
            cubes.append(_maps(network(pixels))[0].permute(1, 2, 0).half().numpy())
        found.append(cubes)
    return found


@torch.no_grad()
def settings_of(settings: dict, compiled: bool) -> dict[str, tuple[nn.Module, Tensor]]:
    """Ways to run the bare network, with their input."""
    plain, layout, rewritten, folded = (build_backbone(settings, None).network for _ in range(4))
    batch = fitting_batch(settings["batch"], settings["size"], CPU)
    pixels = torch.rand(batch, 3, settings["size"], settings["size"])
    last = pixels.to(memory_format=torch.channels_last)
    ways = {"eager": (plain, pixels), "channels last": (layout.to(memory_format=torch.channels_last), last)}
    ways |= {"rewritten": (for_inference(rewritten, CPU), last)}
    return ways | ({"compiled": (torch.compile(for_inference(folded, CPU)), last)} if compiled else {})


def _maps(output: Tensor | list[Tensor] | dict[str, Tensor]) -> Tensor:
    return next(iter(output.values() if isinstance(output, dict) else output))


def compare(videos: list[Path], settings: dict, rounds: int, threads: int, compiled: bool) -> None:
    """Measure and print."""
    n_frames = sum(sum(1 for _ in ClipFrames(path.parent, path.name)) for path in videos)
    plain, fast = build_backbone(settings, None), build_backbone(settings, None)
    fast.network = for_inference(fast.network, CPU)
    ways = settings_of(settings, compiled)
    runs = {f"bare, {way}": lambda given=given: bare(*given, n_frames) for way, given in ways.items()}
    runs |= {"extraction": lambda: extract(videos, fast, settings, threads)}
    runs |= {"plain loop": lambda: plain_loop(videos, plain.network, settings["size"])}
    batch = fitting_batch(settings["batch"], settings["size"], CPU)
    n_images = -(-n_frames // batch) * batch  # what the bare network really gets
    found = measure(runs, n_frames, rounds)
    found |= {name: speeds * n_images / n_frames for name, speeds in found.items() if name.startswith("bare")}
    print(f"{settings['backbone']} at {settings['size']} px, batches of {batch}, {threads} threads")
    print(f"{n_frames} frames of {len(videos)} videos")
    for way, (clock, cpu) in found.items():
        print(f"  {way:24}{clock:10.1f} frames/s{cpu:10.1f} by CPU time")
    best = np.max([found[f"bare, {way}"] for way in ways], axis=0)
    for other, speeds in {"best bare network": best, "plain loop": found["plain loop"]}.items():
        clock, cpu = found["extraction"] / speeds
        print(f"  extraction / {other:22}{clock:6.2f}{cpu:18.2f} by CPU time", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", nargs="*", type=Path, default=[])
    parser.add_argument("--backbone", default="googlenet")
    parser.add_argument("--tap", default="inception5b")
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--videos", type=int, default=3, help="how many are made")
    parser.add_argument("--frames", type=int, default=64, help="frames of each that is made")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compiled", action="store_true", help="compile the bare network")
    parser.add_argument("--compile", action="store_true", help="compile the network of the extraction too")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    chosen = {"backbone": options.backbone, "tap": options.tap, "arguments": {}, "seed": 0, "compile": options.compile}
    chosen |= {"size": options.size, "batch": options.batch}
    with tempfile.TemporaryDirectory() as made:
        files = options.video or write_videos(Path(made), options.videos, options.frames)
        compare(files, chosen, options.rounds, options.threads, options.compiled)
