"""Jobs through the profiles of clusters, on a Slurm of one node."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.workflow.conftest import Pipeline

from .cluster import single_node

pytestmark = pytest.mark.slurm

PROFILE = ("--workflow-profile", "profiles/slurm")
# What this Slurm needs beside the profile: it keeps no accounts, and a test asks for states more often.
HERE = ("--slurm-no-account", "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2")
GENERIC = ("--workflow-profile", "profiles/cluster-generic", "--seconds-between-status-checks", "2")


class Job(NamedTuple):
    """A job as Slurm knows it; its comment names the rule and its wildcards."""

    number: int
    comment: str
    state: str
    partition: str
    memory: int

    @property
    def name(self) -> str:
        return self.comment.removeprefix("rule_").replace("_wildcards_", " ")


def jobs_after(number: int, *options: str) -> list[Job]:
    """Jobs that this Slurm got after another one, first to last; ended ones as well unless options say otherwise."""
    command = ["squeue", "--noheader", "--sort", "i", "--format", "%A|%k|%T|%P|%m", *(options or ("--states", "all"))]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    cells = [line.split("|") for line in lines]
    found = [Job(int(cell[0]), cell[1], cell[2], cell[3], int(cell[4].rstrip("M"))) for cell in cells]
    return [job for job in found if job.number > number]


def last_job() -> int:
    """Number of the job that this Slurm got last; 0 before the first one."""
    return max((job.number for job in jobs_after(0)), default=0)


@pytest.fixture(scope="module", autouse=True)
def slurm() -> Iterator[None]:
    with single_node():
        yield


@contextmanager
def submit(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run Snakemake, which is ended with the context; what it says goes to a file."""
    command = [sys.executable, "-m", "snakemake", *words]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("words", "partitions"),
    [
        pytest.param((*PROFILE, *HERE), {"on_cpu": ["cpu"], "on_gpu": ["gpu", "gpu"]}, id="Slurm"),
        pytest.param(GENERIC, {}, id="any scheduler"),
    ],
)
def test_every_gpu_job_gets_a_device(words: Sequence[str], partitions: dict[str, list[str]], tmp_path: Path) -> None:
    """The job on the CPU gets none, and the first attempt of a third one fails."""
    before = last_job()
    pipeline = Pipeline(tmp_path / "pipeline")
    (pipeline.folder / "Snakefile").write_text(
        "rule all:\n    input: 'cpu', 'gpu0', 'gpu1', 'again'\n\n\n"
        "rule on_cpu:\n    output: 'cpu'\n    shell: 'echo ${{CUDA_VISIBLE_DEVICES:-none}} > {output}'\n\n\n"
        "rule on_gpu:\n    output: 'gpu{number}'\n    resources: gpu=1\n"
        "    shell: 'sleep 15; echo $CUDA_VISIBLE_DEVICES > {output}'\n\n\n"
        "rule fail_once:\n    output: 'again'\n    resources: attempt=lambda wildcards, attempt: attempt\n"
        "    shell: 'test {resources.attempt} = 2 && touch {output}'\n"
    )
    with submit(pipeline.folder, *words) as process:
        assert process.wait(300) == 0, (pipeline.folder / "said.txt").read_text()
    assert (pipeline.folder / "cpu").read_text() == "none\n"
    assert {(pipeline.folder / name).read_text().strip() for name in ("gpu0", "gpu1")} == {"0", "1"}
    done = jobs_after(before)
    assert sorted(job.state for job in done) == ["COMPLETED"] * 4 + ["FAILED"]
    for rule, expected in partitions.items():
        assert [job.partition for job in done if job.name.startswith(rule)] == expected
