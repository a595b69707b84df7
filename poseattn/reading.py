"""Files as they are read: what the system refuses stays apart from what the bytes say.

An OSError or a MemoryError is a fault of the system: the job fails, names the file, and can be tried again. A
ValueError is what the bytes of a file say: the clip is bad and stays bad. Standard library only: rules import it.
"""

import errno
import logging
import os
import re
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_log = logging.getLogger(__name__)
_WAY_OUT = {
    errno.EACCES: "give the user who runs this the right to read it (chmod u+r; u+x for its folders)",
    errno.EMFILE: "allow more open files (ulimit -n)",
}
# Of a library that was led astray by damaged bytes, such as a seek to a byte before the first.
_OF_BYTES = (0, errno.EINVAL, errno.EFAULT, errno.EFBIG, errno.EOVERFLOW)
# How OpenCV, pandas and PyTorch say that there is no memory left.
_NO_MEMORY = re.compile(r"-4:Insufficient memory|C error: out of memory|Allocator: (not enough|can't allocate) memory")
FOLDER = "a folder"
_KINDS = {stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket", stat.S_IFDIR: FOLDER, stat.S_IFREG: ""}
_waiting: dict[int, tuple[float, str]] = {}  # thread -> since when it waits for the system, and for which file


def open_input(path: Path) -> BinaryIO:
    """Open a file that others wrote; anything but a plain file is refused at once, since a FIFO would hang.

    Args:
        path: The file, or a link to it.

    Returns:
        The file, for reading.

    Raises:
        ValueError: It is a folder, a FIFO, a socket or a device.
        OSError: The system does not open it; the message names it.
    """
    with reading(path):
        if kind := kind_of(os.stat(path).st_mode):
            raise ValueError(f"{path.name} is {kind}, expected a file")
        return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK))


def kind_of(mode: int) -> str:
    """Tell what stands at a path.

    Args:
        mode: Of `os.stat`.

    Returns:
        Such as "a folder" (`FOLDER`) or "a FIFO"; empty for a plain file.
    """
    return _KINDS.get(stat.S_IFMT(mode), "a device")


def read_input(path: Path, most: int = -1) -> bytes:
    """Read a file that others wrote.

    Args:
        path: The file, or a link to it.
        most: Bytes to read at most; all if negative.

    Returns:
        Its content.

    Raises:
        ValueError: As for `open_input`.
        OSError: The system does not open it, or fails on the way; the message names it.
    """
    with open_input(path) as file, reading(path):
        return file.read(most)


def is_directory(path: Path) -> bool:
    """Whether a path is a folder.

    Args:
        path: A path, whether or not something is there.

    Returns:
        Whether it is a folder, or a link to one.

    Raises:
        OSError: The system cannot tell; the message names the path.
    """
    with reading(path):
        try:
            return stat.S_ISDIR(os.stat(path).st_mode)
        except (FileNotFoundError, NotADirectoryError):
            return False


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say which file a call of the system is for, in its errors and, if it hangs, in the log (see `watch`).

    Args:
        path: The file.

    Raises:
        OSError: A call inside the block failed; the message names the file.
    """
    thread = threading.get_ident()
    before = _waiting.get(thread)
    _waiting[thread] = time.monotonic(), str(path)
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise _named(error.errno, path) from error
    finally:
        _waiting.pop(thread)
        if before is not None:
            _waiting[thread] = before


def system_fault(error: BaseException, path: Path) -> OSError | MemoryError | None:
    """Tell whether the system is behind an error of a library, which may hide that in its text.

    Args:
        error: What OpenCV, HDF5, Pillow, PyTorch, pandas or zipfile raised.
        path: The file that was read.

    Returns:
        What to raise instead; None if the bytes of the file led to the error.
    """
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return MemoryError(f"{path}: out of memory")
    said = re.search(r"errno = (\d+)", str(error))  # of HDF5
    number = int(said[1]) if said else getattr(error, "errno", None)
    return None if number is None or number in _OF_BYTES else _named(number, path)


def watch(stage: str, warn: float = 60.0, end: float = 1800.0) -> None:
    """Watch from now on over calls of the system that do not return, as those of a dead share.

    Args:
        stage: What runs, for the message.
        warn: Seconds after which the log names the file.
        end: Seconds after which the process ends with an error that names the file.
    """
    threading.Thread(target=_watch, args=(stage, warn, end), daemon=True).start()


def _watch(stage: str, warn: float, end: float) -> None:
    warned: set[tuple[float, str]] = set()
    while True:
        time.sleep(min(warn, end) / 4)
        for since, path in list(_waiting.values()):
            waited = time.monotonic() - since
            if waited >= end:
                sys.stderr.write(f"poseattn {stage}: error: {path}: no answer of the system for {waited:.0f} s\n")
                sys.stderr.flush()
                os._exit(1)  # the thread that hangs would never let the interpreter end
            if waited >= warn and (since, path) not in warned:
                warned.add((since, path))
                _log.warning("still reading %s after %.0f s", path, waited)


def _named(number: int, path: Path) -> OSError:
    way_out = f": {_WAY_OUT[number]}" if number in _WAY_OUT else ""
    return OSError(number, f"{os.strerror(number)}{way_out}", str(path))
