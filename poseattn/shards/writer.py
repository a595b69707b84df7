"""Writing shards: clips appended one by one become one HDF5 file, which appears complete or not at all."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np

from poseattn.files import lock
from poseattn.provenance.versions import versions
from poseattn.shards.format import FEATURE_KINDS, FORMAT, SideArray, fixed_text
from poseattn.shards.laid_out import check_written, lay_out
from poseattn.shards.schema import RowSchema, check_names
from poseattn.shards.spool import Spool, naming

_SPARE = 1 << 17  # bytes, more than HDF5 needs. Room is made sure of first, as it fails untidily on full disks


class ShardWriter:
    """Writes one shard. Used in a `with` statement, at whose end the file takes its name.

    An exclusive lock on `<path>.part` keeps a second writer out; what a killed writer left there is overwritten, and
    after an exception nothing is left.

    Args:
        path: File to write, such as `results/glimpses/ntu/hands/000.h5`; an old one is replaced at the end.
        kind: What the data are, such as `glimpses`.
        axes: Names of the data's axes, rows first, such as `frame hand channel`.
        units: Unit of the data, such as `metres`; `1` for a pure number.
        recipe: How the data were made, as a JSON string.
        code: Hash of the source that made them.
        side: Arrays that share the data's rows, by name. An axis has the same length in all arrays that name it.
        attrs: Further attributes of the file.
        empty: Shape of a row and dtype of the data, for a shard that may end up without clips.

    Raises:
        BlockingIOError: Another process is writing this shard.
        ValueError: A name is reserved, or the first axis of a side array is not the first axis of the data.
    """

    def __init__(
        self,
        path: Path,
        *,
        kind: str,
        axes: str,
        units: str,
        recipe: str,
        code: str,
        side: dict[str, SideArray] | None = None,
        attrs: dict[str, str | int | float] | None = None,
        empty: tuple[tuple[int, ...], str | type | np.dtype] = ((), "uint8"),
    ) -> None:
        own = {"kind": kind, "axes": axes, "units": units, "recipe": recipe, "code": code}
        check_names(path, axes, side or {}, attrs or {})
        self.path = path
        self._arrays = {"data": SideArray(axes, units), **(side or {})}
        self._attrs = {**(attrs or {}), **own, "versions": versions(), "format": FORMAT}
        self._schema = RowSchema(path, self._arrays, kind in FEATURE_KINDS, empty)
        self._ends: dict[str, int] = {}  # clip -> row after its last
        self._open: str | None = None  # clip whose rows are coming
        self._failure: OSError | None = None
        self._published = False

    def __enter__(self) -> "ShardWriter":
        """Take the lock and open the temporary files."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack, naming(self.path):
            self._part = stack.enter_context(lock(self.path.with_name(self.path.name + ".part")))
            stack.callback(self._remove_unfinished)
            self._spools = {name: stack.enter_context(closing(Spool(self.path.parent))) for name in self._arrays}
            self._files = stack.pop_all()
        return self

    @property
    def empty_row(self) -> np.ndarray:
        """No row of the data, of the shape and type that rows have as far as they are known."""
        shape, dtype = self._schema.rows_of("data")
        return np.empty((0, *shape), dtype)

    @property
    def side_names(self) -> list[str]:
        """Names of the side arrays."""
        return [name for name in self._arrays if name != "data"]

    def append(self, clip_id: str, data: np.ndarray, **side: np.ndarray) -> None:
        """Add a whole clip.

        Args:
            clip_id: Name of the clip, not yet in the shard.
            data: Its rows in order, at least one.
            **side: All side arrays of the shard, with as many rows.

        Raises:
            ValueError: The clip is in the shard already, or an array does not fit.
            OSError: The disk is full; the shard cannot be finished any more.
        """
        self.extend(clip_id, data, **side)
        self.finish(clip_id)

    def extend(self, clip_id: str, data: np.ndarray, **side: np.ndarray) -> None:
        """Add some rows of a clip, so that a long one need not be in memory; one clip at a time.

        Args:
            clip_id: Name of the clip. It is in the shard once `finish` says so; until then `drop` takes it back.
            data: Its next rows, at least one.
            **side: All side arrays of the shard, with as many rows.

        Raises:
            ValueError: The clip is in the shard already, another one is not finished, or an array does not fit.
            OSError: The disk is full; the shard cannot be finished any more.
        """
        arrays = {"data": data, **side}
        where = f"{self.path}: clip {clip_id!r}"
        if clip_id in self._ends:
            raise ValueError(f"{where} is in the shard already")
        if self._open not in (None, clip_id):
            raise ValueError(f"{where} begins before {self._open!r} is finished")
        self._schema.check(clip_id, arrays)
        if self._open is None:
            self._open, self._marks = clip_id, {name: spool.mark() for name, spool in self._spools.items()}
        with self._remembering():
            for name, array in arrays.items():
                self._spools[name].append(array)

    def finish(self, clip_id: str) -> None:
        """Say that a clip is complete.

        Args:
            clip_id: Name of the clip that was extended last.

        Raises:
            ValueError: Rows of another clip, or none, were added last.
        """
        if self._open != clip_id:
            raise ValueError(f"{self.path}: clip {clip_id!r} has no rows, or others came after them")
        self._ends[clip_id] = self._spools["data"].n_rows
        self._open = None

    def drop(self) -> None:
        """Take back the rows of the clip that is not finished, if there is one."""
        if self._open is None:
            return
        with self._remembering():
            for name, spool in self._spools.items():
                spool.cut(self._marks[name])
        self._open = None

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Remember a failed write, so that a caller who skips the clip cannot finish a shard with half of it."""
        try:
            with naming(self.path):
                yield
        except OSError as error:
            self._failure, self._open = error, None
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Finish the file and give it its name, or after an exception remove everything."""
        with self._files:
            if error is not None:
                return
            if self._failure is not None:
                raise self._failure
            if self._open is not None:
                raise ValueError(f"{self.path}: clip {self._open!r} was not finished")
            with naming(self.path):
                self._publish()

    def _remove_unfinished(self) -> None:
        if not self._published:
            self._part.truncate(0)  # frees the space even if HDF5 could not close the file
            os.unlink(self._part.name)

    def _publish(self) -> None:
        """Lay the file out, fill it, flush it to disk, read it back and rename it."""
        index = {"offsets": np.array([0, *self._ends.values()], np.int64), "clip_id": fixed_text(list(self._ends))}
        n_bytes = sum(spool.n_bytes for spool in self._spools.values()) + sum(array.nbytes for array in index.values())
        os.posix_fallocate(self._part.fileno(), 0, n_bytes + len(repr(self._attrs)) + _SPARE)
        part = Path(self._part.name)
        for name, offset in lay_out(part, self._attrs, index, self._arrays, self._schema, self._spools).items():
            self._spools[name].copy_into(self._part, offset)
        os.fsync(self._part.fileno())
        check_written(part)
        os.replace(part, self.path)
        self._published = True
