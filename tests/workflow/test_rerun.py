"""The rerun matrix: what Snakemake runs again after a change, and nothing else (dry runs on a finished pipeline)."""

import os

import pytest

from tests.pipeline import Pipeline

from .conftest import REAL

pytestmark = pytest.mark.xdist_group("workflow")

PAPER, RPAN = "workflow/papers/sta_hands", "workflow/papers/rpan"
FLOW = "results/flow/penn_action_synthetic/penn_action_flow/000.h5"
ONE_STREAM = {"train": 2, "evaluate": 2, "tabulate": 1}
BOTH_STREAMS = {"train": 4, "evaluate": 4, "tabulate": 1}
BELOW_FRAMES = {"extract_glimpses": 2, "train": 2, "evaluate": 2, "tabulate": 1}
BELOW_POSES = {"decode_frames": 2, "gather_excluded": 2, "gather_manifest": 2} | BELOW_FRAMES | BOTH_STREAMS
KEPT = BELOW_FRAMES | {"decode_frames": 2, "gather_excluded": 1, "gather_manifest": 1}


def test_a_finished_pipeline_has_nothing_to_do(finished: Pipeline) -> None:
    assert finished.rerun() == {}


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        pytest.param("poseattn/models/deep_gru.py", '"""Deep GRU:', '"""New:', {}, id="a docstring"),
        pytest.param("poseattn/training/train.py", "\ndef ", "\n# why\ndef ", {}, id="a comment"),
        pytest.param("poseattn/models/deep_gru.py", "batch_first=True", "batch_first=1", ONE_STREAM, id="a model"),
        pytest.param(
            "poseattn/stages/tabulate.py", "import json", "import json\nimport math", {"tabulate": 1}, id="a late stage"
        ),
        pytest.param(
            "poseattn/stages/extract_glimpses.py",
            "import json",
            "import json\nimport math",
            BELOW_FRAMES,
            id="an extraction",
        ),
        pytest.param(
            "poseattn/pretraining/segments.py",
            "_SAVED_EVERY = 50",
            "_SAVED_EVERY = 9",
            {},
            id="another method of training",
        ),
        pytest.param(f"{PAPER}/ntu_table1.csv", "Deep GRU [A]", "Deep GRU", {"tabulate": 1}, id="a label"),
        pytest.param(
            f"{PAPER}/runs.yaml", "test_draws: 5", "test_draws: 4", {"evaluate": 4, "tabulate": 1}, id="test draws"
        ),
        pytest.param(
            f"{PAPER}/data.yaml",
            "      poses: kinect\n      store: crops\n",
            "      store: crops\n      poses: kinect\n",
            {},
            id="the order of keys",
        ),
        pytest.param("config.yaml", "device: auto", "device: cuda", {}, id="the device of real data"),
        pytest.param("tiny.yaml", "shards: 2", "shards: 7", {}, id="the shards of real data"),
        pytest.param("tiny.yaml", "shards: 2", "shards: 2, damaged: refuse", {}, id="what is so without saying it"),
        pytest.param("tiny.yaml", "shards: 2", "shards: 2, damaged: keep", KEPT, id="damaged videos"),
    ],
)
def test_a_change_reruns_what_it_moves(
    finished: Pipeline, path: str, old: str, new: str, expected: dict[str, int]
) -> None:
    with finished.edited(path, old, new):
        assert finished.rerun() == expected


@pytest.mark.parametrize(
    ("path", "old", "new", "expected"),
    [
        pytest.param("poseattn/extraction/learnt_flow.py", "_AHEAD = 2", "_AHEAD = 3", {}, id="RAFT"),
        pytest.param("config.yaml", "device: auto", "device: cuda", {}, id="the device of real data"),
        pytest.param(
            f"{RPAN}/data.yaml",
            "{method: dis, size: [144, 192], bound: 8",
            "{method: dis, size: [144, 192], bound: 10",
            {"compute_flow": 1},
            id="the bound",
        ),
        pytest.param(
            "poseattn/video/flow.py",
            "_SCALES, _WARPS, _STEP",
            "_OTHER = 1\n_SCALES, _WARPS, _STEP",
            {"compute_flow": 1},
            id="the routine",
        ),
    ],
)
def test_flow_reruns_with_what_moves_it(
    finished: Pipeline, path: str, old: str, new: str, expected: dict[str, int]
) -> None:
    """It is the slowest stage: an edit of one way to compute it reruns no other."""
    finished.run(FLOW)
    with finished.edited(path, old, new):
        assert finished.rerun(FLOW) == expected


def test_a_fresh_checkout_reruns_nothing(finished: Pipeline) -> None:
    for folder in ("poseattn", "rules", "workflow"):
        for file in (finished.folder / folder).rglob("*.*"):
            os.utime(file)
    assert finished.rerun() == {}


def test_one_replaced_raw_file_reruns_its_shard_alone(finished: Pipeline) -> None:
    skeleton = sorted((finished.folder / "results/synthetic/ntu/nturgb+d_skeletons").iterdir())[0]
    before = skeleton.stat()
    once = {"build_manifest": 1, "list_uses": 1, "read_poses": 1, "gather_excluded": 1, "gather_manifest": 1}
    with finished.real_root():
        os.utime(skeleton)
        assert finished.rerun(REAL) == once
        os.utime(skeleton, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert finished.rerun(REAL) == {}
