"""Lines that describe an HDF5 file: a shard, or whatever can be read of another one."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from poseattn.reading import system_fault
from poseattn.shards.bounds import read_attr
from poseattn.shards.shard import Shard, ShardError
from poseattn.tables.metrics import accuracy

_FIRST = 10  # clips
_WIDTH = 200  # characters
_LONGEST = 10_000  # characters of an attribute of ours
_MOST = 1000  # attributes, arrays and groups
_ROWS = 4096  # of scores in memory


def describe_hdf5(path: Path) -> Iterator[str]:
    """Describe a shard, or whatever can be read of another HDF5 file.

    Args:
        path: The file.

    Yields:
        One line for each thing that is found in it.

    Raises:
        ShardError: The file is a shard, and damaged.
        OSError: The system does not give its bytes.
    """
    try:
        with Shard(path) as shard:
            yield from _describe_shard(shard)
        return
    except ShardError as error:
        fault = error
    try:
        with h5py.File(path, "r", locking=False) as file:
            yield "HDF5 file, no sound shard"
            yield from (f"  attribute {name}: {_attribute(file, name)}" for name in islice(file.attrs, _MOST))
            items: list[str] = []
            file.visititems(lambda name, item: items.append(_item(short(name), item)) or len(items) > _MOST or None)
            yield from items[:_MOST]
            if len(items) > _MOST:
                yield "  and more"
            is_foreign = "recipe" not in file.attrs
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        if system := system_fault(error, path):
            raise system from error
        is_foreign = False
    if not is_foreign:
        raise fault


def _attribute(file: h5py.File, name: str) -> str:
    """An attribute in few words, or what is wrong with it."""
    try:
        return short(read_attr(file, name))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        return short(f"not read: {error}")


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
            yield f"  {name:<9} {short(value, _LONGEST)}"
    if shard.attrs["kind"] == "scores" and shard.n_rows:
        yield f"  accuracy  {_accuracy(shard)}"
    yield "arrays"
    for name, array in shard.arrays.items():
        size = readable(array.shape[0] * array.row_bytes)
        yield f"  {name:<9} {array.dtype} {array.shape}  axes: {array.axes}  units: {array.units}  {size}"
    first = shard.clip_ids[:_FIRST]
    yield f"first {len(first)} of {len(shard.clip_ids)} clips"
    for i, clip_id in enumerate(first):
        yield f"  {clip_id}  rows {shard.offsets[i]} to {shard.offsets[i + 1] - 1}"


def _accuracy(shard: Shard) -> str:
    """Accuracy of scores, or why they have none; few rows at a time."""
    n_right = n_wild = n_several = 0.0
    for start in range(0, shard.n_rows, _ROWS):
        stop = min(start + _ROWS, shard.n_rows)
        scores, label = shard.between("data", start, stop), shard.between("label", start, stop)
        if scores.shape != label.shape or scores.ndim != 2 or scores.dtype.kind != "f":
            return f"none: scores are {scores.dtype} {scores.shape}, labels {label.dtype} {label.shape}"
        n_wild += np.sum(~np.isfinite(scores).all(axis=1))
        n_several += np.sum(label.astype(bool).sum(axis=1) != 1)
        if not n_wild and not n_several:
            n_right += accuracy(scores, label) * len(label)
    if n_wild:
        return f"none: the scores of {n_wild:.0f} of {shard.n_rows} clips are not finite numbers"
    if n_several:
        return f"none: {n_several:.0f} of {shard.n_rows} clips have several classes or none"
    return f"{n_right / shard.n_rows:.4f}"


def _versions(text: str) -> str:
    """Names and versions of what made a shard, or the text itself if it is another one."""
    try:
        return ", ".join(f"{name} {value}" for name, value in json.loads(text).items())
    except (ValueError, AttributeError, RecursionError):
        return short(text)


def short(value: Any, width: int = _WIDTH) -> str:
    """Return the text of a value, of which at most `width` characters."""
    text = str(value)
    return text if len(text) <= width else text[:width] + " ..."


def readable(size: int) -> str:
    """Return a number of bytes as people read it, in powers of 1000."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}" if unit != "bytes" else f"{size} bytes"
        size /= 1000
    return f"{size:.3g} GB"
