"""Faults at random moments: the same command, or the repair that `verify` names and it, ends with the same table."""

import contextlib
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import h5py
import pytest

from .kinds import KINDS
from .mini import STAGES, TABLE, Mini
from .trials import Trial, ends_in_traceback, is_same, run_trial, summary

pytestmark = pytest.mark.xdist_group("workflow")

# Trials in which only late and short stages run: a killed job, then one of each other kind.
QUICK = 143
OTHERS = (61, 69, 1086, 188, 233, 3040, 104, 95, 1230, 10)


def _bad(finished: Mini, folder: Path, seeds: Sequence[int]) -> list[Trial]:
    return [trial for trial in _trials(finished, folder, seeds) if trial.faults]


def _trials(finished: Mini, folder: Path, seeds: Sequence[int]) -> list[Trial]:
    return [run_trial(finished, folder / f"{seed}", seed) for seed in seeds]


def test_the_undisturbed_table_is_whole(finished: Mini) -> None:
    assert (finished.folder / TABLE).read_text().count("\n") == 2
    assert finished.verify().code == 0


def test_a_killed_job_changes_no_result(finished: Mini, tmp_path: Path) -> None:
    (trial,) = _trials(finished, tmp_path, [QUICK])
    assert not trial.faults


@pytest.mark.slow
@pytest.mark.ci
def test_a_fault_of_each_kind(finished: Mini, tmp_path: Path) -> None:
    trials = _trials(finished, tmp_path, [QUICK, *OTHERS])
    assert {trial.kind for trial in trials} == set(KINDS)
    assert not [trial for trial in trials if trial.faults]


def test_locked_folders_are_named_before_the_first_job(finished: Mini, tmp_path: Path) -> None:
    mini = Mini(tmp_path / "locked", finished)
    mini.forget("evaluate")
    locked = ["results/benchmarks/evaluate", "results/logs/tabulate", str(Path(STAGES["evaluate"][0]).parent)]
    for folder in locked:
        (mini.folder / folder).chmod(0o555)
    done = mini.make_table()
    for folder in locked:
        (mini.folder / folder).chmod(0o755)
    assert done.code == 1 and "Traceback" not in done.output and "0 of 2 steps" not in done.output
    assert all(f"\n  {mini.folder.resolve() / folder}\n" in done.output for folder in locked)
    assert not (mini.folder / STAGES["evaluate"][0]).exists()


@pytest.mark.slow
def test_a_disk_that_is_full_for_everybody(finished: Mini, tmp_path: Path) -> None:
    """On a small disk of its own, which only root may mount: Snakemake has no room either."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", disk]).returncode:
        pytest.skip("no right to mount a disk")
    try:
        mini = Mini(disk / "mini", finished)
        mini.forget("train")
        filling = disk / "filling"
        with contextlib.suppress(OSError), filling.open("wb", buffering=0) as file:
            while file.write(bytes(1 << 12)):
                pass
        for _ in range(2):
            done = mini.make_table()
            assert done.code == 1 and "Traceback" not in done.output, done.output[-3000:]
            assert f"no space left on the disk of {mini.folder.resolve()}: make room" in done.output
        with filling.open("r+b") as file:
            file.truncate(filling.stat().st_size - (3 << 20))
        assert not ends_in_traceback(mini.make_table().output)
        filling.unlink()
        assert mini.make_table().code == 0
        assert (mini.folder / TABLE).read_bytes() == (finished.folder / TABLE).read_bytes()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


@pytest.mark.slow
def test_200_faults(finished: Mini, tmp_path: Path) -> None:
    assert not _bad(finished, tmp_path, range(200))


def test_one_bit_of_one_feature_makes_another_result(finished: Mini, tmp_path: Path) -> None:
    """Though its checksum is right and the table does not move."""
    path = finished.folder / STAGES["extract_glimpses"][0].replace("*", "000.h5")
    copy = tmp_path / "copy.h5"
    shutil.copy(path, copy)
    assert is_same(path, copy)
    with h5py.File(copy, "r+") as file:
        (name,) = [name for name, item in file.items() if item.ndim == 3 and item.dtype == "f2"]
        values = file[name][()].view("u2")
        values[0, 0, 0] ^= 1
        file[name][...] = values.view("f2")
    assert not is_same(path, copy)
    copy.write_bytes(path.read_bytes()[:-1])
    assert not is_same(path, copy)


def test_what_ends_in_a_traceback() -> None:
    said = "Traceback (most recent call last):\n  File x\nValueError: y\n"
    assert ends_in_traceback(said) and ends_in_traceback(f"poseattn train: error: z\n{said}")
    assert not ends_in_traceback(f"{said}poseattn train: error: z\n") and not ends_in_traceback("all is well\n")


def test_the_summary_counts_what_went_wrong() -> None:
    trials = [
        Trial(0, "kill a job", "", False, 0, [], 1.0),
        Trial(1, "kill a job", "", True, 1, ["wrong: x", "traceback (last):\n"], 1.0),
    ]
    assert summary(trials).splitlines() == [
        "2 trials, 1 faults came to pass: kill a job 1 of 2",
        "wrong results 1, tracebacks as the last word 1, unrepaired 0, hung 0, damaged files not named 0, left over 0",
        "trials that needed the repair of verify: 1, bad: 1",
    ]
