"""The plan of overlays: the model and the one shard that an overlay is made from, and what it refuses."""

from pathlib import Path

import pytest

from poseattn.clips.ids import shard_of
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal

CONFIG = {
    "datasets": {"ucf11": {"root": "synthetic"}},
    "raw": {"ucf11": {"files": {"video": "*.avi"}, "lists": [], "standin_shards": 3, "read_by": {}}},
    "synthetic": {"ucf11": {"seed": 1, "second": 0.5}},
    "seeds": [5, 0],
    "device": "cpu",
    "finetune": {},
    "runs": {
        "a": {"standin": {"model": "m", "inputs": {"cubes": "rgb_{protocol}"}}},
        "p": {"standin": {"model": "m", "inputs": {"poses": "kinect"}}},
    },
}
CHOSEN = {"run": "a", "dataset": "ucf11_synthetic", "protocol": "groups"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without results, in which no clip of the stand-in is listed yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_overlay_reads_the_shard_of_its_clip_and_the_first_seed() -> None:
    overlays = Plan(CONFIG).overlays
    assert overlays.checkpoint(**CHOSEN) == "results/runs/ucf11_synthetic/a/groups/seed5/checkpoint.pt"
    shards = {overlays.cubes(**CHOSEN, clip=f"v_swing_{group:02d}_01") for group in range(1, 26)}
    assert shards == {f"results/cubes/ucf11_synthetic/rgb_groups/00{number}.h5" for number in range(3)}
    assert overlays.cubes(**CHOSEN, clip="v_walk_dog_09_01").endswith(f"{shard_of('v_walk_dog_09_01', 3):03d}.h5")


def test_a_misspelt_clip_or_protocol_is_answered_by_what_is_near(folder: Path) -> None:
    manifest = folder / "results/manifests/ucf11_synthetic.tsv"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("clip_id\tpath\nv_swing_01\ta.avi\nv_dive_01\tb.avi\n")
    overlays = Plan(CONFIG).overlays
    assert overlays.cubes(**CHOSEN, clip="v_dive_01")
    with pytest.raises(Refusal, match="^no clip 'v_swing_1' of data set ucf11_synthetic; .*v_swing_01"):
        overlays.cubes(**CHOSEN, clip="v_swing_1")
    with pytest.raises(Refusal, match="^no protocol 'group' of data set ucf11_synthetic; .*groups"):
        overlays.cubes(**CHOSEN | {"protocol": "group"}, clip="v_dive_01")


def test_a_misspelt_clip_of_a_stand_in_that_is_not_drawn_yet() -> None:
    overlays = Plan(CONFIG).overlays
    with pytest.raises(Refusal, match=r"^no clip 'v_swing_99_01' of data set ucf11_synthetic; .*v_swing_09_01"):
        overlays.cubes(**CHOSEN, clip="v_swing_99_01")


def test_a_run_without_cubes_and_a_name_that_is_too_long_are_refused() -> None:
    overlays = Plan(CONFIG).overlays
    with pytest.raises(Refusal, match="^run p reads no cubes: an overlay shows attention over the places of cubes$"):
        overlays.cubes(**CHOSEN | {"run": "p"}, clip="v_swing_01_01")
    room = 255 - len("ucf11_synthetic.a.groups..log")
    with pytest.raises(Refusal, match="^no clip 'x*' of data set"):
        overlays.cubes(**CHOSEN, clip="x" * room)
    with pytest.raises(Refusal, match="a log with a name of 256 bytes, no file may have more than 255"):
        overlays.cubes(**CHOSEN, clip="x" * (room + 1))
