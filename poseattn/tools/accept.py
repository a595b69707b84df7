"""Accept finished files after a change that moves no number, so that nothing runs again.

Snakemake must not run in the same folder at that time, since `accept` calls it.
"""

import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

from poseattn.checks.origins import ACCEPTED, ACCEPTING
from poseattn.config.load import load
from poseattn.config.placed import plain
from poseattn.plan.plan import Plan

_NONE: list[Path] = []
_WORKFLOW = Path(__file__).parents[2] / "workflow"


def run(*, targets: list[str], configfile: list[Path] = _NONE, snakemake: str = "") -> None:
    """Take the targets, and all files that they are made of, for current.

    Files that other code, another recipe or other weights made keep saying so; `results/accepted.tsv` lists the old and
    the new digest of each, and stages take the old one from then on. A data set that moved is accepted in the same way.

    Args:
        targets: Files to accept, such as `results/ntu_table1.csv`.
        configfile: Configuration files, as for `snakemake --configfile`.
        snakemake: Further options of Snakemake in one text, such as `--directory work`.

    Raises:
        ValueError: A target is missing or misspelt, or Snakemake refused; its own output says why.
    """
    options = shlex.split(snakemake)
    folder = _folder(options)
    if missing := [target for target in targets if not (folder / target).exists()]:
        plan = Plan(plain(load(_WORKFLOW, folder / "config.yaml", configfile)))
        said = f"{missing[0]} is missing: only files that are there can be accepted"
        raise ValueError(plan.targets.about(missing[0]) or said)
    command = [sys.executable, "-m", "snakemake", *targets, "--touch", "--forceall", "--cores", "1"]
    command += ["--quiet", "all"]
    command += ["--configfile", *map(str, configfile)] if configfile else []
    done = subprocess.run([*command, *options], env=os.environ | {ACCEPTING: "1"})
    if done.returncode:
        raise ValueError(f"Snakemake ended with code {done.returncode}; nothing more than {ACCEPTED} was changed")


def _folder(options: list[str]) -> Path:
    """Return the folder in which Snakemake will work, however its option is written."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-d", "--directory", type=Path, default=Path())
    try:
        return parser.parse_known_args(options)[0].directory
    except argparse.ArgumentError as error:
        raise ValueError(f"--snakemake: {error}") from None
