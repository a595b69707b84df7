"""Check every file of a results folder against its checksum, and print the command that repairs the damage.

It changes nothing. The command goes to standard output, all else to standard error. Names have escapes: a file may be
named like a line of this report.
"""

import glob
import os
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from poseattn.checks.origins import ACCEPTED
from poseattn.checks.results import check_of, unreadable
from poseattn.checks.walk import Walk
from poseattn.messages import one_line, printable, quoted, say

# Folders of results/ whose files are outputs of rules. What is broken elsewhere (logs, benchmarks) is only removed.
MADE = ("backbones", "cubes", "figures", "flow", "frames", "glimpses", "heatmaps", "joints", "manifests", "pieces")
MADE += ("poses", "runs", "synthetic")


@dataclass
class _Found:
    """Counts so far: sound files of each kind, the broken files, and the number of files that were not read."""

    sound: Counter[str] = field(default_factory=Counter)
    broken: list[Path] = field(default_factory=list)
    unread: int = 0


def run(*, folder: Path) -> None:
    """Report each file that is broken or left over, and print a command that repairs all of it, alone on its line.

    Plain files are read, also behind links, and each folder counts once. Names in the command are quoted for bash.

    Args:
        folder: Folder to walk, `results/` or one in it, named as seen from where Snakemake runs.

    Raises:
        ValueError: The folder is missing, or something in it is broken.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is not a folder")
    # the records of stand-ins answer for their files
    found, walk = _Found(), Walk(folder, enters=lambda path: path.parent.name != "synthetic")
    for path, special in walk.files():
        _look(path, special, found)
    for path, reason in walk.left_out:
        _unread(path, reason, found)
    broken = sorted(found.broken)
    for path in broken:
        if not _is_ours(path):
            say(f"no file of this pipeline, left as it is: {path}", sys.stderr)
    summary = ", ".join(f"{what} {found.sound[what]}" for what in ("shards", "tables", "checkpoints", "stand-ins"))
    say(f"sound: {summary}", sys.stderr)
    if groups := _groups(broken):
        say("repair, with the same --configfile as before:", sys.stderr)
    for group in groups:
        say(_repair(group))
    n_files = len(broken) + found.sound.total() + found.unread
    if broken:
        raise ValueError(f"{folder}: {len(broken)} of {n_files} files are broken")
    if found.unread:
        raise ValueError(f"{folder}: {found.unread} of {n_files} files could not be read")


def _look(path: Path, special: str, found: _Found) -> None:
    """Check one file and report it; `special` says why its content is not to be read, if so."""
    if path.suffix == ".part":
        say(f"left over: {path}: of a job that was killed, or is running", sys.stderr)
    what, check = check_of(path, _parts(path))
    if check is None:
        return
    if special:
        _unread(path, special, found)
        return
    try:
        check(path)
        found.sound[what] += 1
    except (ValueError, OSError) as error:
        if reason := unreadable(path):
            _unread(path, reason, found)
            return
        text = one_line(error)
        say(f"broken: {text if one_line(path) in text else f'{path}: {text}'}", sys.stderr)
        found.broken.append(path)


def _unread(path: Path, reason: str, found: _Found) -> None:
    say(f"not read: {path}: {reason}", sys.stderr)
    found.unread += 1


def _parts(path: Path) -> tuple[str, ...]:
    """Return the parts of a path below `results`; all parts of a path that is elsewhere."""
    parts = path.absolute().parts
    return parts[len(parts) - parts[::-1].index("results") :] if "results" in parts else parts


def _is_ours(path: Path) -> bool:
    """Tell whether a rule wrote a file: it is in a folder of rules, or it is a table that has a log."""
    first, *rest = parts = _parts(path)
    if any(printable(part) != part for part in parts):  # no rule gives such a name
        return False
    if rest:
        return first in (*MADE, "logs", "benchmarks")
    return first == ACCEPTED.name or any((path.parent / "logs").glob(f"*/{glob.escape(path.stem)}.log"))


def _groups(broken: Iterable[Path]) -> list[list[Path]]:
    """Group our files, stand-ins apart from real data: one configuration may not make both."""
    groups: dict[bool, list[Path]] = {}
    for path in filter(_is_ours, broken):
        is_standin = any(part == "synthetic" or part.endswith("_synthetic") for part in _parts(path))
        groups.setdefault(is_standin, []).append(path)
    return list(groups.values())


def _repair(broken: Iterable[Path]) -> str:
    """Write one command that removes damaged files, and then makes the files anew that rules make."""
    names = [name if name[0] != "-" else f"./{name}" for name in map(os.path.relpath, broken)]
    command = " ".join(["rm -f", *map(quoted, names)])
    made = [quoted(name) for name in names if _is_made(Path(name))]
    return " ".join([command, "&& snakemake --cores all", *made]) if made else command


def _is_made(path: Path) -> bool:
    """Tell whether a rule declares a file as output; progress files of a killed training are not declared."""
    if path.parts[0] != "results" or path.name in ("resume.pt", "SHA256SUMS", ACCEPTED.name):
        return False
    return path.parts[1] in MADE or len(path.parts) == 2
