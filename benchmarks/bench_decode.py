"""Decoding videos to pictures, as a share of bare OpenCV on the same file: one thread a job, the ways in turn.

python benchmarks/bench_decode.py                      # four videos made for the purpose
python benchmarks/bench_decode.py --video FILE.avi     # a real one

Bare OpenCV counts no lost frame, sees no damage and reads some files wrongly; it is only the measure of speed.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np

from poseattn.video.decode import Video
from poseattn.video.encode import Format, write_video

_SOFT = {"crf": "23", "preset": "veryfast"}
_QUANTISED = {"flags": "+qscale", "global_quality": "472"}  # quantiser 4, times 118
_MADE = {  # name of the file, with what it is made of; width, height, frames; and how it is coded
    "1080p_h264.mp4": ((1920, 1080), 60, Format("mp4", "libx264", "yuv420p", _SOFT)),
    "320x240_xvid.avi": ((320, 240), 600, Format("avi", "mpeg4", "yuv420p", _QUANTISED | {"bf": "1"})),
    "320x240_mpeg1.mpg": ((320, 240), 600, Format("mpeg", "mpeg1video", "yuv420p", _QUANTISED)),
    "480x360_vp9.mp4": ((480, 360), 300, Format("mp4", "libvpx-vp9", "yuv420p", {"crf": "32", "cpu-used": "6"})),
}


def main() -> None:
    """Print, for each video, our rate and its ratio to OpenCV's: the median over the rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, nargs="*", default=[], help="files to decode; made if none is given")
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    print(f"OpenCV {cv2.__version__}, PyAV {av.__version__}; {arguments.rounds} rounds, one thread")
    with tempfile.TemporaryDirectory() as folder:
        for video in arguments.video or _make(Path(folder)):
            _report(video, arguments.rounds)


def _report(video: Path, rounds: int) -> None:
    ways: dict[str, Callable[[Path], int]] = {
        "every picture": _ours,
        "every second picture": partial(_ours, every=2),
        "no picture": partial(_ours, every=0),
    }
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            pairs[name].append((_rate(way, video), _rate(_bare, video)))
    print(video.name)
    for name, rates in pairs.items():
        ours, ratio = max(one for one, _ in rates), statistics.median(one / other for one, other in rates)
        print(f"    {name:22} {ours:8.1f} frames/s, {ratio:.3f} of bare OpenCV with every picture")


def _rate(way: Callable[[Path], int], video: Path) -> float:
    start = time.process_time()  # of the processor: other jobs on the machine do not count
    frames = way(video)
    return frames / (time.process_time() - start)


def _bare(video: Path) -> int:
    capture, count = cv2.VideoCapture(str(video), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1]), 0
    while capture.read()[0]:
        count += 1
    return count


def _ours(video: Path, every: int = 1) -> int:
    with Video(video) as opened:
        return sum(1 for _ in opened.frames(lambda number, _: every > 0 and number % every == 0))


def _make(folder: Path) -> Iterator[Path]:
    for name, (size, frames, form) in _MADE.items():
        write_video(folder / name, _scene(*size, frames), 30.0 if "mpeg1" not in name else 30000 / 1001, form)
        yield folder / name


def _scene(width: int, height: int, frames: int) -> Iterator[np.ndarray]:
    """A blurred random scene that drifts under grain, so that frames cost about what those of a camera cost."""
    rng = np.random.default_rng(0)
    scene = cv2.GaussianBlur(rng.integers(0, 255, (height, width, 3), dtype=np.uint8), (0, 0), 9)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)
    for number in range(frames):
        grain = rng.integers(0, 6, (height, width, 1), dtype=np.uint8)
        yield cv2.add(np.roll(scene, (number, 2 * number), (0, 1)), np.repeat(grain, 3, axis=2))


if __name__ == "__main__":
    main()
