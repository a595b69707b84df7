"""Before the first job: a command that would end hours later, or with a traceback, ends now with one sentence."""

import logging
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from poseattn.checks import records
from poseattn.checks.origins import ACCEPTING
from poseattn.config.load import load
from poseattn.config.placed import plain
from poseattn.messages import one_line
from poseattn.networks.gpus import jobs_per_gpu
from poseattn.plan.engine import Job, all_jobs, folder_of_snakefile, given, is_main_process, jobs_to_run, maker_of
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal, say_sentences_alone
from poseattn.provenance import source_digest
from poseattn.video.opencv_builds import check_one_build

_LEAST = 1 << 20  # bytes that Snakemake's own notes and logs may need


def begin(workflow: Any) -> None:
    """Prepare for planning, before anything is read.

    Args:
        workflow: Snakemake's workflow.

    Raises:
        Refusal: The disk is full, or results stand without the records of Snakemake.
    """
    say_sentences_alone(lambda target: "")
    _refuse_full_disk()
    # Jobs compare their code with the planned code, and say where that is.
    os.environ[source_digest.PLANNED_IN] = str(Path(source_digest.__file__).parents[1])
    if shutil.which("python") is None:  # of a virtual environment that is not activated
        folders = [str(Path(sys.executable).parent), *os.get_exec_path()]
        os.environ.update(PATH=os.pathsep.join(folders))
    if is_main_process(workflow):
        signal.signal(signal.SIGINT, _interrupted)
    if ACCEPTING not in os.environ:
        try:
            records.check_records()
        except (ValueError, OSError) as error:
            raise Refusal(one_line(error)) from None


def planned(workflow: Any) -> Plan:
    """Read the configuration, make the plan, and let it answer targets that no rule makes.

    No `configfile:` reads the files, since Snakemake writes a line about each one under every command.

    Args:
        workflow: Snakemake's workflow.

    Returns:
        The plan.

    Raises:
        Refusal: The configuration is wrong, or the root of a real data set is wrong or empty.
    """
    files, keys = given(workflow)
    try:
        config = plain(load(folder_of_snakefile(workflow) / "workflow", Path("config.yaml"), files, keys, has_run=True))
        jobs_per_gpu()
        check_one_build()
    except ValueError as error:
        raise Refusal(str(error)) from None
    plan = Plan(config, maker_of(workflow))
    say_sentences_alone(plan.targets.about)
    plan.raw.check()
    return plan


def start(plan: Plan, workflow: Any) -> None:
    """Check what is planned, right before the first job.

    Args:
        plan: The plan.
        workflow: Snakemake's workflow, whose graph of jobs is complete.

    Raises:
        Refusal: A folder is locked, or nobody vouches for a file of weights.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    jobs = jobs_to_run(workflow)
    refuse_locked_folders(jobs)
    made = {str(path) for job in jobs for path in job.output}
    try:
        plan.weights.check_by_hand({str(path) for job in jobs for path in job.input} - made)
        if ACCEPTING in os.environ:
            plan.origins.accept(path for job in all_jobs(workflow) for path in job.output)
        records.name_records()
    except (ValueError, OSError) as error:
        raise Refusal(one_line(error)) from None


def refuse_locked_folders(jobs: Iterable[Job]) -> None:
    """Refuse jobs whose files this user has no right to write.

    Args:
        jobs: The jobs that will run.

    Raises:
        Refusal: It names every such folder, in a line of its own.
    """
    files = [path for job in jobs for path in (*job.output, *job.log, job.benchmark) if path]
    folders = sorted({_folder_of(path) for path in files})
    if locked := [f"  {folder}" for folder in folders if not os.access(folder, os.W_OK | os.X_OK)]:
        said = (
            "no right to write into folders of the jobs to be run: change it (chmod u+w), or give the command as "
            "their owner"
        )
        raise Refusal("\n".join([said, *locked]))


def _folder_of(path: str) -> Path:
    """The folder in which a file is made, or below which folders are made for it."""
    for parent in Path(path).absolute().parents:
        if parent.is_symlink() and not parent.exists():
            raise Refusal(f"{parent} is a link to {parent.readlink()}, which is not there: is a disk missing?")
        if parent.exists():
            return parent
    return Path("/")


def _refuse_full_disk() -> None:
    """Refuse a disk on which not even Snakemake's locks could be written."""
    disk = os.statvfs(".")
    if disk.f_bavail * disk.f_frsize < _LEAST:
        logging.raiseExceptions = False  # of Snakemake's log, which is full as well
        raise Refusal(f"no space left on the disk of {os.getcwd()}: make room and give the same command again")


def _interrupted(*_: object) -> None:
    raise SystemExit("interrupted before the first job: give the same command again")
