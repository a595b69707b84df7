"""What an HDF5 file may claim: bounds for attributes and packed arrays, checked before anything is allocated for them.

A few kilobytes can describe arrays of terabytes: pieces that were never written, pieces packed to a millionth, many
attributes that share one text.
"""

import math
import zlib
from typing import Any

import h5py
import numpy as np

_MOST_ATTRS = 100
_SHUFFLE, _GZIP, _ZSTD = h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE, 32015
_LARGEST_PIECE = 1 << 26  # bytes of a piece, which is unpacked as a whole; ours have one row, or at most 2^20 bytes
_MOST_UNPACKED, _SPARE = 1000, 1 << 26  # bytes for each that is stored, and as many more for arrays of zeros
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"


def read_attr(source: h5py.File | h5py.Group | h5py.Dataset, name: str) -> Any:
    """Read an attribute.

    Args:
        source: Where it is.
        name: Its name.

    Returns:
        A Python number or text, or an array of numbers or texts.

    Raises:
        ValueError: It is something else, or many texts that may share their bytes.
    """
    found = source.attrs.get_id(name)
    is_text = h5py.check_string_dtype(found.dtype) is not None
    shares = found.dtype.kind == "O" and found.shape != ()
    if shares or not (is_text or found.dtype.kind in "biuf"):
        raise ValueError(f"attribute {name} is {found.dtype} {found.shape}, expected numbers or a text")
    value = source.attrs[name]
    value = value.item() if isinstance(value, np.generic) else value
    return value.decode() if isinstance(value, bytes) else value


def read_attrs(source: h5py.File | h5py.Dataset) -> dict[str, Any]:
    """Read all attributes, as `read_attr` does.

    Args:
        source: Where they are.

    Returns:
        Values by name.

    Raises:
        ValueError: There are too many, or one is neither number nor text.
    """
    if len(source.attrs) > _MOST_ATTRS:
        raise ValueError(f"{len(source.attrs)} attributes, expected at most {_MOST_ATTRS}")
    return {name: read_attr(source, name) for name in source.attrs}


def fault_of_pieces(array: h5py.Dataset) -> str:
    """Tell what is wrong with the pieces of a packed array, without unpacking any.

    Args:
        array: A dataset in pieces.

    Returns:
        The fault; empty if all pieces are stored, each has whole rows and a bounded size, and filters are ours.
    """
    pieces = -(-array.shape[0] // array.chunks[0])
    if _filters(array) not in ([], [_SHUFFLE], [_GZIP], [_ZSTD], [_SHUFFLE, _GZIP], [_SHUFFLE, _ZSTD]):
        return "is packed by filters other than shuffle and gzip or zstd"
    if array.chunks[1:] != array.shape[1:] or _piece_bytes(array) > _LARGEST_PIECE:
        return f"is in pieces of {array.chunks}, expected whole rows and at most {_LARGEST_PIECE} bytes in a piece"
    if (stored := array.id.get_num_chunks()) != pieces:
        return f"has {stored} stored pieces of {pieces}"
    return ""


def fault_of_sizes(arrays: list[h5py.Dataset]) -> str:
    """Compare sizes of arrays with the bytes that the file has for them.

    Args:
        arrays: All arrays of a file.

    Returns:
        What is too large; empty if nothing is.
    """
    size = arrays[0].file.id.get_filesize()
    stored = sum(array.id.get_storage_size() if array.chunks else _bytes(array) for array in arrays)
    if stored > size:
        return f"the arrays are said to have {stored} bytes, the file has {size}"
    if (unpacked := sum(map(_bytes, arrays))) > _MOST_UNPACKED * stored + _SPARE:
        return f"the arrays are said to have {unpacked} bytes unpacked, of which {stored} are stored"
    return ""


def check_pieces(array: h5py.Dataset) -> None:
    """Refuse pieces that unpack to more than they should: the filters of HDF5 would allocate it.

    Args:
        array: A dataset in pieces, without a fault in `fault_of_pieces`.

    Raises:
        ValueError: A piece unpacks to another number of bytes.
    """
    filters, expected = _filters(array), _piece_bytes(array)
    for row in range(0, array.shape[0], array.chunks[0]):
        skipped, content = array.id.read_direct_chunk((row, *(0 for _ in array.shape[1:])))
        found = _unpacked_bytes(content, filters, expected)
        if skipped or found != expected:
            raise ValueError(f"the piece at row {row} has {found} bytes, expected {expected}")


def _unpacked_bytes(content: bytes, filters: list[int], expected: int) -> int:
    """Number of bytes that a piece unpacks to, counted up to one more than expected."""
    if _GZIP in filters:
        return len(zlib.decompressobj().decompress(content, expected + 1))
    return _zstd_size(content) if _ZSTD in filters else len(content)


def _zstd_size(content: bytes) -> int:
    """Size in the header of a Zstandard frame (RFC 8878, 3.1.1.1); -1 where it is missing."""
    if content[:4] != _ZSTD_MAGIC or len(content) < 5:
        return -1
    is_single = content[4] >> 5 & 1
    n_bytes = (is_single, 2, 4, 8)[content[4] >> 6]
    begin = 5 + (1 - is_single) + (0, 1, 2, 4)[content[4] & 3]
    field = content[begin : begin + n_bytes]
    return int.from_bytes(field, "little") + (256 if n_bytes == 2 else 0) if field else -1


def _filters(array: h5py.Dataset) -> list[int]:
    plan = array.id.get_create_plist()
    return [plan.get_filter(number)[0] for number in range(plan.get_nfilters())]


def _piece_bytes(array: h5py.Dataset) -> int:
    return math.prod(array.chunks) * array.dtype.itemsize


def _bytes(array: h5py.Dataset) -> int:
    return math.prod(array.shape) * array.dtype.itemsize
