"""Record the files of a stand-in with the checksums that they had when the stand-in was made.

A real data set is watched by names, sizes and mtimes (`poseattn.clips.raw_digests`); a stand-in is compared byte by
byte. The record lies beside the folder of the data set, under its name with `.txt`.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from poseattn.files import SEAL, read_sealed, write_sealed
from poseattn.reading import open_input, reading

_LAST = f"{SEAL}01234567\n"
_BLOCK = 1 << 24  # bytes read at once
_TITLE = "# checksum and path of each file of this stand-in\n"


def write_contents(record: Path, entries: Iterable[str]) -> int:
    """Record every file of a stand-in.

    Args:
        record: File to write; the stand-in is in the folder of the same name without suffix.
        entries: Files and folders of the stand-in.

    Returns:
        Number of files.
    """
    root = record.with_suffix("")
    paths = [root / entry for entry in entries]
    files = sorted(file for path in paths for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    lines = (f"{_crc32(file):08x}  {file.relative_to(root).as_posix()}\n" for file in files)
    write_sealed(record, _TITLE + "".join(lines))
    return len(files)


def check_contents(root: Path, paths: Iterable[str]) -> None:
    """Refuse files of a stand-in that changed or vanished since it was made; real data sets have no record.

    Args:
        root: Folder of the data set.
        paths: Files or folders, relative to the root; `.` for all.

    Raises:
        ValueError: A file is missing or has another checksum, or the record itself is damaged.
    """
    record = _record_of(root)
    wanted = set(paths)
    for crc32, path in _recorded(record):
        if wanted.isdisjoint([path, *map(str, Path(path).parents)]):
            continue
        if not (root / path).is_file():
            raise ValueError(f"{root / path} is missing: {_repair(record)}")
        if f"{_crc32(root / path):08x}" != crc32:
            raise ValueError(f"{root / path} has changed since it was made: {_repair(record)}")


def check_complete(root: Path) -> None:
    """Refuse a stand-in from which a file vanished: its clip would pass for one that never had the file.

    Args:
        root: Folder of the data set.

    Raises:
        ValueError: A file is missing, or the record itself is damaged.
    """
    record = _record_of(root)
    for _, path in _recorded(record):
        if not (root / path).is_file():
            raise ValueError(f"{root / path} is missing: {_repair(record)}")


def _record_of(root: Path) -> Path:
    folder = root.absolute()  # `.` has no name
    return folder.parent / f"{folder.name}.txt"


def _recorded(record: Path) -> Iterator[tuple[str, str]]:
    """Checksum and path of every file; none without a record: beside a real data set such a file may be anything."""
    if not record.is_file():
        return
    with open_input(record) as file, reading(record):
        is_ours = file.read(len(_TITLE)) == _TITLE.encode()
        file.seek(-min(len(_LAST), record.stat().st_size), os.SEEK_END)
        if not is_ours and SEAL.encode() not in file.read():  # both being damaged would be two accidents
            return
    for line in read_sealed(record).splitlines()[1:]:
        crc32, _, path = line.partition("  ")
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise ValueError(f"{record}: names the file {path!r}, expected one below {record.with_suffix('')}")
        yield crc32, path


def _crc32(path: Path) -> int:
    """Checksum of a file of any size."""
    crc32 = 0
    with open_input(path) as file, reading(path):
        while block := file.read(_BLOCK):
            crc32 = zlib.crc32(block, crc32)
    return crc32


def _repair(record: Path) -> str:
    return f"delete {record} and run the same command again, which makes the stand-in anew"
