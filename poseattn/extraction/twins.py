"""Cubes of the mirrored twin of a clip, while the clip itself is written: a shard takes one clip at a time."""

import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np


class Waiting:
    """Rows that wait on disk, in a file without a name: of a long clip they would fill the memory.

    Args:
        folder: Folder on the disk for it. Used in a `with` statement.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile(dir=folder)
        self._pieces: list[tuple[tuple[int, ...], np.dtype, dict[str, np.ndarray]]] = []

    def __enter__(self) -> "Waiting":
        """The rows, none yet."""
        return self

    def __exit__(self, *error: object) -> None:
        """Give the space back."""
        self._file.close()

    def append(self, rows: np.ndarray, side: dict[str, np.ndarray]) -> None:
        """Add rows and their side arrays."""
        self._file.write(np.ascontiguousarray(rows))
        self._pieces.append((rows.shape, rows.dtype, side))

    def pieces(self) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """All rows with their side arrays, in the pieces in which they came."""
        self._file.seek(0)
        for shape, dtype, side in self._pieces:
            content = self._file.read(math.prod(shape) * dtype.itemsize)
            yield np.frombuffer(content, dtype).reshape(shape), side

    def clear(self) -> None:
        """Forget all rows."""
        self._file.seek(0)
        self._file.truncate()
        self._pieces.clear()
