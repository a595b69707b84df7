"""Which files stages refuse after an edit, and how `accept` has them taken all the same."""

import os
import shutil
import subprocess
import sys

import pytest

from poseattn.checks.records import OF_RECORDS
from tests.faults.mini import REAL, TABLE, Mini

pytestmark = pytest.mark.xdist_group("workflow")

ACCEPTED = "results/accepted.tsv"
EDIT = ("poseattn/models/sta_hands.py", "batch_first=True", "batch_first=1")
SCORES = "results/runs/ntu_synthetic/sta_hands_pose/cross_subject/seed0/scores.h5"


def _accept(pipeline: Mini, *targets: str, code: int = 0) -> str:
    words = ["-m", "poseattn", "accept", *targets, "--configfile", "tiny.yaml"]
    environment = os.environ | {"PYTHONPATH": str(pipeline.folder)}
    done = subprocess.run(
        [sys.executable, *words], cwd=pipeline.folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_an_edit_is_refused_by_name_until_it_is_accepted(finished: Mini) -> None:
    """Without `accept`, files that only `--touch` made current are refused; with it nothing runs and nothing is."""
    table = (finished.folder / TABLE).read_bytes()
    with finished.edited(*EDIT):
        finished.run(TABLE, "--touch")
        said = finished.run(TABLE, "--forcerun", "tabulate", code=1)
        assert f"error: {SCORES}: made by other code (" in said and "`poseattn accept`" in said
        (finished.folder / TABLE).write_bytes(table)
        before = (finished.folder / SCORES).read_bytes()
        assert f"accepted: {SCORES}: code " in _accept(finished, TABLE)
        lines = (finished.folder / ACCEPTED).read_text().splitlines()
        assert lines[0] == "file\twhat\told\tnew" and lines[-1].startswith("# crc32 ")
        assert len(lines) == 2 + 2  # a checkpoint and its scores
        assert finished.rerun() == {}
        finished.run(TABLE, "--forcerun", "tabulate")
        assert (finished.folder / SCORES).read_bytes() == before and (finished.folder / TABLE).read_bytes() == table
    (finished.folder / ACCEPTED).unlink()
    _accept(finished, TABLE)  # the code is the old one again
    assert not (finished.folder / ACCEPTED).exists()
    assert finished.rerun() == {}


def test_results_without_the_records_of_snakemake_are_refused(finished: Mini) -> None:
    shutil.move(finished.folder / OF_RECORDS, finished.folder / "records")
    try:
        assert "results/ was made elsewhere, or its records" in finished.run(TABLE, "--dry-run", code=1)
    finally:
        shutil.move(finished.folder / "records", finished.folder / OF_RECORDS)


@pytest.mark.slow
@pytest.mark.ci
def test_a_data_set_that_moved_is_accepted_in_the_same_way(finished: Mini) -> None:
    shutil.copytree(finished.folder / "results/synthetic/ntu", finished.folder / "elsewhere/ntu")
    with finished.edited("config.yaml", "root: synthetic", "root: elsewhere"):
        assert "build_manifest" in finished.rerun(REAL)
        _accept(finished, REAL)
        assert finished.rerun(REAL) == {}
    with finished.real_root():
        _accept(finished, REAL)
        assert finished.rerun(REAL) == {}
    assert not (finished.folder / ACCEPTED).exists()


def test_a_target_that_is_missing_cannot_be_accepted(finished: Mini) -> None:
    assert "results/rpan_table1.csv is missing" in _accept(finished, "results/rpan_table1.csv", code=1)


@pytest.mark.slow
@pytest.mark.ci
def test_another_checkout_does_not_make_files_of_this_one(
    finished: Mini, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Snakemake plans with the code of one folder, and jobs run the code of another."""
    other = Mini(tmp_path_factory.mktemp("other") / "pipeline")
    with other.edited("poseattn/stages/tabulate.py", "import json\n", "import json\n\n_NEW = 1\n"):
        said = finished.run(TABLE, "--snakefile", str(other.folder / "Snakefile"), code=1)
    assert f"Snakemake planned with the code in {other.folder}/poseattn, but this job runs the code in " in said
    assert not (finished.folder / TABLE).exists()
    finished.run(TABLE)
    assert finished.rerun() == {}
