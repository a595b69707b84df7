"""Check every file of a results folder against the checksums that it was written with, and say how to repair it.

A tool, no stage of the pipeline: it changes nothing.
"""

import csv
import os
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from poseattn.contents import check_contents
from poseattn.files import damage_of_archive, read_sealed
from poseattn.origins import ACCEPTED
from poseattn.shards import Shard

# Folders of results/ whose files are outputs of rules. What is broken elsewhere (logs, benchmarks) is only removed.
MADE = ("backbones", "cubes", "figures", "flow", "frames", "glimpses", "heatmaps", "joints", "manifests", "pieces")
MADE += ("poses", "runs", "synthetic")


def run(*, folder: Path) -> None:
    """Print one line for each file that is broken or left over, a command that repairs all of it, and a summary.

    Args:
        folder: Folder to walk, `results/` or one in it, named as seen from where Snakemake runs.

    Raises:
        ValueError: The folder is missing, or something in it is broken.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    sound: Counter[str] = Counter()
    broken: list[Path] = []
    unread = 0
    for path in _files(folder):
        if path.suffix == ".part":
            sys.stdout.write(f"left over: {path}: of a job that was killed, or is running\n")
        what, check = _check_of(path)
        if check is None:
            continue
        try:
            check(path)
            sound[what] += 1
        except (ValueError, OSError) as error:
            if reason := _unreadable(path):
                sys.stdout.write(f"not read: {path}: {reason}\n")
                unread += 1
                continue
            sys.stdout.write(f"broken: {_named(path, error)}\n")
            broken.append(path)
    for group in _groups(broken):
        sys.stdout.write(f"repair, with the same --configfile as before: {_repair(group)}\n")
    for path in broken:
        if not _is_ours(path):
            sys.stdout.write(f"no file of this pipeline, left as it is: {path}\n")
    summary = ", ".join(f"{what} {sound[what]}" for what in ("shards", "tables", "checkpoints", "stand-ins"))
    sys.stdout.write(f"sound: {summary}\n")
    if broken:
        raise ValueError(f"{folder}: {len(broken)} of {len(broken) + sound.total() + unread} files are broken")
    if unread:
        raise ValueError(f"{folder}: {unread} of {sound.total() + unread} files could not be read")


def _files(folder: Path) -> Iterator[Path]:
    """All files but those of stand-ins, for which their records answer."""
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            yield path
        elif path.parent.name != "synthetic":
            yield from _files(path)


def _unreadable(path: Path) -> str:
    """Why the system does not give a file's bytes, of which nothing can be said then; empty if it does."""
    try:
        with open(path, "rb") as file:
            while file.read(1 << 24):
                pass
    except FileNotFoundError:  # a link to nothing
        return ""
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _parts(path: Path) -> tuple[str, ...]:
    """A file's place below `results`; of one that is elsewhere all of its place."""
    parts = path.absolute().parts
    return parts[len(parts) - parts[::-1].index("results") :] if "results" in parts else parts


def _is_ours(path: Path) -> bool:
    """Whether a rule wrote a file: in a folder of rules, or a table, of which there is a log."""
    first, *rest = _parts(path)
    if rest:
        return first in (*MADE, "logs", "benchmarks")
    return first == ACCEPTED.name or any((path.parent / "logs").glob(f"*/{path.stem}.log"))


def _groups(broken: Iterable[Path]) -> list[list[Path]]:
    """Our files, those of stand-ins and others apart: one configuration may not make both."""
    groups: dict[bool, list[Path]] = {}
    for path in filter(_is_ours, broken):
        is_standin = any(part == "synthetic" or part.endswith("_synthetic") for part in _parts(path))
        groups.setdefault(is_standin, []).append(path)
    return list(groups.values())


def _repair(broken: Iterable[Path]) -> str:
    """Command that removes damaged files and has those that a rule makes made anew, all in one go."""
    names = [os.path.relpath(path) for path in broken]
    command = shlex.join(["rm", "-f", *names])
    made = [name for name in names if _is_made(Path(name))]
    return f"{command} && {shlex.join(['snakemake', '--cores', 'all', *made])}" if made else command


def _is_made(path: Path) -> bool:
    """Whether a rule makes a file: those of a training that was killed it makes itself, and forgets."""
    if path.parts[0] != "results" or path.name in ("resume.pt", "SHA256SUMS", ACCEPTED.name):
        return False
    return path.parts[1] in MADE or len(path.parts) == 2


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
    if damage := damage_of_archive(path):
        raise ValueError(damage)


def check_standin(path: Path) -> None:
    """Compare the files of a stand-in with its record, and the record with its checksum.

    Args:
        path: The record.

    Raises:
        ValueError: A file of it is missing or changed, or the record did.
    """
    read_sealed(path)
    check_contents(path.with_suffix(""), ["."])


_CHECKS: dict[str, tuple[str, Callable[[Path], object]]] = {
    ".h5": ("shards", check_shard),
    ".csv": ("tables", check_table),
    ".tsv": ("tables", check_table),
    ".pt": ("checkpoints", check_checkpoint),
}


def _check_of(path: Path) -> tuple[str, Callable[[Path], object] | None]:
    """What a file is, and what checks it; None for what has no checksum."""
    if "manifests" in _parts(path) or path.name.endswith((".status.tsv", ACCEPTED.name)):
        return "tables", read_sealed
    if path.parent.name == "synthetic" and path.suffix == ".txt":
        return "stand-ins", check_standin
    return _CHECKS.get(path.suffix, ("", None))


def _named(path: Path, error: Exception) -> str:
    """The message of an error on one line, with the file in front if it does not name it."""
    text = " ".join(str(error).split())
    return text if str(path) in text else f"{path}: {text}"
