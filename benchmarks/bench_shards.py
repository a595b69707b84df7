"""How fast random windows of 20 frames are read from a shard, next to a NumPy memory map and to plain h5py.

All read the same bytes of the same file, taking turns. `python benchmarks/bench_shards.py [--folder DISK]`
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from poseattn.shards.shard import Shard, ShardWriter

ROW = (4, 2048)  # four hands, Inception-v3
FRAMES = 20
CLIP_FRAMES = 80
N_CLIPS = 400
Reader = Callable[[np.ndarray], np.ndarray]


def write(path: Path) -> float:
    """Write a shard of random glimpse features; returns megabytes per second, flushed to disk."""
    clip = np.random.default_rng(0).standard_normal((CLIP_FRAMES, *ROW)).astype(np.float16)
    header = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": "{}", "code": "benchmark"}
    start = time.perf_counter()
    with ShardWriter(path, **header) as writer:
        for i in range(N_CLIPS):
            writer.append(f"clip{i:06d}", clip)
    return path.stat().st_size / 1e6 / (time.perf_counter() - start)


def consecutive(rng: np.random.Generator, n_windows: int) -> np.ndarray:
    """Row numbers (window frame): 20 consecutive frames anywhere."""
    return rng.integers(N_CLIPS * CLIP_FRAMES - FRAMES, size=(n_windows, 1)) + np.arange(FRAMES)


def segments(rng: np.random.Generator, n_windows: int) -> np.ndarray:
    """Row numbers (window frame): one frame drawn from each of 20 equal parts of a clip."""
    step = CLIP_FRAMES // FRAMES
    starts = CLIP_FRAMES * rng.integers(N_CLIPS, size=(n_windows, 1)) + step * np.arange(FRAMES)
    return starts + rng.integers(step, size=(n_windows, FRAMES))


def readers(path: Path, is_slice: bool) -> dict[str, Reader]:
    """Ways to read, each in its best form: a slice where the rows are consecutive, an index otherwise."""
    shard = Shard(path)
    dataset = h5py.File(path, "r")["data"]
    rows = np.memmap(path, shard.dtype, "r", dataset.id.get_offset(), (shard.n_rows, *shard.row_shape))
    if is_slice:
        return {
            "memory map": lambda index: np.array(rows[index[0, 0] : index[0, -1] + 1]),
            "Shard.rows": shard.rows,
            "h5py": lambda index: dataset[index[0, 0] : index[0, -1] + 1],
        }
    return {
        "memory map": lambda index: rows[index],
        "Shard.rows": shard.rows,
        "h5py": lambda index: np.stack([dataset[window] for window in index]),
    }


def compare(path: Path, draw: Callable[..., np.ndarray], *, n_windows: int, is_cold: bool) -> dict[str, float]:
    """Microseconds per window, median over many turns; in each turn every way reads 64 windows (cold: one batch).

    Warm reads wait for nothing: their time is that of the CPU, which other work on the machine disturbs least.
    """
    clock = time.perf_counter if is_cold else time.process_time
    rng = np.random.default_rng(1)
    is_slice = draw is consecutive and n_windows == 1
    n_reads = 1 if is_cold else 64 // n_windows
    ways = readers(path, is_slice)
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(25 if is_cold else 100):
        for name in rng.permutation(list(taken)):
            indices = [draw(rng, n_windows) for _ in range(n_reads)]
            if is_cold:
                del ways  # what is mapped cannot be forgotten
                forget(path)
                ways = readers(path, is_slice)
            start = clock()
            for index in indices:
                ways[name](index)
            taken[name].append((clock() - start) * 1e6 / (n_reads * n_windows))
    return {name: float(np.median(times)) for name, times in taken.items()}


def forget(path: Path) -> None:
    """Drop the file from the page cache."""
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main() -> None:
    """Print microseconds per window and the speed as a share of the memory map's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None, help="where to write a shard of 520 MB")
    folder = parser.parse_args().folder
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        path = Path(temporary) / "000.h5"
        print(f"written at {write(path):.0f} MB/s, flushed to disk")
        for is_cold in (False, True):
            for draw in (consecutive, segments):
                for n_windows in (1, 32):
                    taken = compare(path, draw, n_windows=n_windows, is_cold=is_cold)
                    title = f"{'cold' if is_cold else 'warm'}, {draw.__name__:<11}, {n_windows:>2} at once:"
                    shares = [f"{name} {t:.0f} us ({taken['memory map'] / t:.2f})" for name, t in taken.items()]
                    print(title, ", ".join(shares))


if __name__ == "__main__":
    main()
