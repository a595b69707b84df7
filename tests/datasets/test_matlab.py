"""MATLAB files: what is wrong in them is said before scipy, which crashes on it, sees them."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from poseattn.datasets.matlab import read_matlab

HEADER = 128
DOUBLE = struct.pack("<II", 9, 3 * 8)  # the tag of three doubles


def _file(path: Path, is_packed: bool, tag: bytes = DOUBLE) -> None:
    """A file with the array x = (1, 2, 3), whose numbers have this tag."""
    savemat(path, {"x": np.array([1.0, 2.0, 3.0])})
    content = path.read_bytes()
    assert content.count(DOUBLE) == 1
    header, element = content[:HEADER], content[HEADER:].replace(DOUBLE, tag)
    if is_packed:
        packed = zlib.compress(element)
        element = struct.pack("<II", 15, len(packed)) + packed
    path.write_bytes(header + element)


@pytest.mark.parametrize("is_packed", [False, True])
def test_arrays_come_back(tmp_path: Path, is_packed: bool) -> None:
    _file(tmp_path / "a.mat", is_packed)
    np.testing.assert_array_equal(read_matlab(tmp_path / "a.mat", ["x"])["x"], [[1, 2, 3]])


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("kind", [0, 8, 10, 11, 19, 65535])
def test_a_type_that_there_is_not_is_refused(tmp_path: Path, is_packed: bool, kind: int) -> None:
    """Types 8, 10 and 11 of the format are reserved; scipy 1.17.1 crashes on 8."""
    _file(tmp_path / "a.mat", is_packed, struct.pack("<II", kind, 3 * 8))
    with pytest.raises(ValueError, match=f"^damaged: an array has a part of the unknown type {kind}$"):
        read_matlab(tmp_path / "a.mat", ["x"])
