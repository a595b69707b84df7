# Before the first job: a full disk, or a folder that jobs may not write into, ends the command with one line that names it,
# and not with a traceback, or hours later. So does a file of weights that nobody has accepted.
import logging
import os
import shutil
import signal
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError

from poseattn.checks import origins, records

LEAST = 1 << 20  # bytes that Snakemake's own notes and logs may want


def refuse_full_disk():
    """WorkflowError where not even Snakemake's locks could be written."""
    disk = os.statvfs(".")
    if disk.f_bavail * disk.f_frsize < LEAST:
        logging.raiseExceptions = False  # of Snakemake's log, which is full as well
        raise WorkflowError(
            f"no space left on the disk of {os.getcwd()}: make room and give the same command again"
        )


def folder_of(path):
    """The folder in which a file is made, or below which folders are made for it."""
    for parent in Path(path).absolute().parents:
        if parent.is_symlink() and not parent.exists():
            raise WorkflowError(
                f"{parent} is a link to {parent.readlink()}, which is not there: is a disk missing?"
            )
        if parent.exists():
            return parent


def refuse_locked_folders(jobs):
    """WorkflowError with every folder of files of jobs that this user has no right to write into."""
    files = [
        path for job in jobs for path in (*job.output, *job.log, job.benchmark) if path
    ]
    folders = sorted({folder_of(path) for path in files})
    if locked := [
        f"  {folder}" for folder in folders if not os.access(folder, os.W_OK | os.X_OK)
    ]:
        raise WorkflowError(
            "no right to write into folders of the jobs to be run: change it (chmod u+w), or give the command as their owner",
            *locked,
        )


def interrupted(*_):
    raise SystemExit("interrupted before the first job: give the same command again")


refuse_full_disk()
if shutil.which("python") is None:  # of a virtual environment that is not activated
    folders = [str(Path(sys.executable).parent), *os.get_exec_path()]
    os.environ.update(PATH=os.pathsep.join(folders))
if workflow.is_main_process:
    signal.signal(signal.SIGINT, interrupted)
if origins.ACCEPTING not in os.environ:
    try:
        records.check_records()
    except ValueError as error:
        raise WorkflowError(str(error)) from None


onstart:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    jobs = list(workflow.dag.needrun_jobs())
    refuse_locked_folders(jobs)
    try:
        refuse_unknown_weights(jobs)
        if origins.ACCEPTING in os.environ:
            accept(workflow.dag.jobs)
        records.name_records()
    except (ValueError, OSError) as error:
        raise WorkflowError(str(error)) from None
