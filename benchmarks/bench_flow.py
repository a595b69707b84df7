"""The stage compute_flow as a share of the bare flow routine on the same frames in memory, on all cores at once.

python benchmarks/bench_flow.py                      # folders of images made for the purpose
python benchmarks/bench_flow.py --video FILE.avi     # a real video, or folder of images
"""

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from skimage.registration import optical_flow_tvl1

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_manifest
from poseattn.stages import compute_flow
from poseattn.video.clip_frames import ClipFrames, squashed


class Work(NamedTuple):
    """What a core computes: so many clips of the first frames of a video or folder, squashed to one size."""

    method: str
    clips: int
    video: Path
    n_frames: int
    size: tuple[int, int]


def main() -> None:
    """Let the stage and the bare routine take turns on all cores, and print the median of the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, help="video or folder of images; a folder is made if not given")
    parser.add_argument("--methods", nargs="+", default=["dis", "tvl1"], choices=["dis", "tvl1"])
    parser.add_argument("--size", nargs=2, type=int, default=[270, 480], help="rows and columns")
    parser.add_argument("--frames", type=int, default=60, help="of a clip for DIS; a tenth of them for TV-L1")
    parser.add_argument("--clips", type=int, default=8, help="of a shard for DIS; for TV-L1 it is one")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"{arguments.size[1]}x{arguments.size[0]} pixels, {cores} cores, OpenCV {cv2.__version__}")
    fresh = multiprocessing.get_context("spawn")  # a fork would inherit locks of OpenCV's threads
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(cores, fresh) as pool:
        video = (arguments.video or _write_images(Path(folder) / "made", arguments.frames)).resolve()
        slow = {"clips": 1, "n_frames": max(arguments.frames // 10, 3)}
        for method in arguments.methods:
            work = Work(method, arguments.clips, video, arguments.frames, tuple(arguments.size))
            work = work._replace(**slow) if method == "tvl1" else work
            jobs = (partial(_stage, work, Path(folder)), partial(_bare, work))
            print(f"{method}: {_race(pool, cores, *jobs, arguments.rounds)}")


def _race(pool: ProcessPoolExecutor, cores: int, stage: partial, bare: partial, rounds: int) -> str:
    """Fields per second and core of both, and the median of their ratios; the first round does not count."""
    turns = np.array([[_at_once(pool, cores, job) for job in (stage, bare)] for _ in range(rounds + 1)][1:])
    (ours, routine), ratios = np.median(turns[..., 0], axis=0), turns[:, 0] / turns[:, 1]  # (round, clock)
    (wall, of_cpu), low, high = np.median(ratios, axis=0), ratios.min(axis=0)[0], ratios.max(axis=0)[0]
    rates = f"stage {ours:.2f}, bare routine {routine:.2f} fields/s and core"
    return f"{rates}; stage / bare {wall:.3f} ({low:.3f} to {high:.3f}), by CPU time {of_cpu:.3f}"


def _at_once(pool: ProcessPoolExecutor, cores: int, job: partial) -> np.ndarray:
    """Mean rate of a core while all of them do the same, by the wall clock and by CPU time."""
    return np.mean([future.result() for future in [pool.submit(job, core) for core in range(cores)]], axis=0)


def _clocks() -> np.ndarray:
    return np.array([time.perf_counter(), time.process_time()])


def _stage(work: Work, folder: Path, core: int) -> np.ndarray:
    """Fields per second of the whole stage: decoding, squashing, flow, JPEG, shard and status on disk."""
    place = folder / f"{work.method}{core}"
    place.mkdir(exist_ok=True)
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"path": work.video.name, "end": _end(work.video, work.n_frames)}
    rows = [row | {"clip_id": f"clip{number}", "label": "0"} for number in range(work.clips)]
    write_manifest(pd.DataFrame(rows), place / "manifest.tsv")
    recipe = json.dumps({"method": work.method, "size": work.size, "bound": 20, "quality": 95})
    files = {"manifest": place / "manifest.tsv", "out": place / "out.h5", "status": place / "status.tsv"}
    start = _clocks()
    compute_flow.run(root=work.video.parent, weights=[], recipe=recipe, threads=1, device="cpu", code="", **files)
    return work.clips * (work.n_frames - 1) / (_clocks() - start)


def _bare(work: Work, core: int) -> np.ndarray:
    """Fields per second of OpenCV's or scikit-image's routine alone."""
    grey = _grey_frames(work.video, work.n_frames, work.size)
    cv2.setNumThreads(1)
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    start = _clocks()
    for first, second in list(pairwise(grey)) * work.clips:
        if work.method == "dis":
            dis.calc(first, second, None)
        else:
            optical_flow_tvl1(first, second, attachment=255 * 0.15, tightness=0.3, num_warp=5)
    return work.clips * (work.n_frames - 1) / (_clocks() - start)


@cache
def _grey_frames(video: Path, n_frames: int, size: tuple[int, int]) -> list[np.ndarray]:
    frames = squashed(ClipFrames(video.parent, video.name, end=_end(video, n_frames)), size)
    return [cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY) for frame in frames]


@cache
def _end(video: Path, n_frames: int) -> str:
    """Seconds, as text, at which the part ends that has so many frames."""
    times = [frame.time for frame in ClipFrames(video.parent, video.name)]
    if len(times) < n_frames:
        raise SystemExit(f"{video} has {len(times)} frames; say --frames {len(times)}")
    return str(times[n_frames - 1] + 0.5 * (times[1] - times[0]))


def _write_images(folder: Path, n_frames: int) -> Path:
    """JPEG images of 480x270 pixels and 20 KB: a blurred scene that drifts behind one that turns, under grain."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.integers(0, 255, (270, 480, 3), dtype=np.uint8), (0, 0), 3)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    for number in range(n_frames):
        turned = cv2.warpAffine(scene, cv2.getRotationMatrix2D((240, 135), 3 * number, 0.7), (480, 270))
        image = np.roll(scene, (number, 3 * number), (0, 1))
        image[60:210, 160:320] = turned[60:210, 160:320]
        grain = rng.integers(0, 4, (270, 480, 1), dtype=np.uint8)
        image = cv2.add(image, np.repeat(grain, 3, axis=2))
        cv2.imwrite(str(folder / f"{number + 1:06}.jpg"), image, [cv2.IMWRITE_JPEG_QUALITY, 80])
    return folder


if __name__ == "__main__":
    main()
