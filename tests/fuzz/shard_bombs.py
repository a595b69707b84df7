"""Shards of few kilobytes that claim much: pieces never written or packed without measure, texts shared by many."""

import io
import struct
import zlib
from collections.abc import Callable

import h5py
import hdf5plugin
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


def packed() -> bytes:
    """Zeros that Zstandard packs to a ten-thousandth."""

    def create(file: h5py.File) -> h5py.Dataset:
        data = file.create_dataset("data", (1 << 24, 8), "f4", chunks=(1 << 20, 8), **dict(hdf5plugin.Zstd()))
        for start in range(0, len(data), 1 << 20):
            data[start : start + (1 << 20)] = 0
        return data

    return _with_data(create)


def one_row() -> bytes:
    """A single row of a gigabyte, in pieces."""
    return _with_data(lambda file: file.create_dataset("data", (1, 1 << 28), "f4", chunks=(1, 1 << 20), compression=1))


def packed_twice() -> bytes:
    """Filters after one another, of which each packs what the other one left."""

    def create(file: h5py.File) -> h5py.Dataset:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((1 << 23, 8))
        plan.set_deflate(9)
        plan.set_deflate(9)
        space = h5py.h5s.create_simple((1 << 23, 8))
        h5py.h5d.create(file.id, b"data", h5py.h5t.IEEE_F32LE, space, plan)
        file["data"][:] = 0
        return file["data"]

    return _with_data(create)


def swollen_gzip() -> bytes:
    """A piece of 512 bytes that unpacks to 384 MiB."""

    def create(file: h5py.File) -> h5py.Dataset:
        data = file.create_dataset("data", (16, 8), "f4", chunks=(16, 8), compression=1)
        data.id.write_direct_chunk((0, 0), zlib.compress(bytes(384 << 20), 9))
        return data

    return _with_data(create)


def swollen_zstd() -> bytes:
    """A piece of 512 bytes that is said to unpack to 384 MiB, and does."""
    block = 1 << 17
    size = 384 << 20
    blocks = [struct.pack("<I", block << 3 | 2 | (n == size // block - 1))[:3] + b"\0" for n in range(size // block)]
    frame = b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", size) + b"".join(blocks)

    def create(file: h5py.File) -> h5py.Dataset:
        data = file.create_dataset("data", (16, 8), "f4", chunks=(16, 8), **dict(hdf5plugin.Zstd()))
        data.id.write_direct_chunk((0, 0), frame)
        return data

    return _with_data(create)


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
    "unwritten": (unwritten, "data has 0 stored pieces of 4096"),
    "packed": (packed, "bytes unpacked, of which"),
    "one_row": (one_row, "expected whole rows and at most"),
    "packed_twice": (packed_twice, "filters other than shuffle and gzip or zstd"),
    "swollen_gzip": (swollen_gzip, "the piece at row 0 has 513 bytes, expected 512"),
    "swollen_zstd": (swollen_zstd, "the piece at row 0 has 402653184 bytes, expected 512"),
    "empty_rows": (empty_rows, "expected rows with something in them"),
    "same_array": (same_array, "the arrays are said to have"),
    "shared_text": (shared_text, "attribute notes is object (4000,), expected numbers or a text"),
    "many_attributes": (many_attributes, "expected at most 100"),
    "long_attribute": (long_attribute, ""),
}
