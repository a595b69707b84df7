"""What kinds of faults share: what they say of the harm they did, and how they pick a stage."""

import os
import random
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from .mini import STAGES, Done, Mini


class Harm(NamedTuple):
    """What was done to a pipeline.

    Attributes:
        what: In words.
        done: How the command ended that it was done to.
        hit: Whether it came to pass: a process was still there to be killed, a job met the full disk or locked folder.
        file: The damaged one, if there is one.
        said: What a command that failed must have said.
        wrong: What must not be, as far as the kind itself can tell.
    """

    what: str
    done: Done
    hit: bool = True
    file: Path | None = None
    said: str = ""
    wrong: str = ""


def two_stages(rng: random.Random) -> tuple[str, str]:
    """The stage from which on all is made anew, and one of those that run then."""
    first, second = sorted(rng.choices(range(len(STAGES)), k=2))
    names = list(STAGES)
    return names[first], names[second]


def wait_for_job(mini: Mini, process: subprocess.Popen[str], stage: str) -> int | None:
    """Process id of the job of a stage, as soon as there is one; None if Snakemake ended without."""
    while process.poll() is None:
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and _is_job(folder, mini, stage):
                return int(folder.name)
        time.sleep(0.02)
    return None


def _is_job(folder: Path, mini: Mini, stage: str) -> bool:
    try:
        words = (folder / "cmdline").read_bytes().split(b"\0")
        return words[1:4] == [b"-m", b"poseattn", stage.replace("_", "-").encode()] and (
            os.readlink(folder / "cwd") == str(mini.folder.resolve())
        )
    except OSError:  # it has ended meanwhile
        return False
