"""The main job through `profiles/slurm`, on a Slurm of one node, with jobs that end too early."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pipeline import TABLE, Pipeline, local_table

from .cluster import single_node

pytestmark = pytest.mark.slurm

PROFILE = ("--workflow-profile", "profiles/slurm")
# What this Slurm needs beside the profile: it keeps no accounts, and a test asks for states more often.
HERE = ("--slurm-no-account", "--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "2")
# Without the ten seconds that the plugin waits longer after each question to which no job had ended.
_SNAKEMAKE = """
from snakemake import cli
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
RemoteExecutor.next_seconds_between_status_checks = property(lambda executor: 2, lambda executor, seconds: None)
cli.main()
"""
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


def running(name: str) -> list[Job]:
    """Running jobs with that beginning of a name."""
    return [job for job in jobs_after(0, "--states", "RUNNING") if job.name.startswith(name)]


def cancel(rule: str) -> None:
    """Cancel the running jobs of a rule."""
    for job in running(rule):
        subprocess.run(["scancel", str(job.number)], check=True)


@pytest.fixture(scope="module", autouse=True)
def slurm() -> Iterator[None]:
    with single_node():
        yield


@contextmanager
def submit(folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Run Snakemake, which is ended with the context; what it says goes to a file."""
    command = [sys.executable, "-c", _SNAKEMAKE, *words]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=said, stderr=said, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def overrun(rule: str, words: str) -> None:
    """Stop the process whose command line has these words, and have Slurm end its job after the first minute."""
    lines = subprocess.run(["ps", "-e", "-ww", "-o", "pid=,args="], check=True, capture_output=True, text=True).stdout
    found = [line.split()[0] for line in lines.splitlines() if words in line and "-m poseattn" in line.split(words)[0]]
    for process in found:
        os.kill(int(process), signal.SIGSTOP)
    assert found, f"no process with {words!r}"
    for job in running(rule):
        subprocess.run(["scontrol", "update", f"JobId={job.number}", "TimeLimit=1"], check=True)


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
        "    shell: 'sleep 10; echo $CUDA_VISIBLE_DEVICES > {output}'\n\n\n"
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


def test_the_main_job_has_the_bytes_of_a_local_run(tmp_path: Path) -> None:
    """A training runs into its limit of time, a job is killed, and scores want more memory than they get at first."""
    before = last_job()
    pipeline = Pipeline(tmp_path / "pipeline")
    training = "results/runs/ntu_synthetic/deep_gru/cross_subject/seed0"
    harm: dict[str, Callable[[], object]] = {
        f"{training}/resume.pt": lambda: overrun(
            "train ntu_synthetic_deep_gru_cross_subject", f"--out {training}/checkpoint.pt"
        ),
        "results/frames/ntu_synthetic/*/*.part": lambda: cancel("decode_frames"),
    }
    little = ("--set-resources", "evaluate:mem_mb=attempt * 350")
    with submit(pipeline.folder, *PROFILE, *HERE, TABLE, *little) as process:
        deadline = time.monotonic() + 3600
        while process.poll() is None and time.monotonic() < deadline:
            for pattern in [pattern for pattern in harm if list(pipeline.folder.glob(pattern))]:
                harm.pop(pattern)()
            time.sleep(0.05)
    assert process.returncode == 0, (pipeline.folder / "said.txt").read_text()[-6000:]
    assert not harm, f"never seen: {', '.join(harm)}"
    done = jobs_after(before)
    states = {name: {job.state for job in done if job.name.startswith(name)} for name in ("decode_frames", "train")}
    assert states == {"decode_frames": {"CANCELLED", "COMPLETED"}, "train": {"TIMEOUT", "COMPLETED"}}
    log = pipeline.folder / "results/logs/train/ntu_synthetic.deep_gru.cross_subject.seed0.log"
    assert re.search(r"going on after epoch \d+ of", log.read_text())
    assert not (pipeline.folder / training / "resume.pt").exists()
    scores = [job for job in done if job.name.startswith("evaluate")]
    assert any(job.state == "FAILED" and job.memory == 350 for job in scores)
    assert all(job.memory > 350 for job in scores if job.state == "COMPLETED")
    assert {job.partition for job in done} == {"cpu"}
    # Manifests, uses and poses of both shards are one job.
    assert sum(job.state == "COMPLETED" for job in done) == 3 + 1 + 2 + 2 + 4 + 4
    assert (pipeline.folder / TABLE).read_bytes() == local_table(tmp_path).read_bytes()
