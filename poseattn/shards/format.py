"""What a shard is: its arrays, attributes and checksums, and the check that a file has them.

`/data` has the rows of all clips one after the other, `/offsets` says that clip i has the rows offsets[i] to
offsets[i + 1] - 1, `/clip_id` names the clips, and every further array has one row for each row of the data. All arrays
have a `crc32` of their bytes, little-endian, and all but these two `axes` and `units`. Each lies in one unpacked piece.
Texts have a fixed length and headers a checksum: HDF5 reads the texts of variable length that h5py prefers from a heap
without one, where a single wrong bit can keep it reading for ever.
"""

import math
import re
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from poseattn.files import REPAIR
from poseattn.reading import read_input, system_fault
from poseattn.shards.bounds import fault_of_sizes, read_attrs

FORMAT = 1
INDEX = ("offsets", "clip_id")
OWN_ARRAYS = ("data", *INDEX)
OWN_ATTRS = ("kind", "axes", "units", "recipe", "code", "versions", "format")
FEATURE_KINDS = ("cubes", "glimpses", "heatmaps", "pieces")  # the only ones stored as float16
_UNPACK = "h5repack -f NONE -l CONTI in.h5 out.h5"
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


class ShardError(ValueError):
    """A file is not the shard that it should be; the message names file and reason."""


class SideArray(NamedTuple):
    """Axes and units of an array that shares the rows of the data, such as `SideArray("frame hand", "1")`."""

    axes: str
    units: str


