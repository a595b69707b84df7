"""Planning time at full size: a dry run and a no-op rerun of table 1 for all 56,880 clips of NTU RGB+D.

The raw files are empty, and every output exists and is accepted by `--touch`: only Snakemake and our rules work.
Command: `python benchmarks/bench_planning.py`
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
TABLE = "results/ntu_table1.csv"
N_CLIPS = 56_880


def make_raw_files(root: Path) -> None:
    """Write 948 clips of each of 60 actions: empty videos and skeletons with genuine names."""
    (root / "nturgb+d_rgb").mkdir(parents=True)
    (root / "nturgb+d_skeletons").mkdir()
    (root / "NTU_RGBD_samples_with_missing_skeletons.txt").write_text("no names\n")
    for number in range(N_CLIPS):
        take, action = divmod(number, 60)
        rest, camera = divmod(take, 3)
        setup, performer = divmod(rest, 40)
        name = f"S{setup + 1:03d}C{camera + 1:03d}P{performer + 1:03d}R001A{action + 1:03d}"
        (root / "nturgb+d_rgb" / f"{name}_rgb.avi").touch()
        (root / "nturgb+d_skeletons" / f"{name}.skeleton").touch()


def snakemake(folder: Path, *words: str) -> tuple[float, str]:
    """Run Snakemake on a real root; seconds and output."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), TABLE, *words]
    start = time.perf_counter()
    done = subprocess.run([*command, "--cores", "2"], cwd=folder, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return seconds, done.stdout


def main() -> None:
    """Measure both and write one line each."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_raw_files(folder / "ntu")
        shutil.copytree(ROOT / "profiles", folder / "profiles")
        # the first root is that of NTU
        config = (ROOT / "config.yaml").read_text().replace("root: synthetic", "root: ntu", 1)
        (folder / "config.yaml").write_text(config)
        dry = min(snakemake(folder, "--dry-run", "--quiet", "all")[0] for _ in range(3))
        _, summary = snakemake(folder, "--summary")
        outputs = [line.split("\t")[0] for line in summary.splitlines()[1:] if "\t" in line]
        for output in outputs:
            (folder / output).parent.mkdir(parents=True, exist_ok=True)
            (folder / output).touch()
        snakemake(folder, "--touch", "--quiet", "all")
        noop = min(snakemake(folder, "--quiet", "all")[0] for _ in range(3))
        sys.stdout.write(f"clips {N_CLIPS}, outputs {len(outputs)}\n")
        sys.stdout.write(f"dry run      {dry:5.2f} s (target 6)\nno-op rerun  {noop:5.2f} s (target 6)\n")


if __name__ == "__main__":
    main()
