"""How much attention falls on the moving evidence of a stand-in, against what uniform attention would give.

    python benchmarks/bench_attention_mass.py RESULTS [--layout ucf11] [--run soft_attention_ucf11] [--protocol groups]

RESULTS is the `results` folder of a run on stand-ins. A place counts as evidence if its centre lies within one and a
half cells of the centre of an object that shows the clip's class.
"""

import argparse
import importlib
import math
import sys
from pathlib import Path

import numpy as np
import yaml

from poseattn.shards.shard import Shard

ROOT = Path(__file__).parents[1]


def mass(scores: Shard, layout: str) -> tuple[float, float]:
    """Mean attention on the evidence, and the mean share of places that are evidence."""
    module = importlib.import_module(f"poseattn.synthetic.{layout}")
    recipe = yaml.safe_load((ROOT / "workflow/standins/moving.yaml").read_text())["synthetic"][layout]
    clips = {clip.name: clip for clip in module.list_clips(recipe)}
    on_evidence, share = [], []
    for clip_id in scores.clip_ids:
        scene = module.scene_of(clips[clip_id], recipe)
        frames, location = (scores.side(name, clip_id)[0, 0] for name in ("frame", "location"))
        edge = math.isqrt(location.shape[1])
        centers = (np.arange(edge) + 0.5) / edge
        for frame, weights in zip(frames, location.reshape(-1, edge, edge), strict=True):
            hit = np.zeros((edge, edge), bool)
            for mover in scene.evidence:
                x, y = mover.path[min(frame, len(mover.path) - 1)]
                hit |= np.hypot(centers[None] - x, centers[:, None] - y) < 1.5 / edge
            on_evidence.append(weights[hit].sum())
            share.append(hit.mean())
    return float(np.mean(on_evidence)), float(np.mean(share))


def main() -> None:
    """Print a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--layout", default="ucf11")
    parser.add_argument("--run", default="soft_attention_ucf11")
    parser.add_argument("--protocol", default="groups")
    given = parser.parse_args()
    folder = given.results / "runs" / f"{given.layout}_synthetic" / given.run / given.protocol
    for path in sorted(folder.glob("seed*/scores.h5")):
        with Shard(path) as scores:
            found, uniform = mass(scores, given.layout)
        sys.stdout.write(f"{given.run} {path.parent.name}: {found:.3f} of the attention, uniform {uniform:.3f}\n")


if __name__ == "__main__":
    main()
