"""Bounds for attributes and arrays of an HDF5 file, checked before anything is allocated for them.

A few kilobytes can describe arrays of terabytes, or many attributes that share one text.
"""

import math
from typing import Any

import h5py
import numpy as np

_MOST_ATTRS = 100


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


def fault_of_sizes(arrays: list[h5py.Dataset]) -> str:
    """Compare sizes of arrays with the bytes that the file has for them.

    Args:
        arrays: All arrays of a file, each stored in one piece.

    Returns:
        What is too large; empty if nothing is.
    """
    size = arrays[0].file.id.get_filesize()
    stated = sum(math.prod(array.shape) * array.dtype.itemsize for array in arrays)
    return f"the arrays are said to have {stated} bytes, the file has {size}" if stated > size else ""
