"""The HDF5 file of a shard while it is written: laid out without its rows, and read back with them."""

import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from poseattn.shards.format import ShardError, SideArray, read_header, write_attrs
from poseattn.shards.reader import RowReader
from poseattn.shards.schema import Layout
from poseattn.shards.spool import Spool

_PAGE = 4096  # arrays begin at a memory page


def lay_out(
    path: Path,
    attrs: dict[str, Any],
    index: dict[str, np.ndarray],
    arrays: dict[str, SideArray],
    layout: Layout,
    spools: dict[str, Spool],
) -> dict[str, int]:
    """Write all of a shard but the rows.

    Args:
        path: The file, which is replaced.
        attrs: Attributes of the file.
        index: Arrays that say where each clip is, by name.
        arrays: Axes and units of the arrays with rows, by name.
        layout: Shapes and types of their rows.
        spools: The rows.

    Returns:
        Byte of the file at which the rows of an array belong, by name; arrays without rows have none.
    """
    options = {"libver": ("v108", "v108"), "alignment_threshold": _PAGE, "alignment_interval": _PAGE}
    places = {}
    with h5py.File(path, "w", locking=False, **options) as file:
        write_attrs(file, attrs)
        for name, content in index.items():
            file.create_dataset(name, data=content).attrs["crc32"] = zlib.crc32(content)
        for name, spool in spools.items():
            shape, dtype = layout.rows_of(name)
            places[name] = spool.create(file, name, shape, dtype)
            write_attrs(file[name], arrays[name]._asdict() | {"crc32": spool.crc32})
    return {name: offset for name, offset in places.items() if offset is not None}


def check_written(path: Path) -> None:
    """Read a file as any reader would: some file systems report a write that failed late, or never.

    Args:
        path: The file.

    Raises:
        OSError: It is no sound shard.
    """
    try:
        reader = RowReader(path, (header := read_header(path)).arrays)
        for name in header.arrays:
            reader.check(name)
    except ShardError as error:
        raise OSError(f"the disk gives other bytes back than were written ({error})") from error
