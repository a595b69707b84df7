"""The rerun matrix: what Snakemake runs again after a change, and nothing else (dry runs on a finished pipeline)."""

import os
from contextlib import ExitStack

import pytest
import yaml

from tests.faults.mini import REAL, TABLE, Mini

pytestmark = pytest.mark.xdist_group("workflow")

PAPER, RPAN = "workflow/papers/sta_hands", "workflow/papers/rpan"
FLOW = "results/flow/penn_action_synthetic/penn_action_flow/000.h5"
BELOW_RUN = {"train": 1, "evaluate": 1, "tabulate": 1}
BELOW_FRAMES = {"extract_glimpses": 1} | BELOW_RUN
ONCE = {"gather_excluded": 1, "gather_manifest": 1}
Edit = tuple[str, str, str]  # file, old text, new text


@pytest.fixture(scope="module", autouse=True)
def flow(finished: Mini) -> None:
    """Flow is the slowest stage: an edit of one way to compute it reruns no other."""
    finished.run(FLOW)


def _rerun(finished: Mini, edits: list[Edit], overlay: dict) -> dict[str, int]:
    """Jobs of the table and of the flow after all edits at a time."""
    (finished.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    with ExitStack() as stack:
        for edit in edits:
            stack.enter_context(finished.edited(*edit))
        return finished.rerun(TABLE, FLOW, configs=["overlay.yaml"])


def test_what_moves_no_number_reruns_nothing(finished: Mini) -> None:
    """Neither does a fresh checkout, all files of which are new."""
    for folder in ("poseattn", "rules", "workflow"):
        for file in (finished.folder / folder).rglob("*.*"):
            os.utime(file)
    edits = [
        ("poseattn/models/sta_hands.py", '"""STA-Hands:', '"""New:'),
        ("poseattn/training/train.py", "\ndef ", "\n# why\ndef "),
        ("poseattn/pretraining/segments.py", "_SAVED_EVERY = 50", "_SAVED_EVERY = 9"),  # another method of training
        ("poseattn/extraction/learnt_flow.py", "_AHEAD = 2", "_AHEAD = 3"),  # another method of flow
        (
            f"{PAPER}/data.yaml",
            "      poses: kinect\n      store: crops\n",
            "      store: crops\n      poses: kinect\n",
        ),
    ]
    of_real_data = {"device": "cuda", "datasets": {"ntu": {"shards": 7}}}
    of_real_data["datasets"]["ntu"]["damaged"] = "refuse"  # which is so without saying it
    assert _rerun(finished, edits, of_real_data) == {}


@pytest.mark.parametrize(
    ("edits", "overlay", "expected"),
    [
        pytest.param(
            [
                ("poseattn/models/sta_hands.py", "batch_first=True", "batch_first=1"),
                (
                    f"{RPAN}/data.yaml",
                    "{method: dis, size: [144, 192], bound: 8",
                    "{method: dis, size: [144, 192], bound: 10",
                ),
            ],
            {},
            BELOW_RUN | {"compute_flow": 1},
            id="a model, and the bound of flow",
        ),
        pytest.param(
            [
                ("poseattn/stages/extract_glimpses.py", "import json", "import json\nimport math"),
                ("poseattn/video/flow.py", "_SCALES, _WARPS, _STEP", "_OTHER = 1\n_SCALES, _WARPS, _STEP"),
            ],
            {},
            BELOW_FRAMES | {"compute_flow": 1},
            id="an extraction, and the routine of flow",
        ),
        pytest.param(
            [("poseattn/stages/tabulate.py", "import json", "import json\nimport math")],
            {},
            {"tabulate": 1},
            id="a late stage",
        ),
        pytest.param(
            [],
            {"runs": {"sta_hands_pose": {"standin": {"test_draws": 4}}}},
            {"evaluate": 1, "tabulate": 1},
            id="test draws",
        ),
        pytest.param(
            [],
            {"datasets": {"ntu": {"damaged": "keep"}}},
            {"decode_frames": 1} | ONCE | BELOW_FRAMES,
            id="damaged videos",
        ),
    ],
)
def test_a_change_reruns_what_it_moves(
    finished: Mini, edits: list[Edit], overlay: dict, expected: dict[str, int]
) -> None:
    assert _rerun(finished, edits, overlay) == expected


def test_one_replaced_raw_file_reruns_its_shard_alone(finished: Mini) -> None:
    skeleton = sorted((finished.folder / "results/synthetic/ntu/nturgb+d_skeletons").iterdir())[0]
    before = skeleton.stat()
    os.utime(skeleton)
    try:
        with finished.real_root():
            assert finished.rerun(REAL) == {"build_manifest": 1, "list_uses": 1, "read_poses": 1} | ONCE
    finally:
        os.utime(skeleton, ns=(before.st_atime_ns, before.st_mtime_ns))
