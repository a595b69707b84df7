"""What Snakemake and the start of our processes cost a shard, as a share of its work at the shipped shard size.

    python benchmarks/bench_overhead.py [--decode 215] [--extract 15.3]

A few shards of one clip each, whose files are empty, go through every stage up to features: all of that time is
overhead, Snakemake's own start included. The work of a shard follows from the numbers of clips, frames (70 a clip) and
crops (2.37 a frame) of NTU RGB+D, and from the throughputs given, as `bench_decode.py` and `bench_extract.py` print
them for one core.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
CLIPS, FRAMES, CROPS = 56_880, 70, 2.37
N_SHARDS = 4


def seconds_of_empty_shards(folder: Path) -> float:
    """Run all stages that work shard by shard on shards without work; seconds a shard on one core."""
    (folder / "ntu/nturgb+d_rgb").mkdir(parents=True)
    (folder / "ntu/nturgb+d_skeletons").mkdir()
    (folder / "ntu/NTU_RGBD_samples_with_missing_skeletons.txt").write_text("no names\n")
    for number in range(8 * N_SHARDS):
        (folder / f"ntu/nturgb+d_skeletons/S001C001P001R001A{number + 1:03d}.skeleton").touch()
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config["datasets"]["ntu"] |= {"root": "ntu", "shards": N_SHARDS, "weights": "random"}
    (folder / "config.yaml").write_text(yaml.safe_dump(config | {"device": "cpu"}))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    targets = [f"results/glimpses/ntu/hands/{shard:03d}.h5" for shard in range(N_SHARDS)]
    profile = ["--workflow-profile", str(ROOT / "profiles/default"), "--quiet", "all"]
    start = time.perf_counter()
    subprocess.run([*command, *targets, "--cores", "1", *profile], check=True)
    return (time.perf_counter() - start) / N_SHARDS


def main() -> None:
    """Measure once and print the share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decode", type=float, default=215.0, help="frames a second")
    parser.add_argument("--extract", type=float, default=15.3, help="crops a second")
    arguments = parser.parse_args()
    shards = yaml.safe_load((ROOT / "config.yaml").read_text())["datasets"]["ntu"]["shards"]
    with tempfile.TemporaryDirectory() as name:
        overhead = seconds_of_empty_shards(Path(name))
    frames = CLIPS / shards * FRAMES
    decoding, extraction = frames / arguments.decode, frames * CROPS / arguments.extract
    sys.stdout.write(
        f"overhead {overhead:.1f} s a shard; work {decoding:.0f} s of decoding and {extraction:.0f} s of extraction: "
        f"{overhead / (decoding + extraction):.2%} of the work, {overhead / decoding:.2%} of decoding alone\n"
    )


if __name__ == "__main__":
    main()
