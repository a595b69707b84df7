"""What the stand-in tells apart: three seeds with trained features, with random ones, and with shuffled labels.

    python benchmarks/bench_standin.py [--cores 2] [--target results/ntu_table1.csv] [--folder KEPT]

Shuffled labels are those of the manifest, given to other clips of training and test alike; whatever a model then still
knew would come from a mistake of ours.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import yaml

from poseattn.clips.manifest import read_manifest, write_manifest

ROOT = Path(__file__).parents[1]


def tabulate(folder: Path, target: str, cores: int, overlay: dict) -> pd.DataFrame:
    """Measured rows of a table, made in a folder with the shipped configuration and an overlay."""
    shutil.copy(ROOT / "config.yaml", folder)
    (folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(folder)]
    command += ["--workflow-profile", str(ROOT / "profiles/default"), "--quiet", "all", "--cores", str(cores)]
    subprocess.run([*command, target, "--configfile", str(folder / "overlay.yaml")], check=True, cwd=ROOT)
    table = pd.read_csv(folder / target)
    return table[table.seeds.notna()].set_index("method_id")


def shuffle_labels(manifest: Path) -> None:
    """Give the labels of a manifest to other clips."""
    clips = read_manifest(manifest)
    labels = clips.label.tolist()
    random.Random(0).shuffle(labels)
    write_manifest(clips.assign(label=labels), manifest)


def main() -> None:
    """Run the three and print mean and deviation of each metric over the seeds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--target", default="results/ntu_table1.csv")
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    seeds = {"seeds": [0, 1, 2]}
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        found = {"trained features": tabulate(folder, arguments.target, arguments.cores, seeds)}
        shutil.copy(folder / arguments.target, folder / "three_seeds.csv")
        random_weights = seeds | {"datasets": {"ntu": {"weights": "random"}}}
        found["random features"] = tabulate(folder, arguments.target, arguments.cores, random_weights)
        found["trained features again"] = tabulate(folder, arguments.target, arguments.cores, seeds)
        for manifest in (folder / "results/manifests").glob("*_synthetic*.tsv"):
            if ".excluded" not in manifest.name:
                shuffle_labels(manifest)
        found["shuffled labels"] = tabulate(folder, arguments.target, arguments.cores, seeds)
    for condition, table in found.items():
        metrics = [name for name in table if f"{name}_published" in table]
        for method, row in table.iterrows():
            values = "  ".join(f"{metric} {row[metric]:6.2f} +- {row[f'{metric}_sd']:5.2f}" for metric in metrics)
            sys.stdout.write(f"{condition:24} {method:32} {values}\n")


if __name__ == "__main__":
    main()
