"""How much attention over moments falls on those in which a stand-in's class is seen, against even attention.

    python benchmarks/bench_moment_mass.py RESULTS [--runs alstm_obj_fc8 alstm_sce_fc8 ...] [--protocol official]

RESULTS is the `results` folder of runs on the stand-in of ActivityNet. The weight of a moment is the mean over the
steps of a chunk; one counts as informative if its first frame is. Clips are told apart by what shows their class: a
place, an object or a move, of which each network knows one.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import yaml

from poseattn.clips.manifest import read_classes
from poseattn.figures.drawing.moments import weight_of_moments
from poseattn.shards.shard import Shard
from poseattn.synthetic import activitynet

ROOT = Path(__file__).parents[1]
DATASET = "activitynet_synthetic"
RUNS = [f"alstm_{network}_{layer}" for layer in ("fc6", "fc8") for network in ("obj", "sce", "act")] + ["alstm_c3d_fc8"]


def evidence() -> dict[str, tuple[int, int]]:
    """First informative frame of each clip and the one after the last."""
    recipe = yaml.safe_load((ROOT / "workflow/standins/untrimmed.yaml").read_text())["synthetic"]["activitynet"]
    videos = activitynet.list_clips(recipe)
    return {name: frames for video in videos for name, frames in activitynet.evidence_of(video, recipe).items()}


def aspects(classes: list[str]) -> list[str]:
    """What shows each class."""
    recipe = yaml.safe_load((ROOT / "workflow/standins/untrimmed.yaml").read_text())["synthetic"]["activitynet"]
    return [next(iter(recipe["classes"][name])) for name in classes]


def masses(scores: Shard, informative: dict[str, tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """For each clip the attention on informative moments, and their share of all moments; means over two chunks."""
    found = []
    for clip_id in scores.clip_ids:
        start, stop = informative[clip_id]
        frames = scores.side("attended_frame", clip_id)[0]  # (window, moment)
        weights = np.stack([weight_of_moments(one) for one in scores.side("moment", clip_id)[0]])
        inside = (frames >= start) & (frames < stop)
        found.append(((weights * inside).sum(axis=1).mean(), inside.mean()))
    return tuple(np.array(found).T)


def main() -> None:
    """Print a line for each run and seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--runs", nargs="+", default=RUNS)
    parser.add_argument("--protocol", default="official")
    given = parser.parse_args()
    informative = evidence()
    classes = read_classes(given.results / f"manifests/{DATASET}.classes.txt")
    kinds = np.array(aspects(classes))
    for run in given.runs:
        for path in sorted((given.results / f"runs/{DATASET}" / run / given.protocol).glob("seed*/scores.h5")):
            with Shard(path) as scores:
                attention, even = masses(scores, informative)
                of_clip = kinds[scores.side_all("label").argmax(axis=1)]
            parts = [f"{kind} {attention[of_clip == kind].mean():.3f}" for kind in sorted(set(kinds))]
            line = f"{attention.mean():.3f} of the attention, even {even.mean():.3f}; by class: {', '.join(parts)}"
            sys.stdout.write(f"{run} {path.parent.name}: {line}\n")


if __name__ == "__main__":
    main()
