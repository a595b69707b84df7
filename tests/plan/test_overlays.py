"""The plan of overlays: the model and the one shard that an overlay is made from, and clips that it refuses."""

import pytest

from poseattn.clips.ids import shard_of
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal

CONFIG = {
    "datasets": {"clips": {"root": "synthetic"}},
    "raw": {"clips": {"files": {"video": "*.avi"}, "lists": [], "standin_shards": 3, "read_by": {}}},
    "seeds": [5, 0],
    "device": "cpu",
    "finetune": {},
    "runs": {
        "a": {"standin": {"model": "m", "inputs": {"cubes": "rgb_{protocol}"}}},
        "p": {"standin": {"model": "m", "inputs": {"poses": "kinect"}}},
    },
}
CHOSEN = {"run": "a", "dataset": "clips_synthetic", "protocol": "official"}


def test_an_overlay_reads_the_shard_of_its_clip_and_the_first_seed() -> None:
    overlays = Plan(CONFIG).overlays
    assert overlays.checkpoint(**CHOSEN) == "results/runs/clips_synthetic/a/official/seed5/checkpoint.pt"
    shards = {overlays.cubes(**CHOSEN, clip=clip) for clip in "abcdefgh"}
    assert shards == {f"results/cubes/clips_synthetic/rgb_official/00{number}.h5" for number in range(3)}
    assert overlays.cubes(**CHOSEN, clip="walk").endswith(f"{shard_of('walk', 3):03d}.h5")


def test_a_run_without_cubes_and_a_name_that_is_too_long_are_refused() -> None:
    overlays = Plan(CONFIG).overlays
    with pytest.raises(Refusal, match="^walk: no clip of clips_synthetic with cubes for run p$"):
        overlays.cubes(**CHOSEN | {"run": "p"}, clip="walk")
    room = 255 - len("clips_synthetic.a.official..log")
    assert overlays.cubes(**CHOSEN, clip="x" * room)
    with pytest.raises(Refusal, match="a log with a name of 256 bytes, no file may have more than 255"):
        overlays.cubes(**CHOSEN, clip="x" * (room + 1))
