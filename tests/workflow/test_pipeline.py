"""From rendered videos to a CSV: the table itself, kills at bad moments, real roots beside stand-ins, wrong inputs."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT, TABLE, Pipeline

pytestmark = pytest.mark.xdist_group("workflow")


def test_table_1_has_the_published_rows_and_measures_our_own(finished: Pipeline) -> None:
    with (finished.folder / TABLE).open() as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    of_a_metric = ("", "_sd", "_published", "_delta", "_n_test", "_n_excluded")
    metrics = [metric + suffix for metric in ("cs_acc", "cv_acc", "avg_acc") for suffix in of_a_metric]
    assert reader.fieldnames == [
        *("row_label", "method_id", "own_method", "pose_input", "rgb_input"),
        *metrics,
        *("seeds", "data", "weights", "note"),
    ]
    assert [row["row_label"] for row in rows][-3:] == ["Deep GRU [A]", "STA-Hands [B]", "A+B"]
    assert len(rows) == 15
    for row in rows:
        own = row["own_method"] == "true"
        assert bool(row["cs_acc"]) == own and bool(row["cv_acc"]) == own
        assert row["data"] == ("synthetic" if own else "")
        assert row["cs_acc_delta"] == ""
    assert [row["weights"] for row in rows][-3:] == ["none", "standin", "none+standin"]


def test_a_killed_snakemake_ends_with_the_same_bytes(finished: Pipeline, tmp_path: Path) -> None:
    """SIGKILL of Snakemake and its jobs while crops are written, and again in the middle of a training."""
    pipeline = Pipeline(tmp_path / "pipeline")
    pipeline.kill_when("results/frames/*/*/*.part*", TABLE)
    pipeline.run("--unlock")
    pipeline.kill_when("results/runs/*/*/*/seed0/resume.pt", TABLE)
    pipeline.run("--unlock")
    pipeline.run(TABLE)
    assert (pipeline.folder / TABLE).read_bytes() == (finished.folder / TABLE).read_bytes()
    assert not list((pipeline.folder / "results").rglob("*.part*"))
    assert not list((pipeline.folder / "results").rglob("resume.pt"))


def test_a_standin_leaves_what_real_data_made_untouched(finished: Pipeline) -> None:
    assert len(finished.of_real_data) >= 6  # shards, statuses and manifests
    assert finished.digests("results/poses/ntu", "results/manifests/ntu") == finished.of_real_data


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("root: synthetic", "rot: synthetic", "config.datasets.ntu: unknown key 'rot'; expected one of"),
        ("root: synthetic", "root: /no/such/folder", "config: datasets.ntu.root: root /no/such/folder is not a folder"),
        ("root: synthetic", "root: workflow", "root workflow has none of the folders nturgb+d_rgb, nturgb+d_skeletons"),
        (
            "  ntu:",
            "  ntv: {root: synthetic}\n  ntu:",
            "datasets.ntv: 'ntv' is not one of the data sets: hmdb51, hollywood2, ntu",
        ),
    ],
)
def test_a_wrong_config_stops_before_any_job(finished: Pipeline, old: str, new: str, message: str) -> None:
    with finished.edited("config.yaml", old, new):
        output = finished.run(TABLE, code=1)
    assert message in output
    assert "Traceback" not in output


def test_the_workflow_is_lint_clean() -> None:
    done = subprocess.run([sys.executable, "-m", "snakemake", "--lint"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
