"""Read rows of arrays straight from a shard's file: HDF5 only tells where they lie."""

import os
import zlib
from collections.abc import Iterable
from io import FileIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from poseattn.files import REPAIR
from poseattn.reading import reading
from poseattn.shards.format import Array, ShardError

_MANY = 64  # numbers; NumPy is slower with fewer
MOVES_NO_NUMBER = ("_BLOCK",)
_BLOCK = 16 << 20  # bytes checked at once


class RowReader:
    """Reads rows of arrays, each of which it compares with its checksum first.

    It may be pickled and used after a fork: each process opens the file for itself.

    Args:
        path: The file.
        arrays: Its arrays by name, as in its header.
    """

    def __init__(self, path: Path, arrays: dict[str, Array]) -> None:
        self._files: dict[int, FileIO] = {}  # by process
        self._path, self._arrays = path, arrays
        self._sound: set[str] = set()  # arrays that were compared with their checksums
        self._places = {name: (array.offset, array.row_bytes) for name, array in arrays.items()}
        self._stamp = _stamp(os.stat(path))

    def __del__(self) -> None:
        """Close the file with the last use of it: readers may outlive the shard that they were made for."""
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the open file."""
        return self.__dict__ | {"_files": {}}

    def fill(self, name: str, runs: Iterable[tuple[int, int]], out: np.ndarray) -> None:
        """Read runs of rows one after the other into an array.

        Args:
            name: Name of the array to read.
            runs: First row and number of rows of each run; the caller makes sure that they exist.
            out: Array without gaps in memory, of the dtype of the one read and the size of all runs.

        Raises:
            ShardError: The array changed since it was written, or the file since its header was read.
        """
        if out.size == 0:
            return
        if name not in self._sound:
            self.check(name)
        self._fill(name, runs, out)

    def check(self, name: str) -> None:
        """Compare all rows of an array with the checksum taken when they were written.

        Args:
            name: Name of the array.

        Raises:
            ShardError: They differ, or the file was cut, damaged or replaced since its header was read.
        """
        array, crc32 = self._arrays[name], 0
        n_rows, step = array.shape[0], max(1, _BLOCK // max(1, array.row_bytes))
        block = np.empty((min(step, n_rows), *array.shape[1:]), array.dtype)
        for start in range(0, n_rows, step):
            rows = block[: n_rows - start]
            self._fill(name, [(start, len(rows))], rows)
            crc32 = zlib.crc32(rows, crc32)
        if crc32 != array.crc32:
            raise ShardError(f"{self._path}: {name} has changed since it was written: {REPAIR}")
        self._sound.add(name)

    def _fill(self, name: str, runs: Iterable[tuple[int, int]], out: np.ndarray) -> None:
        """Read runs of rows without looking at checksums."""
        if out.size == 0:
            return
        file = self._files.get(os.getpid()) or self._open()
        offset, row_bytes = self._places[name]
        view, fd, late = memoryview(out).cast("B"), file.fileno(), []
        for row, n_rows in runs:
            size, position = n_rows * row_bytes, offset + row * row_bytes
            piece, view = view[:size], view[size:]
            try:
                n_read = os.preadv(fd, (piece,), position, os.RWF_NOWAIT)  # what is in memory already
            except OSError:  # nothing is, or the file system cannot tell
                n_read = 0
            if n_read < size:
                os.posix_fadvise(fd, position, size, os.POSIX_FADV_WILLNEED)  # so the disk gets all requests at once
                late.append((piece[n_read:], position + n_read))
        for piece, position in late:
            self._wait(fd, piece, position)

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        if file := self._files.pop(os.getpid(), None):
            file.close()
        self._files = {}

    def _open(self) -> FileIO:
        """Open the file; of threads that do so at once one wins, so that no file is closed that another one reads."""
        with reading(self._path):
            file = open(self._path, "rb", buffering=0)
        if _stamp(os.fstat(file.fileno())) != self._stamp:
            raise ShardError(f"{self._path}: replaced or changed since it was opened")
        return self._files.setdefault(os.getpid(), file)

    def _wait(self, fd: int, view: memoryview, position: int) -> None:
        """Fill the view from a byte of the file on; one call returns at most 2 GiB."""
        with reading(self._path):
            while (n_read := os.preadv(fd, (view,), position)) < len(view):
                if n_read == 0:
                    raise ShardError(f"{self._path}: truncated at byte {position} since it was opened")
                view, position = view[n_read:], position + n_read


def _stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def runs_of(numbers: np.ndarray) -> list[tuple[int, int]]:
    """First number and length of each run of consecutive numbers."""
    if len(numbers) > _MANY:
        begins = [0, *(np.flatnonzero(numbers[1:] - numbers[:-1] != 1) + 1).tolist(), len(numbers)]
        return [(int(numbers[begin]), end - begin) for begin, end in pairwise(begins)]
    runs: list[tuple[int, int]] = []
    start = length = 0
    for number in numbers.tolist():
        if length and number == start + length:
            length += 1
        else:
            runs.append((start, length))
            start, length = number, 1
    return [*runs[1:], (start, length)]
