"""Shards: HDF5 files of many clips that describe themselves. `format.py` says what is in them."""

from pathlib import Path
from typing import Any

import numpy as np

from poseattn.shards.format import Array, ShardError, SideArray, read_header
from poseattn.shards.reader import RowReader, ranges_of
from poseattn.shards.writer import ShardWriter

__all__ = ["Shard", "ShardError", "ShardWriter", "SideArray"]


class Shard:
    """Reads one shard. It may be pickled and used after a fork.

    An array is compared with its checksum when something is read of it for the first time.

    Args:
        path: The file.
        kind: Kind that the shard must have, if any.
        axes: Axes that its data must have, if any.
        recipe: Recipe (JSON string) by which it must have been made, if any.

    Attributes:
        path: The file.
        attrs: Attributes of the file.
        clip_ids: Names of the clips, in the order of their rows.
        offsets: int64 (n_clips + 1); clip i has the rows offsets[i] to offsets[i + 1] - 1.
        n_rows: Number of rows.
        row_shape: Shape of one row of the data.
        dtype: Type of the data.
        arrays: Shape, dtype, axes and units of the data (called `data`) and of each side array.

    Raises:
        ShardError: The file is truncated, foreign, inconsistent, or of another kind, axes, recipe or format version.
        OSError: The file cannot be opened.
    """

    path: Path
    attrs: dict[str, Any]
    clip_ids: list[str]
    offsets: np.ndarray
    n_rows: int
    row_shape: tuple[int, ...]
    dtype: np.dtype
    arrays: dict[str, Array]

    def __init__(
        self, path: Path, *, kind: str | None = None, axes: str | None = None, recipe: str | None = None
    ) -> None:
        header = read_header(path)
        for name, expected in {"kind": kind, "axes": axes, "recipe": recipe}.items():
            if expected is not None and header.attrs[name] != expected:
                raise ShardError(f"{path}: shard of {name} {header.attrs[name]!r}, expected {expected!r}")
        self.path = path
        self.attrs = header.attrs
        self.clip_ids = header.clip_ids
        self.offsets = header.offsets
        self.n_rows, *row_shape = header.arrays["data"].shape
        self.row_shape = tuple(row_shape)
        self.dtype = header.arrays["data"].dtype
        self.arrays = header.arrays
        self._reader = RowReader(path, header.arrays)
        self._positions = {clip_id: position for position, clip_id in enumerate(self.clip_ids)}

    def __enter__(self) -> "Shard":
        """The shard itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self.close()

    @property
    def side_names(self) -> list[str]:
        """Names of the side arrays."""
        return [name for name in self.arrays if name != "data"]

    def index(self, clip_id: str) -> int:
        """Position of a clip in `clip_ids`.

        Args:
            clip_id: Name of the clip.

        Returns:
            The position, from 0.

        Raises:
            ShardError: The shard has no such clip.
        """
        if clip_id not in self._positions:
            raise ShardError(f"{self.path}: no clip {clip_id!r} in it")
        return self._positions[clip_id]

    def clip(self, clip_id: str) -> np.ndarray:
        """All rows of a clip, in order."""
        return self.side("data", clip_id)

    def side(self, name: str, clip_id: str) -> np.ndarray:
        """All rows of a side array that belong to a clip."""
        start, stop = self.offsets[self.index(clip_id) :][:2].tolist()
        return self._slice(name, start, stop)

    def part(self, clip_id: str, start: int, stop: int) -> np.ndarray:
        """Rows start to stop - 1 of a clip, counted from its first.

        Args:
            clip_id: Name of the clip.
            start: First row, at least 0.
            stop: Row after the last, at most as many as the clip has.

        Returns:
            The rows.

        Raises:
            ShardError: The clip does not have these rows.
        """
        first, end = self.offsets[self.index(clip_id) :][:2].tolist()
        if not 0 <= start <= stop <= end - first:
            raise ShardError(f"{self.path}: clip {clip_id!r}: rows {start} to {stop} of {end - first} asked for")
        return self._slice("data", first + start, first + stop)

    def side_all(self, name: str) -> np.ndarray:
        """A whole side array."""
        return self._slice(name, 0, self.n_rows)

    def rows(self, index: np.ndarray) -> np.ndarray:
        """Rows of the data; each range of consecutive numbers is one read.

        Args:
            index: Row numbers in any order and shape, 0 to n_rows - 1.

        Returns:
            The rows: axes of `index`, then those of a row.

        Raises:
            ShardError: A number is out of range.
        """
        ranges = ranges_of(index.reshape(-1))
        for row, length in ranges:
            if row < 0 or row + length > self.n_rows:
                raise ShardError(f"{self.path}: rows {row} to {row + length - 1} asked for, it has {self.n_rows}")
        out = np.empty((*index.shape, *self.row_shape), self.dtype)
        self._reader.fill("data", ranges, out)
        return out

    def read_into(self, out: np.ndarray) -> None:
        """Read all rows of the data into an array of the same shape and dtype, without a copy.

        Args:
            out: Array without gaps in memory.

        Raises:
            ValueError: The array has another shape or dtype, or gaps.
        """
        shape = (self.n_rows, *self.row_shape)
        if out.shape != shape or out.dtype != self.dtype or not out.flags.c_contiguous:
            raise ValueError(f"{self.path}: {out.dtype} {out.shape} given, expected contiguous {self.dtype} {shape}")
        self._reader.fill("data", [(0, self.n_rows)], out)

    def between(self, name: str, start: int, stop: int) -> np.ndarray:
        """Rows start to stop - 1 of an array, whichever clips they belong to.

        Args:
            name: Name of the array.
            start: First row, at least 0.
            stop: Row after the last, at most `n_rows`.

        Returns:
            The rows.

        Raises:
            ShardError: There is no such array, or it does not have these rows.
        """
        if not 0 <= start <= stop <= self.n_rows:
            raise ShardError(f"{self.path}: rows {start} to {stop} of {self.n_rows} asked for")
        return self._slice(name, start, stop)

    def check_content(self) -> None:
        """Compare every row with the checksums taken when it was written; the rest was checked at the opening.

        Raises:
            ShardError: Something differs.
        """
        for name in self.arrays:
            self._reader.check(name)

    def close(self) -> None:
        """Close the file; a later read opens it again."""
        self._reader.close()

    def _slice(self, name: str, start: int, stop: int) -> np.ndarray:
        if name not in self.arrays:
            raise ShardError(f"{self.path}: no array {name!r} in it, only {', '.join(self.arrays)}")
        array = self.arrays[name]
        out = np.empty((stop - start, *array.shape[1:]), array.dtype)
        self._reader.fill(name, [(start, stop - start)], out)
        return out
