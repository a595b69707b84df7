"""Annotation files of MPII Human Pose as pose-hg-train distributes them: HDF5, one row a person.

Centre and scale in these files are those of the crop already: the annotated centre was moved down by 15 pixels for
each unit of scale and the scale, of which a unit is 200 pixels, made 1.25 times as large, so that no feet are cut off.
"""

import io
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from jaxtyping import Float, Int, UInt8

from poseattn.reading import read_input, system_fault

N_JOINTS = 16
UNIT = 200  # pixels for each unit of scale
_LARGEST = 1e6  # pixels
# Shapes of a row of each array that a file must have.
_ROWS = {"imgname": (), "person": (), "center": (2,), "scale": ()}
_ROWS |= {"part": (N_JOINTS, 2), "visible": (N_JOINTS,), "normalize": ()}
_PACKED = 1100  # times: how much smaller HDF5's own compression can make an array


class _Wrong(ValueError):
    """What is wrong with a sound HDF5 file."""


class People(NamedTuple):
    """Annotated people of one file; pixels from the edges of their images, x to the right and y down.

    Attributes:
        image: File name of the image of each.
        number: Which person of that image.
        center: Middle of the crop.
        scale: Edge of the crop in units of 200 pixels.
        joints: Positions; (-0.5, -0.5) where there is none.
        valid: 0 where a joint has no position.
        visible: 1 where a joint is seen, 0 where it is occluded or absent.
        head: Size of the head, 0.6 of the diagonal of its box, by which PCKh measures.
    """

    image: list[str]
    number: Int[np.ndarray, " n"]
    center: Float[np.ndarray, "n 2"]
    scale: Float[np.ndarray, " n"]
    joints: Float[np.ndarray, "n 16 2"]
    valid: UInt8[np.ndarray, "n 16"]
    visible: UInt8[np.ndarray, "n 16"]
    head: Float[np.ndarray, " n"]


@lru_cache(maxsize=4)
def read_people(path: Path) -> People:
    """Read an annotation file.

    Args:
        path: Such as `annot/valid.h5`.

    Returns:
        Its people in order.

    Raises:
        ValueError: It is no such file, or its arrays do not fit each other.
        OSError: It cannot be read.
        MemoryError: Its arrays do not fit into memory.
    """
    content = read_input(path)
    try:
        with h5py.File(io.BytesIO(content)) as file:
            arrays = _read_arrays(file, len(content))
            image = _names(arrays["imgname"])
    except _Wrong as error:
        raise ValueError(f"{path}: {error}") from None
    except Exception as error:  # HDF5 raises whatever a damaged file leads it to
        if fault := system_fault(error, path):
            raise fault from error
        raise ValueError(f"{path}: no HDF5 file, or a damaged one") from error
    joints = arrays["part"]
    return People(
        image=image,
        number=arrays["person"].astype(int),
        center=arrays["center"].astype(np.float32) - 0.5,  # the centre of the first pixel is (1, 1) in the file
        scale=arrays["scale"].astype(np.float32),
        joints=joints.astype(np.float32) - 0.5,
        valid=(joints != 0).any(axis=-1).astype(np.uint8),
        visible=(arrays["visible"] > 0).astype(np.uint8),
        head=arrays["normalize"].astype(np.float32),
    )


def _read_arrays(file: h5py.File, size: int) -> dict[str, np.ndarray]:
    """The arrays of a file of so many bytes, of one length and made of finite numbers."""
    if missing := [key for key in _ROWS if not isinstance(file.get(key, getlink=True), h5py.HardLink)]:
        raise _Wrong(f"no array {', '.join(missing)}; expected {', '.join(_ROWS)}")
    n_people = len(file["imgname"])
    for key, shape in _ROWS.items():
        array = file[key]
        if array.external or array.is_virtual or array.nbytes > _PACKED * size:
            raise _Wrong(f"{key} has its numbers in another file, or more than can be in this one")
        if array.shape != (n_people, *shape):
            raise _Wrong(f"{key} has shape {array.shape}, expected {(n_people, *shape)}")
        if array.dtype.kind not in ("iufb" if key != "imgname" else "S"):
            raise _Wrong(f"{key} is {array.dtype}, expected {'texts' if key == 'imgname' else 'numbers'}")
    arrays = {key: file[key][:] for key in _ROWS}
    for key, array in arrays.items():
        if array.dtype.kind == "f" and not (np.abs(array) < _LARGEST).all():
            raise _Wrong(f"{key} has numbers that are no pixels")
    return arrays


def _names(array: np.ndarray) -> list[str]:
    """File names, which lead nowhere else."""
    names = [name.decode() for name in array.astype("S").tolist()]
    if wrong := [name for name in names if not name.isprintable() or "/" in name or name in ("", ".", "..")]:
        raise _Wrong(f"image {wrong[0]!r}, expected the name of a file")
    return names
