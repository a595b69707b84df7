"""The profile of one machine, whatever its GPUs."""

import glob
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yte

from tests.pipeline import ROOT

PROFILE = ROOT / "profiles/default/config.yaml"


def profile() -> dict[str, Any]:
    """The profile as Snakemake reads it here and now."""
    with PROFILE.open() as file:
        return yte.process_yaml(file, require_use_yte=True)


@pytest.mark.parametrize(
    ("environment", "gpus"),
    [
        ({}, 3),
        ({"CUDA_VISIBLE_DEVICES": "0,2"}, 2),
        ({"CUDA_VISIBLE_DEVICES": "GPU-a"}, 1),
        ({"CUDA_VISIBLE_DEVICES": ""}, 0),
        ({"CUDA_VISIBLE_DEVICES": "-1"}, 0),
        ({"POSEATTN_JOBS_PER_GPU": "two"}, 3),
        ({"POSEATTN_JOBS_PER_GPU": "9" * 5000}, 3),
        ({"CUDA_VISIBLE_DEVICES": "0,1", "POSEATTN_JOBS_PER_GPU": "3"}, 6),
    ],
)
def test_as_many_gpu_jobs_run_as_there_is_room_for(
    environment: dict[str, str], gpus: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    devices = [f"/dev/nvidia{number}" for number in range(3)]
    monkeypatch.setattr(glob, "glob", lambda pattern: devices if pattern == "/dev/nvidia[0-9]*" else [])
    for name in ("CUDA_VISIBLE_DEVICES", "POSEATTN_JOBS_PER_GPU"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert profile()["resources"]["gpu"] == gpus


# Waits for a GPU, holds it for a second, and says which one and from when to when.
_HOLD = """
import sys, time
from poseattn.networks.gpus import claim
number, begun = claim(sys.argv[1:]), time.time()
time.sleep(1)
print(number, begun, time.time())
"""


@pytest.mark.parametrize(("n_gpus", "at_once"), [(2, 2), (4, 3)])
def test_jobs_on_gpus_of_one_machine(n_gpus: int, at_once: int, tmp_path: Path) -> None:
    """As many at the same time as `--resources gpu=N` allows, each on a GPU of its own; three jobs on two or four."""
    names = [f"{tmp_path}-{number}" for number in range(n_gpus)]
    (tmp_path / "hold.py").write_text(_HOLD)
    (tmp_path / "Snakefile").write_text(
        "rule all:\n    input: 'a.txt', 'b.txt', 'c.txt'\n\n\n"
        f"rule hold:\n    output: '{{job}}.txt'\n    resources: gpu=1\n"
        f"    shell: '{sys.executable} hold.py {' '.join(names)} > {{output}}'\n"
    )
    words = ["--cores", "4", "--resources", f"gpu={n_gpus}", "--workflow-profile", str(PROFILE.parent)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "snakemake", *words, "--", "all"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    jobs = [list(map(float, (tmp_path / f"{job}.txt").read_text().split())) for job in "abc"]
    together = [[other for other in jobs if other[1] <= job[1] < other[2]] for job in jobs]
    assert max(map(len, together)) == at_once
    for held in together:
        assert len({number for number, *_ in held}) == len(held)


def _fake(folder: Path, name: str, said: str, code: int = 0) -> None:
    """A program of Slurm that says the same to every question."""
    (folder / name).write_text(f"#!/bin/sh\necho '{said}' >&{2 if code else 1}\nexit {code}\n")
    (folder / name).chmod(0o755)


FORGOTTEN = "slurm_load_jobs error: Invalid job id specified"


@pytest.mark.parametrize(
    ("squeue", "sacct", "said"),
    [
        ("PENDING", "", "running"),
        ("RUNNING", "", "running"),
        ("COMPLETED", "", "success"),
        ("OUT_OF_MEMORY", "", "failed"),
        ("NODE_FAIL", "", "failed"),
        (FORGOTTEN, "  COMPLETED ", "success"),
        (FORGOTTEN, "CANCELLED by 1000", "failed"),
        (FORGOTTEN, "", "failed"),
        ("slurm_load_jobs error: Unable to contact slurm controller", "", "running"),
    ],
)
def test_what_has_become_of_a_job(squeue: str, sacct: str, said: str, tmp_path: Path) -> None:
    _fake(tmp_path, "squeue", squeue, code=int("error" in squeue))
    _fake(tmp_path, "sacct", sacct)
    command = [ROOT / "profiles/cluster-generic/status.sh", "7"]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert subprocess.run(command, env=environment, capture_output=True, text=True).stdout == f"{said}\n"


def test_jobs_together_ask_for_no_more_memory_than_there_is() -> None:
    assert profile()["resources"]["mem_mb"] == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
