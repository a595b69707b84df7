"""Check one file of results for `verify`: a shard, a table, a checkpoint, or the record of a stand-in."""

import csv
import os
from collections.abc import Callable, Iterator
from io import TextIOBase
from pathlib import Path

from poseattn.checks.origins import ACCEPTED
from poseattn.clips.standin_record import check_contents
from poseattn.files import damage_of_archive, read_sealed
from poseattn.reading import open_input
from poseattn.shards.shard import Shard

_LONGEST_LINE = 1 << 20  # characters of a line of a table
_LARGEST_TEXT = 1 << 30  # bytes of a table with a checksum, which is read at once; a million clips have a fifth of it

Check = Callable[[Path], object]


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
        lines = csv.reader(_short_lines(file), delimiter="\t" if path.suffix == ".tsv" else ",", strict=True)
        try:
            header = next(lines, [])
            if not header or len(set(header)) < len(header):
                raise ValueError(f"header {header}, expected distinct names of columns")
            for line in lines:
                if len(line) != len(header):
                    raise ValueError(f"line {lines.line_num} has {len(line)} fields, the header {len(header)}")
        except csv.Error as error:
            raise ValueError(f"line {lines.line_num}: {error}") from error


def _short_lines(file: TextIOBase) -> Iterator[str]:
    """Read the lines of a text, one at a time; each has a bounded length in memory."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise ValueError(f"line {number} has {_LONGEST_LINE} characters or more")
        yield line


def check_sealed(path: Path) -> None:
    """Compare a table with the checksum in its last line.

    Args:
        path: The file.

    Raises:
        ValueError: It changed since it was written, or is larger than any such table.
    """
    if (size := os.path.getsize(path)) > _LARGEST_TEXT:
        raise ValueError(f"{path} has {size} bytes, expected at most {_LARGEST_TEXT}")
    read_sealed(path)


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
    check_sealed(path)
    check_contents(path.with_suffix(""), ["."])


_CHECKS: dict[str, tuple[str, Check]] = {
    ".h5": ("shards", check_shard),
    ".csv": ("tables", check_table),
    ".tsv": ("tables", check_table),
    ".pt": ("checkpoints", check_checkpoint),
}


def check_of(path: Path, parts: tuple[str, ...]) -> tuple[str, Check | None]:
    """Find the kind of a file, and the check for this kind.

    Args:
        path: The file.
        parts: Its place below the folder of results.

    Returns:
        Word for the kind, and the check; None for a file without a checksum.
    """
    if "manifests" in parts or path.name.endswith((".status.tsv", ACCEPTED.name)):
        return "tables", check_sealed
    if path.parent.name == "synthetic" and path.suffix == ".txt":
        return "stand-ins", check_standin
    return _CHECKS.get(path.suffix, ("", None))


def unreadable(path: Path) -> str:
    """Return why the operating system cannot read a file; empty if it can. Such a file is not called broken."""
    try:
        with open_input(path) as file:
            while file.read(1 << 24):
                pass
    except FileNotFoundError:  # a link to nothing
        return ""
    except OSError as error:
        return error.strerror or str(error)
    return ""
