"""Annotation files of MPII Human Pose as pose-hg-train distributes them: HDF5, one row a person.

Centre and scale in these files are those of the crop already: the annotated centre was moved down by 15 pixels for
each unit of scale and the scale, of which a unit is 200 pixels, made 1.25 times as large, so that no feet are cut off.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import h5py
import numpy as np
from jaxtyping import Float, Int, UInt8

N_JOINTS = 16
UNIT = 200  # pixels for each unit of scale
_KEYS = ("imgname", "person", "center", "scale", "part", "visible", "normalize")


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
        OSError: It cannot be opened.
    """
    if not path.is_file():
        raise FileNotFoundError(2, "No such file", str(path))
    try:
        with h5py.File(path) as file:
            if missing := [key for key in _KEYS if key not in file]:
                raise ValueError(f"{path}: no array {', '.join(missing)}; expected {', '.join(_KEYS)}")
            arrays = {key: file[key][:] for key in _KEYS}
    except OSError as error:
        raise ValueError(f"{path}: no HDF5 file, or a damaged one") from error
    joints, n_people = arrays["part"], len(arrays["imgname"])
    shapes = {"part": (N_JOINTS, 2), "visible": (N_JOINTS,), "center": (2,), "scale": (), "normalize": (), "person": ()}
    for key, shape in shapes.items():
        if arrays[key].shape != (n_people, *shape):
            raise ValueError(f"{path}: {key} has shape {arrays[key].shape}, expected {(n_people, *shape)}")
    return People(
        image=[name.decode() for name in arrays["imgname"].astype("S").tolist()],
        number=arrays["person"].astype(int),
        center=arrays["center"].astype(np.float32) - 0.5,  # the centre of the first pixel is (1, 1) in the file
        scale=arrays["scale"].astype(np.float32),
        joints=joints.astype(np.float32) - 0.5,
        valid=(joints != 0).any(axis=-1).astype(np.uint8),
        visible=(arrays["visible"] > 0).astype(np.uint8),
        head=arrays["normalize"].astype(np.float32),
    )
