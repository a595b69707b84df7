"""Is a sequence model of joints better than a plain logistic regression? Table `penn_action_pose` on real labels.

    python benchmarks/bench_penn_action_pose.py --root /data/Penn_Action --folder scratch [--seeds 0 1 2]

The pipeline reads the labels, trains the run `deep_gru_penn_action` with each seed and tests it on the official split.
The regression gets the same clips: the joints of the middle frames of 20 equal parts, gaps filled, centred and scaled
as the run does it, without mirroring, velocities or several draws; all its strengths of regularisation are printed.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from poseattn.clips.manifest import class_numbers, official_split, read_manifest
from poseattn.inputs.sampling import central_frames
from poseattn.pose.planar import normalise
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.tables.metrics import METRICS

REPOSITORY = Path(__file__).parents[1]
RUN = "results/runs/penn_action/deep_gru_penn_action/official"
STEPS, STRENGTHS = 20, (0.01, 0.03, 0.1, 0.3, 1.0)


def train(root: Path, folder: Path, seeds: list[int]) -> list[float]:
    """Accuracy of the sequence model with each seed."""
    config = {"datasets": {"penn_action": {"root": str(root.resolve()), "shards": 4, "max_excluded": 1.0}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config | {"seeds": seeds, "device": "cpu"}))
    scores = [f"{RUN}/seed{seed}/scores.h5" for seed in seeds]
    words = [
        "--directory",
        str(folder),
        "--snakefile",
        str(REPOSITORY / "Snakefile"),
        "--cores",
        "all",
        "--quiet",
        "all",
    ]
    subprocess.run([sys.executable, "-m", "snakemake", *words, "--", *scores], check=True)
    shards = [Shard(folder / path, kind="scores") for path in scores]
    return [METRICS["accuracy"](shard.side_all("data"), shard.side_all("label")) for shard in shards]


def regressions(folder: Path) -> tuple[int, int, list[float]]:
    """Clips to train on and to test, and the accuracy of a regression with each strength."""
    poses = ShardSet(sorted((folder / "results/poses/penn_action/annotated").glob("*.h5")), "poses")
    clips = read_manifest(folder / "results/manifests/penn_action.poses_only.tsv")
    clips = clips[clips.excluded == ""]
    inputs = []
    for clip_id in clips.clip_id:
        shard = poses.shard_of(clip_id)
        joints = normalise(shard.clip(clip_id), shard.side("valid", clip_id), "per_clip")
        inputs.append(joints[central_frames(np.array([len(joints)]), STEPS)[0]].ravel())
    inputs, label = np.stack(inputs), np.array([number for numbers in class_numbers(clips) for number in numbers])
    trains = (official_split(clips, "official") == "train").to_numpy()
    found = []
    for strength in STRENGTHS:
        model = LogisticRegression(C=strength, max_iter=2000).fit(inputs[trains], label[trains])
        found.append(float((model.predict(inputs[~trains]) == label[~trains]).mean()))
    return int(trains.sum()), int((~trains).sum()), found


def main() -> None:
    """Print one line for each side."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder with labels/")
    parser.add_argument("--folder", type=Path, required=True, help="where the pipeline works")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    values = [100 * value for value in train(given.root, given.folder, given.seeds)]
    n_train, n_test, plain = regressions(given.folder)
    spread = f" ± {statistics.stdev(values):.1f}" if len(values) > 1 else ""
    each = ", ".join(f"{value:.1f}" for value in values)
    sys.stdout.write(f"{n_train} training clips, {n_test} test clips\n")
    sys.stdout.write(f"sequence model {statistics.mean(values):.1f}{spread} % ({each})\n")
    by_strength = ", ".join(f"C={c}: {100 * value:.1f}" for c, value in zip(STRENGTHS, plain, strict=True))
    sys.stdout.write(f"logistic regression {100 * max(plain):.1f} % at best ({by_strength})\n")


if __name__ == "__main__":
    main()
