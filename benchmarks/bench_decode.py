"""Decoding and cropping hands, as a share of bare sequential OpenCV decoding of the same file, all in one run.

python benchmarks/bench_decode.py                      # a 1920x1080 video made for the purpose
python benchmarks/bench_decode.py --video FILE.avi     # a real one
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from poseattn.video.crops import crop_hands
from poseattn.video.decode import Video

_SIZE = 50


def main() -> None:
    """Time all ways of reading the file in turn, several rounds, and print the best of each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, help="file to decode; made if not given")
    parser.add_argument("--frames", type=int, default=90, help="frames of the video that is made")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        video = arguments.video or _write_video(Path(folder) / "made.mp4", arguments.frames)
        _report(video, arguments.rounds)


def _report(video: Path, rounds: int) -> None:
    n_frames, width, height = _bare(1, video), *_size(video)
    cores = len(os.sched_getaffinity(0))
    print(f"{video.name}: {width}x{height}, {n_frames} frames; {cores} cores; OpenCV {cv2.__version__}")
    ways = {
        "bare, OpenCV's own threads": partial(_bare, 0, video),
        "bare, 1 thread": partial(_bare, 1, video),
        "ours, 4 hands in each frame": partial(_ours, 1, video),
        "ours, hands in every 2nd frame": partial(_ours, 2, video),
    }
    with ProcessPoolExecutor(cores) as pool:
        jobs = {f"{name}, {cores} jobs at once": partial(_at_once, pool, cores, way) for name, way in ways.items()}
        rate = _best_rates(ways | jobs, rounds)
    for name, frames_per_second in rate.items():
        print(f"{name:55} {frames_per_second:7.1f} frames/s")
    own_threads, one_thread, all_frames, half = (rate[name] for name in ways)
    bare_jobs, one_thread_jobs, our_jobs, _ = (rate[name] for name in jobs)
    print(f"ours / bare, both 1 thread:                             {all_frames / one_thread:.3f}")
    print(f"ours / bare with OpenCV's own threads, one job:         {all_frames / own_threads:.3f}")
    print(f"ours / bare with OpenCV's own threads, {cores} jobs each:     {our_jobs / bare_jobs:.3f}")
    print(f"ours, {cores} jobs / bare with OpenCV's own threads, 1 job:   {our_jobs / own_threads:.3f}")
    print(f"every 2nd frame / every frame:                          {half / all_frames:.3f}")


def _best_rates(ways: dict[str, Callable[[], int]], rounds: int) -> dict[str, float]:
    """Frames per second of each way, the best of all rounds; the ways take turns, so that a busy spell hits all."""
    best = dict.fromkeys(ways, 0.0)
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            decoded = way()
            best[name] = max(best[name], decoded / (time.perf_counter() - start))
    return best


def _at_once(pool: ProcessPoolExecutor, jobs: int, way: Callable[[], int]) -> int:
    return sum(future.result() for future in [pool.submit(way) for _ in range(jobs)])


def _bare(threads: int, video: Path) -> int:
    """Read every frame; 0 threads leaves their number to OpenCV."""
    parameters = [cv2.CAP_PROP_N_THREADS, threads] if threads else []
    capture, count = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG, parameters), 0
    while capture.read()[0]:
        count += 1
    return count


def _ours(every: int, video: Path) -> int:
    """Cut four hands out of every frame, or of every second."""
    count, rng = 0, np.random.default_rng(0)
    with Video(video) as opened:
        centers = rng.uniform(0, (opened.width, opened.height), (4, 2))
        for image in (frame.image for frame in opened.frames(np.arange(100_000) % every == 0)):
            if image is not None:
                crop_hands(image, centers + rng.uniform(-9, 9, (4, 2)), _SIZE)
            count += 1
    return count


def _size(video: Path) -> tuple[int, int]:
    with Video(video) as opened:
        return opened.width, opened.height


def _write_video(path: Path, n_frames: int) -> Path:
    """A blurred random scene that drifts under grain, so that frames cost about what those of a camera cost."""
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.integers(0, 255, (1080, 1920, 3), dtype=np.uint8), (0, 0), 9)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 30, (1920, 1080))
    for number in range(n_frames):
        grain = rng.integers(0, 6, (1080, 1920, 1), dtype=np.uint8)
        writer.write(cv2.add(np.roll(scene, (number, 2 * number), (0, 1)), np.repeat(grain, 3, axis=2)))
    writer.release()
    return path


if __name__ == "__main__":
    main()
