"""People of Stanford 40: a box, and no joints."""

from pathlib import Path
from typing import Any

import numpy as np

from poseattn.datasets.pose_format import no_choice, planar_format
from poseattn.datasets.voc_xml import read_box
from poseattn.pose.parts import Body

POSES = planar_format(Body(joints=(), parts={}))
check_recipe = no_choice


def read_poses(path: Path, recipe: dict[str, Any]) -> dict[str, np.ndarray]:
    """The person of an image as a pose shard has it; see `poseattn.datasets.pose_format`.

    Args:
        path: XML file.
        recipe: Empty.

    Returns:
        Arrays by name, of one frame and no joint.

    Raises:
        ValueError: The file is not what it should be.
        OSError: It cannot be read.
    """
    box, size = read_box(path)
    none = np.zeros((1, 1, 0), np.uint8)
    return {
        "data": np.zeros((1, 1, 0, 2), np.float32),
        "presence": np.ones((1, 1), np.uint8),
        "visibility": none,
        "valid": none.copy(),
        "box": box[None, None],
        "size": np.array([size], np.int32),
    }
