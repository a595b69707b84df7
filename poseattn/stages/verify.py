"""Check every file of a results folder: shards byte by byte, tables and checkpoints for being whole.

A tool, no stage of the pipeline: it changes nothing.
"""

import csv
import sys
import zipfile
from collections import Counter
from pathlib import Path

from poseattn.shards import Shard


def run(*, folder: Path) -> None:
    """Print one line for each file that is broken or left over, and a summary.

    Args:
        folder: Folder to walk, such as results/.

    Raises:
        ValueError: The folder is missing, or something in it is broken.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    sound: Counter[str] = Counter()
    n_broken = 0
    for path in sorted(path for path in folder.rglob("*") if not path.is_dir()):
        if path.suffix == ".part":
            sys.stdout.write(f"left over: {path}: of a job that was killed, or is running\n")
        if path.suffix not in _CHECKS:
            continue
        what, check = _CHECKS[path.suffix]
        try:
            check(path)
            sound[what] += 1
        except (ValueError, OSError) as error:
            sys.stdout.write(f"broken: {_named(path, error)}\n")
            n_broken += 1
    summary = ", ".join(f"{what} {sound[what]}" for what in ("shards", "tables", "checkpoints"))
    sys.stdout.write(f"sound: {summary}\n")
    if n_broken:
        raise ValueError(f"{folder}: {n_broken} of {n_broken + sound.total()} files are broken")


def check_shard(path: Path) -> None:
    """Compare a shard with its checksums.

    Args:
        path: The file.

    Raises:
        ValueError: It is no sound shard.
    """
    with Shard(path) as shard:
        shard.check_content()


def check_table(path: Path) -> None:
    """Parse a CSV or TSV file.

    Args:
        path: The file.

    Raises:
        ValueError: It is no text, has no header, names a column twice, or has a line of another length.
    """
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file, delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
        try:
            header = next(lines, [])
            if not header or len(set(header)) < len(header):
                raise ValueError(f"header {header}, expected distinct names of columns")
            for line in lines:
                if len(line) != len(header):
                    raise ValueError(f"line {lines.line_num} has {len(line)} fields, the header {len(header)}")
        except csv.Error as error:
            raise ValueError(f"line {lines.line_num}: {error}") from error


def check_checkpoint(path: Path) -> None:
    """Compare a checkpoint, which is a zip archive, with its checksums.

    Args:
        path: The file.

    Raises:
        ValueError: It is no zip archive, or one of its parts changed.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            changed = archive.testzip()
    except zipfile.BadZipFile as error:
        raise ValueError(f"truncated or no checkpoint ({error})") from error
    if changed is not None:
        raise ValueError(f"{changed} in it changed since it was written")


_CHECKS = {
    ".h5": ("shards", check_shard),
    ".csv": ("tables", check_table),
    ".tsv": ("tables", check_table),
    ".pt": ("checkpoints", check_checkpoint),
}


def _named(path: Path, error: Exception) -> str:
    """The message of an error on one line, with the file in front if it does not name it."""
    text = " ".join(str(error).split())
    return text if str(path) in text else f"{path}: {text}"