class Array(NamedTuple):
    """Shape, place and meaning of an array; `offset` is the byte of the file at which it begins."""

    shape: tuple[int, ...]
    dtype: np.dtype
    offset: int
    crc32: int
    axes: str
    units: str

    @property
    def row_bytes(self) -> int:
        """Size of one row."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize


class Header(NamedTuple):
    """All of a shard but its rows."""

    attrs: dict[str, Any]
    clip_ids: list[str]
    offsets: np.ndarray
    arrays: dict[str, Array]


def fixed_text(words: list[str]) -> np.ndarray:
    """Texts as HDF5 stores them: UTF-8, filled up with zeros to the length of the longest."""
    encoded = [word.encode() for word in words]
    return np.array(encoded, h5py.string_dtype("utf-8", max(map(len, encoded), default=0) or 1))


def write_attrs(target: h5py.File | h5py.Dataset, attrs: dict[str, Any]) -> None:
    """Give a file or array its attributes."""
    for name, value in attrs.items():
        target.attrs[name] = fixed_text([value])[0] if isinstance(value, str) else value


def read_header(path: Path) -> Header:
    """Read and check everything but the rows, whose bytes only have to be there.

    Args:
        path: The file.

    Returns:
        The header, without contradictions.

    Raises:
        ShardError: The file is truncated, damaged, foreign, inconsistent or of another format version.
        ValueError: It is a folder, a FIFO or a device.
        OSError: The system does not give its bytes, which says nothing about them.
    """
    start = read_input(path, len(_SIGNATURE))
    if start != _SIGNATURE:
        raise ShardError(f"{path}: {'no HDF5 file' if start else 'is empty'}, expected a shard: {REPAIR}")
    try:
        with h5py.File(path, "r", locking=False) as file:
            header = _header(file)
    except Exception as error:  # HDF5 raises whatever a damaged file leads it to
        if fault := system_fault(error, path):
            raise fault from error
        raise ShardError(f"{path}: {_reason(error)}") from error
    if fault := _fault(header, path.stat().st_size):
        raise ShardError(f"{path}: damaged shard: {fault}: {REPAIR}")
    return header


def _reason(error: Exception) -> str:
    """One line about what h5py said of a file that has the signature of HDF5."""
    if isinstance(error, ShardError):
        return str(error)
    said = " ".join(str(error).split())
    if cut := re.search(r"eof = (\d+).* stored_eof = (\d+)", said):
        return f"truncated HDF5 file: {cut[1]} bytes of {cut[2]}: {REPAIR}"
    return f"truncated or damaged HDF5 file ({said}): {REPAIR}"


def _header(file: h5py.File) -> Header:
    attrs = read_attrs(file)
    missing = [name for name in OWN_ATTRS if name not in attrs] + [name for name in OWN_ARRAYS if name not in file]
    if missing:
        raise ShardError(f"HDF5 file of some other software: a shard has {', '.join(missing)}")
    if attrs["format"] != FORMAT:
        raise ShardError(f"shard of format version {attrs['format']}, expected {FORMAT}")
    if wrong := [name for name in OWN_ATTRS if name != "format" and not isinstance(attrs[name], str)]:
        raise ShardError(f"{', '.join(wrong)} is no text")
    _check_places(file)
    offsets, clip_ids = (_checked(file[name]) for name in INDEX)
    arrays = {name: _array(file[name]) for name in file if name not in INDEX}
    return Header(attrs, [clip_id.decode() for clip_id in clip_ids.tolist()], offsets, arrays)


def _check_places(file: h5py.File) -> None:
    """Refuse arrays that are in other files, and arrays that are said to be larger than the file can hold."""
    for name in file:
        array = file[name] if isinstance(file.get(name, getlink=True), h5py.HardLink) else None
        if not isinstance(array, h5py.Dataset) or array.external or array.is_virtual or array.dtype.kind not in "iufS":
            raise ShardError(f"{name} is no array of numbers or texts in this file")
        if not array.shape:
            raise ShardError(f"{name} has the shape {array.shape}, expected rows")
        if array.chunks:
            raise ShardError(f"{name} is in pieces, as in a packed archive, expected in one: unpack with `{_UNPACK}`")
    filled = {file[name].shape[0] for name in file if name not in INDEX and file[name].nbytes}
    for name in file:  # people with boxes and without joints, as in Stanford 40: the boxes bound the number of rows
        if (shape := file[name].shape)[0] and 0 in shape and shape[0] not in filled:
            raise ShardError(f"{name} has the shape {shape}, expected rows with something in them")
    if fault := fault_of_sizes([file[name] for name in file]):
        raise ShardError(fault)


def _checked(dataset: h5py.Dataset) -> np.ndarray:
    content = dataset[:]
    if zlib.crc32(content) != dataset.attrs["crc32"]:
        raise ShardError(f"damaged shard: {dataset.name} has changed since it was written: {REPAIR}")
    return content


def _array(dataset: h5py.Dataset) -> Array:
    attrs = read_attrs(dataset)
    offset = dataset.id.get_offset() or 0  # an array without rows has no place
    texts = attrs["axes"], attrs["units"]
    if not all(isinstance(text, str) for text in texts):
        raise ShardError(f"{dataset.name}: axes or units are no text")
    return Array(dataset.shape, dataset.dtype, offset, int(attrs["crc32"]), *texts)


def _fault(header: Header, size: int) -> str:
    """What contradicts itself in a header, given the bytes of the file; empty if nothing does."""
    offsets, arrays = header.offsets, header.arrays
    n_rows = arrays["data"].shape[0]
    if offsets.dtype != np.int64 or offsets.shape != (len(header.clip_ids) + 1,):
        return f"offsets are {offsets.dtype} {offsets.shape} for {len(header.clip_ids)} clips"
    if len(set(header.clip_ids)) < len(header.clip_ids):
        return "a clip is listed twice"
    if offsets[0] != 0 or offsets[-1] != n_rows or (np.diff(offsets) < 1).any():
        return f"offsets do not rise from 0 to the {n_rows} rows of the data"
    for name, array in arrays.items():
        if array.shape[:1] != (n_rows,) or len(array.shape) != len(array.axes.split()):
            return f"{name} has shape {array.shape}, expected {n_rows} rows and the axes {array.axes!r}"
        if (end := array.offset + n_rows * array.row_bytes) > size:
            return f"{name} ends at byte {end} of a file of {size} bytes"
    return ""
