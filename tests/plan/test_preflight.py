"""What ends a command before its first job."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from poseattn.plan import preflight
from poseattn.plan.engine import all_jobs, jobs_to_run
from poseattn.plan.refusals import Refusal
from tests.pipeline import ROOT

from .toy import plan


def _job(*output: str, inputs: tuple[str, ...] = ()) -> Any:
    return SimpleNamespace(input=inputs, output=output, log=(), benchmark=None)


def _workflow(*jobs: Any) -> Any:
    return SimpleNamespace(dag=SimpleNamespace(jobs=jobs, needrun_jobs=lambda: iter(jobs)), is_main_process=False)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Works in an empty folder, and leaves the environment and signals as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "environ", os.environ.copy())
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(signal, "signal", lambda *_: before)


def test_folders_that_are_locked_are_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(os, "access", lambda folder, mode: folder == tmp_path / "c")
    jobs = [_job("b/new/x.h5"), _job("a/y.h5"), _job("c/z.h5")]
    said = rf"^no right to write into folders .* as their owner\n  {tmp_path}/a\n  {tmp_path}/b$"
    with pytest.raises(Refusal, match=said):
        preflight.refuse_locked_folders(jobs)


def test_a_link_to_a_disk_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "results").symlink_to("/disk/none")
    with pytest.raises(Refusal, match="results is a link to /disk/none, which is not there: is a disk missing?"):
        preflight.refuse_locked_folders([_job("results/x.h5")])


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=1, f_frsize=4096))
    monkeypatch.setattr(preflight.logging, "raiseExceptions", True)
    with pytest.raises(Refusal, match=f"^no space left on the disk of {tmp_path}: make room"):
        preflight.begin(_workflow())


def test_results_without_their_records_are_refused(tmp_path: Path) -> None:
    preflight.begin(_workflow())
    (tmp_path / "results/cubes").mkdir(parents=True)
    with pytest.raises(Refusal, match="^results/ was made elsewhere, or its records in .snakemake/ were removed"):
        preflight.begin(_workflow())
    os.environ["POSEATTN_ACCEPT"] = "1"
    preflight.begin(_workflow())


def test_jobs_are_told_where_the_planned_code_is() -> None:
    preflight.begin(_workflow())
    assert os.environ["POSEATTN_PLANNED_IN"] == str(ROOT / "poseattn")


def test_weights_that_nobody_vouches_for_are_refused_if_no_job_checks_them(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights/net.pth").write_bytes(b"other")
    fetched = _job("weights/net.pth")
    extracted = _job("results/cubes/films/rgb/000.h5", inputs=("weights/net.pth",))
    preflight.start(plan(), _workflow(fetched, extracted))
    assert (tmp_path / "results/.records").exists()
    with pytest.raises(Refusal, match="^net.pth in .* is not the file of https://example.org/net.pth: "):
        preflight.start(plan(), _workflow(extracted))


def test_jobs_to_run_are_not_all_jobs() -> None:
    first, second = _job("a"), _job("b")
    workflow = SimpleNamespace(dag=SimpleNamespace(jobs=[first, second], needrun_jobs=lambda: iter([second])))
    assert all_jobs(workflow) == [first, second] and jobs_to_run(workflow) == [second]


def test_an_interrupt_is_one_line() -> None:
    with pytest.raises(SystemExit, match="^interrupted before the first job: give the same command again$"):
        preflight._interrupted(signal.SIGINT, None)


def test_planning_imports_no_torch() -> None:
    code = "import sys, poseattn.plan.preflight; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
