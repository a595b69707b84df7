"""Print what is inside a file: a shard, any HDF5 file, a checkpoint or a table, whole or broken.

A tool, no stage of the pipeline: it changes nothing.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from poseattn.checkpoint_outline import outline_checkpoint
from poseattn.files import SEAL
from poseattn.inputs import read_input, system_fault
from poseattn.metrics import accuracy
from poseattn.shards import Shard, ShardError

_FIRST = 10  # clips, lines
_WIDTH = 200  # characters


def run(*, file: Path) -> None:
    """Print a page about a file.

    Args:
        file: The file.

    Raises:
        ValueError: The file is empty, no file, or broken; what can be said of it is printed all the same.
        OSError: There is no such file, or it may not be read.
    """
    if file.is_dir():
        raise ValueError(f"{file} is a folder; `verify` checks folders")
    start = read_input(file, 4096)
    if not start:
        raise ValueError(f"{file} is empty")
    sys.stdout.write(f"{file}, {_bytes(file.stat().st_size)}\n")
    for line in _describe(file, start):
        sys.stdout.write(line + "\n")


def _describe(path: Path, start: bytes) -> Iterator[str]:
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        yield from _describe_hdf5(path)
    elif start.startswith(b"PK\x03\x04"):
        yield from outline_checkpoint(path)
    elif b"\0" in start:
        yield f"neither text nor a format known here; begins with the bytes {start[:16].hex(' ')}"
    else:
        yield from _describe_text(path)


def _describe_hdf5(path: Path) -> Iterator[str]:
    """A shard, or whatever can be read of another HDF5 file."""
    try:
        with Shard(path) as shard:
            yield from _describe_shard(shard)
        return
    except ShardError as error:
        fault = error
    try:
        with h5py.File(path, "r", locking=False) as file:
            yield "HDF5 file, no sound shard"
            yield from (f"  attribute {name}: {_short(value)}" for name, value in file.attrs.items())
            items: list[str] = []
            file.visititems(lambda name, item: items.append(_item(name, item)))
            yield from items
            is_foreign = "recipe" not in file.attrs
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        if system := system_fault(error, path):
            raise system from error
        is_foreign = False
    if not is_foreign:
        raise fault


def _item(name: str, item: h5py.Dataset | h5py.Group) -> str:
    if isinstance(item, h5py.Dataset):
        packed = f", packed by {item.compression}" if item.compression else ""
        return f"  /{name}  {item.dtype} {item.shape}{packed}"
    return f"  /{name}/  {len(item)} members"


def _describe_shard(shard: Shard) -> Iterator[str]:
    attrs = dict(shard.attrs)
    yield f"shard of {attrs.pop('kind')}"
    rows = np.diff(shard.offsets)
    per_clip = f", {rows.min()} to {rows.max()} in a clip, median {np.median(rows):g}" if len(rows) else ""
    yield f"  clips     {len(shard.clip_ids)}"
    yield f"  rows      {shard.n_rows}{per_clip}"
    attrs["versions"] = _versions(attrs["versions"])
    for name, value in attrs.items():
        if name not in ("axes", "units"):
            yield f"  {name:<9} {value}"
    if shard.attrs["kind"] == "scores" and shard.n_rows:
        values = shard.rows(np.arange(shard.n_rows))
        yield f"  accuracy  {accuracy(values, shard.side_all('label')):.4f}"
    yield "arrays"
    for name, array in shard.arrays.items():
        packed = "compressed" if array.offset is None else f"{_bytes(array.shape[0] * array.row_bytes)}"
        yield f"  {name:<9} {array.dtype} {array.shape}  axes: {array.axes}  units: {array.units}  {packed}"
    first = shard.clip_ids[:_FIRST]
    yield f"first {len(first)} of {len(shard.clip_ids)} clips"
    for i, clip_id in enumerate(first):
        yield f"  {clip_id}  rows {shard.offsets[i]} to {shard.offsets[i + 1] - 1}"


def _versions(text: str) -> str:
    """Names and versions of what made a shard, or the text itself if it is another one."""
    try:
        return ", ".join(f"{name} {value}" for name, value in json.loads(text).items())
    except (ValueError, AttributeError, RecursionError):
        return _short(text)


def _describe_text(path: Path) -> Iterator[str]:
    """Number of lines, columns of a table, and the first lines."""
    with open(path, encoding="utf-8") as file:
        try:
            lines = [line.rstrip("\n") for line in file]
        except UnicodeDecodeError:
            yield "neither UTF-8 text nor a format known here"
            return
    if lines and lines[-1].startswith(SEAL):
        lines.pop()
    columns = {".csv": ",", ".tsv": "\t"}.get(path.suffix)
    if columns is not None and lines:
        yield f"table of {len(lines) - 1} rows and {len(lines[0].split(columns))} columns"
    else:
        yield f"text of {len(lines)} lines"
    yield from (f"  {_short(line)}" for line in lines[: _FIRST + 1])


def _short(value: Any) -> str:
    text = " ".join(str(value).split(" "))
    return text if len(text) <= _WIDTH else text[:_WIDTH] + " ..."


def _bytes(size: int) -> str:
    """A size for people, in powers of 1000."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}" if unit != "bytes" else f"{size} bytes"
        size /= 1000
    return f"{size:.3g} GB"
