"""Temporary files for rows while a shard is written, and error messages for writes that fail."""

import errno
import os
import re
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from poseattn.files import write_all

MOVES_NO_NUMBER = ("_BLOCK",)
_BLOCK = 16 << 20  # bytes moved at once


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Turn an error of the system or of HDF5 while writing into one line that names the file.

    Args:
        path: The file that is being made.

    Raises:
        OSError: A write inside the block failed.
    """
    try:
        yield
    except BlockingIOError:
        raise  # the lock, which says it all
    except (OSError, RuntimeError) as error:
        said = re.search(r"errno = (\d+)", str(error))  # HDF5 hides it in its text
        number = int(said[1]) if said else getattr(error, "errno", None)
        reason = os.strerror(number) if number else " ".join(str(error).split())
        raise OSError(number or errno.EIO, f"cannot write the file: {reason}", str(path)) from error


class Spool:
    """A temporary file without a name, so that a killed process leaves nothing of it.

    HDF5 lays an array out in one uncompressed piece, the form that is read fastest, only when its length is known.

    Args:
        folder: Folder on the disk on which the shard will lie.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)
        self.n_rows = self.n_bytes = 0
        self.crc32 = 0

    def append(self, rows: np.ndarray) -> None:
        """Add rows, whose axes after the first are those of all earlier ones."""
        raw = memoryview(np.ascontiguousarray(rows, rows.dtype.newbyteorder("<")).reshape(-1).view(np.uint8))
        write_all(self._file, raw)
        self.crc32 = zlib.crc32(raw, self.crc32)
        self.n_rows += len(rows)
        self.n_bytes += len(raw)

    def mark(self) -> tuple[int, int, int]:
        """Where the rows end now, for `cut`."""
        return self.n_rows, self.n_bytes, self.crc32

    def cut(self, mark: tuple[int, int, int]) -> None:
        """Take back what was added since a mark."""
        self.n_rows, self.n_bytes, self.crc32 = mark
        self._file.truncate(self.n_bytes)
        self._file.seek(self.n_bytes)

    def rows(self, first: int, n_rows: int, like: np.ndarray) -> np.ndarray:
        """Read rows back.

        Args:
            first: The first of them, from 0.
            n_rows: How many.
            like: Array with rows of the same shape and type.

        Returns:
            The rows.
        """
        row_bytes = self.n_bytes // self.n_rows
        content = os.pread(self._file.fileno(), n_rows * row_bytes, first * row_bytes)
        return np.frombuffer(content, like.dtype.newbyteorder("<")).reshape(n_rows, *like.shape[1:])

    def create(self, file: h5py.File, name: str, row_shape: tuple[int, ...], dtype: np.dtype) -> int | None:
        """Make room for the rows in an HDF5 file.

        Args:
            file: HDF5 file.
            name: Name of the array.
            row_shape: Shape of one row.
            dtype: Type of its numbers.

        Returns:
            Byte of the file at which the rows belong; None if there are none.
        """
        space = h5py.h5s.create_simple((self.n_rows, *row_shape))
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)  # a place is given at once ...
        layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)  # ... and not filled with zeros first
        layout.set_obj_track_times(False)  # the same rows give the same bytes
        h5py.h5d.create(file.id, name.encode(), h5py.h5t.py_create(dtype.newbyteorder("<")), space, layout)
        return file[name].id.get_offset()

    def copy_into(self, file: BinaryIO, offset: int) -> None:
        """Write all rows into an unbuffered file from the given byte on."""
        file.seek(offset)
        for start in range(0, self.n_bytes, _BLOCK):
            write_all(file, memoryview(os.pread(self._file.fileno(), _BLOCK, start)))

    def close(self) -> None:
        """Give the space back."""
        self._file.close()
