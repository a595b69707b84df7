"""Shards of few kilobytes that claim much: pieces that were never written, texts shared by many."""

import io
import zlib
from collections.abc import Callable

import h5py
import numpy as np

from tests.fuzz import seeds

_ROWS = 1 << 28


def _changed(change: Callable[[h5py.File], None]) -> bytes:
    file = io.BytesIO(seeds.shard())
    with h5py.File(file, "r+", libver=("v108", "v108")) as opened:
        change(opened)
    return file.getvalue()


def _with_data(create: Callable[[h5py.File], h5py.Dataset]) -> bytes:
    """A shard of one clip, with other data and without its side array."""

    def change(file: h5py.File) -> None:
        attrs = dict(file["data"].attrs)
        for name in ("data", "time", "offsets", "clip_id"):
            del file[name]
        data = create(file)
        data.attrs.update(attrs)
        index = {"offsets": np.array([0, data.shape[0]], np.int64), "clip_id": np.array([b"clip"])}
        for name, content in index.items():
            file.create_dataset(name, data=content).attrs["crc32"] = zlib.crc32(content)

    return _changed(change)


def unwritten() -> bytes:
    """Packed rows of which not one was ever written."""
    return _with_data(lambda file: file.create_dataset("data", (_ROWS, 8), "f2", chunks=(1 << 16, 8), compression=1))


def empty_rows() -> bytes:
    """2^40 rows without numbers, which take no room on any disk."""
    return _with_data(lambda file: file.create_dataset("data", (1 << 40, 0), "f4"))


def same_array() -> bytes:
    """A thousand names of one array."""

    def change(file: h5py.File) -> None:
        for number in range(1000):
            file[f"a{number}"] = file["data"]

    return _changed(change)


def shared_text() -> bytes:
    """An attribute of 4,000 texts of variable length."""

    def change(file: h5py.File) -> None:
        texts = np.array(["x" * 4000] * 4000, object)
        file.attrs.create("notes", texts, dtype=h5py.string_dtype())

    return _changed(change)


def many_attributes() -> bytes:
    """Ten thousand attributes."""

    def change(file: h5py.File) -> None:
        for number in range(10_000):
            file.attrs[f"a{number}"] = number

    return _changed(change)


def long_attribute() -> bytes:
    """A recipe nested so deep that a parser of JSON gives up, and longer than any line."""
    return _changed(lambda file: file.attrs.__setitem__("versions", "[" * 5_000_000))


SHARDS = {
    "unwritten": (unwritten, "data is in pieces"),
    "empty_rows": (empty_rows, "expected rows with something in them"),
    "same_array": (same_array, "the arrays are said to have"),
    "shared_text": (shared_text, "attribute notes is object (4000,), expected numbers or a text"),
    "many_attributes": (many_attributes, "expected at most 100"),
    "long_attribute": (long_attribute, ""),
}
