"""The main job from an empty folder: wall-clock, and seconds and peak memory of every benchmarked stage.

Command: `python benchmarks/bench_main_job.py [--cores 2] [--target results/ntu_table1.csv]`
"""

import argparse
import csv
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run(folder: Path, target: str, cores: int) -> float:
    """Run Snakemake in a folder that holds nothing but the configuration; seconds."""
    shutil.copy(ROOT / "config.yaml", folder)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    start = time.perf_counter()
    subprocess.run([*command, target, "--cores", str(cores), "--quiet", "all"], check=True, cwd=ROOT)
    return time.perf_counter() - start


def stages(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """Stage -> seconds and peak MiB of each of its jobs, as Snakemake measured them."""
    measured = defaultdict(list)
    for path in sorted((folder / "results/benchmarks").rglob("*.tsv")):
        with path.open() as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        memory = 0.0 if row["max_rss"] == "NA" else float(row["max_rss"])
        measured[path.parent.name].append((float(row["s"]), memory))
    return measured


def main() -> None:
    """Measure once and write a line a stage."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--target", default="results/ntu_table1.csv")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        seconds = run(Path(name), arguments.target, arguments.cores)
        measured = stages(Path(name))
    for stage, jobs in measured.items():
        total, peak = sum(job[0] for job in jobs), max(job[1] for job in jobs)
        sys.stdout.write(f"{stage:20} {len(jobs):3d} jobs {total:7.1f} s {peak:7.0f} MiB peak\n")
    sys.stdout.write(f"wall-clock on {arguments.cores} cores: {seconds:.0f} s (target 360)\n")


if __name__ == "__main__":
    main()
