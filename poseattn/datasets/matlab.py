"""MATLAB files (version 5) with a few named arrays, as some data sets keep their annotations."""

import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.io

_LARGEST = 64 << 20  # bytes of the arrays of a file; those of a clip of 1,000 frames have less than one
_HEADER, _TAG = 128, 8  # bytes of a file's header, and of the type and length before each of its elements
_PACKED = 15
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
        OSError: It cannot be opened.
    """
    with open(path, "rb") as file:
        content = file.read(_LARGEST + 1)
        if len(content) > _LARGEST or sum(_unpacked_sizes(content)) > _LARGEST:
            raise ValueError(f"its arrays have more than {_LARGEST >> 20} MiB")
        try:
            file.seek(0)
            kinds = {name: kind for name, _, kind in scipy.io.whosmat(file) if name in names}
            # what holds other arrays may hold them in any number and depth
            wrong = [name for name, kind in kinds.items() if kind not in _PLAIN]
            file.seek(0)
            found = {} if wrong else scipy.io.loadmat(file, variable_names=list(names))
        except Exception as error:  # scipy's reader raises whatever a damaged file leads it to
            raise ValueError(f"damaged, or no MATLAB file: {' '.join(str(error).split())[:200]}") from error
    if wrong:
        raise ValueError(f"{', '.join(wrong)} has other arrays in it, expected numbers or texts")
    if missing := [name for name in names if not isinstance(found.get(name), np.ndarray)]:
        raise ValueError(f"no array {', '.join(missing)} in it")
    return {name: found[name] for name in names}


def _unpacked_sizes(content: bytes) -> Iterator[int]:
    """Bytes of each packed element once it is unpacked, none of which is kept; more than the limit if it has more."""
    order = "big" if content[126:128] == b"MI" else "little"
    at = _HEADER
    while at + _TAG <= len(content):
        kind, length = (int.from_bytes(content[start : start + 4], order) for start in (at, at + 4))
        if kind == _PACKED:
            packed = zlib.decompressobj()
            try:
                yield len(packed.decompress(content[at + _TAG : at + _TAG + length], _LARGEST + 1))
            except zlib.error:
                return  # scipy says so
        at += _TAG + length
