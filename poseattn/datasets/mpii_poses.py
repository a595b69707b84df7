"""Annotated people of MPII Human Pose: 16 joints of one person in one image, and the square around that person."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from poseattn.clips.ids import file_of
from poseattn.datasets.mpii_annotations import UNIT, read_people
from poseattn.datasets.pose_format import no_choice, planar_format
from poseattn.pose.parts import BODIES
from poseattn.reading import open_input, reading, system_fault
from poseattn.shards.shard import SideArray

_PLANAR = planar_format(BODIES["mpii"])
POSES = _PLANAR._replace(side=_PLANAR.side | {"head": SideArray("frame body", "pixels")})
check_recipe = no_choice


def read_poses(path: Path, recipe: dict[str, Any]) -> dict[str, np.ndarray]:
    """Joints of a person as a pose shard has them; see `poseattn.datasets.pose_format`.

    Args:
        path: Annotation file with the number of the row, such as `annot/valid.h5=17`; images are in `images/` beside
            the file's folder.
        recipe: Empty.

    Returns:
        Arrays by name, of one frame. The box is the square of the annotated centre and scale; `head` is the size of the
        head in pixels, as PCKh takes it.

    Raises:
        ValueError: The file is not what it should be.
        OSError: The file or the image is missing.
    """
    file = path.with_name(file_of(path.name))
    people, row = read_people(file), int(path.name.removeprefix(f"{file.name}="))
    if row >= len(people.image):
        raise ValueError(f"{file}: no row {row}, it has {len(people.image)} people")
    rows, cols = _size(file.parents[1] / "images" / people.image[row])
    reach = people.scale[row] * UNIT / 2
    box = np.concatenate([people.center[row] - reach, people.center[row] + reach])
    return {
        "data": people.joints[row][None, None],
        "presence": np.ones((1, 1), np.uint8),
        "visibility": people.visible[row][None, None],
        "valid": people.valid[row][None, None],
        "box": box.astype(np.float32)[None, None],
        "size": np.array([[rows, cols]], np.int32),
        "head": people.head[row][None, None],
    }


def _size(path: Path) -> tuple[int, int]:
    """Rows and columns of an image, of which no more than its header is read."""
    try:
        with open_input(path) as file, reading(path), Image.open(file) as image:
            cols, rows = image.size
    except Exception as error:  # the readers of some forty formats raise whatever a damaged file leads them to
        if fault := system_fault(error, path):
            raise fault from error
        raise ValueError(f"{path.name} is no image: {' '.join(str(error).split())[:200]}") from error
    return rows, cols
