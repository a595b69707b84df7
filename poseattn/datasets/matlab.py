"""MATLAB files (version 5) with a few named arrays, as some data sets keep their annotations."""

import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import scipy.io

from poseattn.reading import read_input, system_fault

_LARGEST = 64 << 20  # bytes of the arrays of a file; those of a clip of 1,000 frames have less than one
_HEADER, _TAG = 128, 8  # bytes of a file's header, and of the type and length before each of its elements
_ARRAY, _PACKED = 14, 15
_NUMBERS_OR_TEXTS = (*range(1, 8), 9, 12, 13, 16, 17, 18)  # types of the parts of an array; scipy crashes on others
MOST_PIXELS = 1e6  # from the corner of a frame
_WHOLE = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
_PLAIN = ("char", "logical", "double", "single", *_WHOLE)


def read_matlab(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Read arrays of a file.

    Args:
        path: The file.
        names: Arrays that must be in it.

    Returns:
        The arrays by name, with the types that they have there: numbers or texts.

    Raises:
        ValueError: The file is damaged or of another format, lacks an array, or is far larger than annotations are.
        OSError: It cannot be read.
        MemoryError: Its arrays do not fit into memory.
    """
    content = read_input(path, _LARGEST + 1)
    _check_elements(content)
    try:
        kinds = {name: kind for name, _, kind in scipy.io.whosmat(io.BytesIO(content)) if name in names}
        # what holds other arrays may hold them in any number and depth
        wrong = [name for name, kind in kinds.items() if kind not in _PLAIN]
        found = {} if wrong else scipy.io.loadmat(io.BytesIO(content), variable_names=list(names))
    except Exception as error:  # scipy's reader raises whatever a damaged file leads it to
        if fault := system_fault(error, path):
            raise fault from error
        raise ValueError(f"damaged, or no MATLAB file: {' '.join(str(error).split())[:200]}") from error
    if wrong:
        raise ValueError(f"{', '.join(wrong)} has other arrays in it, expected numbers or texts")
    if missing := [name for name in names if not isinstance(found.get(name), np.ndarray)]:
        raise ValueError(f"no array {', '.join(missing)} in it")
    return {name: found[name] for name in names}


def _check_elements(content: bytes) -> None:
    """Refuse what is too large to be annotations, and arrays with parts of a type that there is not."""
    order = "big" if content[126:128] == b"MI" else "little"
    size = len(content)
    for kind, element in _elements(content, _HEADER, order):
        if kind == _PACKED:
            size += len(element := _unpacked(element))
            kind, element = next(_elements(element, 0, order), (0, b""))
        if size > _LARGEST:
            raise ValueError(f"its arrays have more than {_LARGEST >> 20} MiB")
        parts = (part for part, _ in _elements(element if kind == _ARRAY else b"", 0, order))
        if (unknown := next((part for part in parts if part not in (*_NUMBERS_OR_TEXTS, _ARRAY)), None)) is not None:
            raise ValueError(f"damaged: an array has a part of the unknown type {unknown}")


def _elements(content: bytes, at: int, order: Literal["big", "little"]) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of one element after the other; the last one may be cut off."""
    while at + _TAG <= len(content):
        first, length = (int.from_bytes(content[start : start + 4], order) for start in (at, at + 4))
        if first >> 16:  # up to four bytes stand in the tag itself
            kind, length = first & 0xFFFF, first >> 16
            yield kind, content[at + 4 : at + 4 + length]
            at += _TAG
        else:
            yield first, content[at + _TAG : at + _TAG + length]
            at += _TAG + (length if first == _PACKED else -(-length // _TAG) * _TAG)


def _unpacked(packed: bytes) -> bytes:
    """At most one byte more than the limit; nothing of what cannot be unpacked, since scipy says so."""
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST + 1)
    except zlib.error:
        return b""
