"""Small files: written as a whole or not at all, and read with the checksum that they end with."""

import errno
import fcntl
import os
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from poseattn.reading import open_input, read_input, reading, system_fault

MOVES_NO_NUMBER = ("REPAIR",)
REPAIR = "delete it and run the same command again (`poseattn verify results` finds all damaged files)"
_BLOCK = 16 << 20  # bytes compared at once
SEAL = "# crc32 "  # how the last line of a text with a checksum begins


def read_text(path: Path) -> str:
    """Read a text file.

    Args:
        path: The file.

    Returns:
        Its text, without the mark that some editors put in front, with the line ends of Unix.

    Raises:
        ValueError: It is not in UTF-8; the message names it.
        OSError: It cannot be read.
    """
    text = _decoded(read_input(path), path).removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def replace_file(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file beside its place, under a lock that keeps a second writer out, read it back, then move it there.

    Args:
        path: The file; an old one is replaced.
        content: What will be in it.
        durable: Wait until it is on the disk, so that it outlives a power cut and not only the process.

    Raises:
        OSError: It cannot be written, because the disk is full for instance, or the disk gives other bytes back;
            nothing is left of it then.
        BlockingIOError: Another process is writing it.
    """
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with lock(part) as file:
            try:
                file.truncate()  # what a killed writer left
                write_all(file, memoryview(content))
                if durable:
                    os.fsync(file.fileno())
                _check_written(part, content)
                os.replace(part, path)
            except OSError:
                part.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _check_written(path: Path, content: bytes) -> None:
    """Compare a file with what was written: some file systems report a write that failed late, or never."""
    view, at = memoryview(content), 0
    with open(path, "rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            if view[at : at + len(block)] != block:
                break
            at += len(block)
    if at != len(content):
        raise OSError(errno.EIO, f"the disk gives other bytes back than were written, from byte {at} on", str(path))


def lock(path: Path) -> BinaryIO:
    """Open a file under an exclusive lock; it is created if need be, and its old content left as it is.

    Args:
        path: The file.

    Returns:
        The file, unbuffered, for reading and writing; closing it gives the lock up.

    Raises:
        BlockingIOError: Another process holds the lock.
    """
    while True:
        file = open(path, "r+b", buffering=0, opener=_create)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        except BlockingIOError as error:
            file.close()
            raise BlockingIOError(error.errno, "another process is writing this file", str(path)) from None
        except FileNotFoundError:
            pass
        file.close()  # between our opening and our locking the writer before us renamed or removed it: once more


def _create(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CREAT, 0o666)


def write_all(file: BinaryIO, data: memoryview) -> None:
    """Write everything: one call may take only a part, for instance up to the last free byte of a disk."""
    while data:
        data = data[file.write(data) :]


def write_sealed(path: Path, text: str) -> None:
    """Write a text whose last line is a checksum of all before it.

    Args:
        path: The file; an old one is replaced.
        text: Lines that end with a line end, or nothing.

    Raises:
        OSError: It cannot be written; nothing is left of it then.
    """
    content = text.encode()
    replace_file(path, content + f"{SEAL}{zlib.crc32(content):08x}\n".encode())


def read_sealed(path: Path) -> str:
    """Read a text that `write_sealed` wrote.

    Args:
        path: The file.

    Returns:
        The text without its last line.

    Raises:
        ValueError: The file is truncated, or changed since it was written.
        OSError: It cannot be opened.
    """
    content = read_input(path)
    text, _, seal = content.rpartition(SEAL.encode())
    if seal != f"{zlib.crc32(text):08x}\n".encode():
        raise ValueError(f"{path}: truncated, or changed since it was written: {REPAIR}")
    return _decoded(text, path)


def damage_of_archive(path: Path) -> str:
    """Compare a zip archive of PyTorch with the checksums in it; PyTorch itself does not compare them.

    Args:
        path: The file.

    Returns:
        The damage; empty if there is none.

    Raises:
        OSError: The system does not give its bytes.
        MemoryError: They do not fit into memory.
    """
    with open_input(path) as file, reading(path):
        try:
            with zipfile.ZipFile(file) as archive:
                if sum(member.file_size for member in archive.infolist()) > os.fstat(file.fileno()).st_size:
                    return "its parts have more bytes than the file, which PyTorch never packs"
                changed = archive.testzip()
        # of damaged headers zipfile makes errors of many kinds, down to those of encryption
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, OSError, LookupError) as error:
            if fault := system_fault(error, path):
                raise fault from error
            return f"truncated or no checkpoint ({error})"
    return f"{changed} in it changed since it was written" if changed else ""


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: no text in UTF-8: {error.reason} at byte {error.start}") from None
