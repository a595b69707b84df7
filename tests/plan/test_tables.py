"""Which scores a table is made of, and which tables a configuration can make."""

import json
from typing import Any

from poseattn.plan.plan import Plan
from poseattn.plan.tables import columns_of, runs_of_cell

from .toy import config, standins

VIDEOS = {"dataset": "videos", "protocols": ["split1", "split2"], "split": "test"}
TABLE: dict[str, Any] = {
    "columns": {"acc": VIDEOS},
    "extra_columns": {"val_acc": VIDEOS | {"split": "val", "protocols": ["split1"]}},
    "rows": [
        {"label": "ours", "runs": ["on_poses"]},
        {"label": "other", "runs": {"acc": ["snippets"]}, "protocols": ["split2"]},
        {"label": "published"},
    ],
}
FILMS = {"columns": {"map": {"dataset": "films", "protocols": ["split1"], "split": "test"}}}
FILMS |= {"rows": [{"label": "onward", "runs": ["onward"]}]}
JOINTS = {"dataset": "videos", "run": "on_cubes", "protocol": "split1", "annotated": "annotated"}


def _plan(*synthetic: str) -> Plan:
    return Plan(config(**standins(*synthetic)) | {"tables": {"b": TABLE, "a": FILMS}, "joints": {"j": JOINTS}})


def test_scores_of_every_run_protocol_and_seed() -> None:
    """Two seeds of a run; snippets are scored once, by the protocol that their row names."""
    folder = "results/runs/videos_synthetic"
    assert _plan().tables.scores("b") == [
        f"{folder}/on_poses/split1/seed3/scores.h5",
        f"{folder}/on_poses/split1/seed3/scores.val.h5",
        f"{folder}/on_poses/split1/seed5/scores.h5",
        f"{folder}/on_poses/split1/seed5/scores.val.h5",
        f"{folder}/on_poses/split2/seed3/scores.h5",
        f"{folder}/on_poses/split2/seed5/scores.h5",
        f"{folder}/snippets/split2/seed0/scores.h5",
    ]


def test_runs_of_a_cell_may_differ_by_column() -> None:
    cells = [runs_of_cell(row, metric) for row in TABLE["rows"] for metric in columns_of(TABLE)]
    assert cells == [["on_poses"], ["on_poses"], ["snippets"], [], [], []]


def test_tables_that_can_be_made() -> None:
    """Films are real and videos are not, so that no run on films can start from a run on videos."""
    assert _plan().tables.of_config() == ["results/b.csv", "results/j.csv"]
    assert _plan("films").tables.of_config() == ["results/b.csv", "results/a.csv", "results/j.csv"]
    changed = _plan("films")
    del changed.config["datasets"]["videos"]
    assert changed.tables.of_config() == []


def test_the_order_of_a_table_is_part_of_it() -> None:
    said = _plan().tables.as_written("b")
    assert json.loads(said) == TABLE and said.index("val_acc") < said.index("ours") < said.index("published")


def test_joints_are_measured_over_all_seeds_and_shards() -> None:
    tables = _plan().tables
    folder = "results/runs/videos_synthetic/on_cubes/split1"
    assert tables.joints_scores("j") == [f"{folder}/seed3/scores.h5", f"{folder}/seed5/scores.h5"]
    assert tables.joints_poses("j") == [
        f"results/poses/videos_synthetic/annotated/{shard}.h5" for shard in ("000", "001")
    ]
    assert tables.of_joints("j") == JOINTS
