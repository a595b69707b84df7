"""Joint files of JHMDB: one person, whose 15 joints an annotator placed with a puppet in every frame."""

from pathlib import Path
from typing import Any

import numpy as np

from poseattn.datasets.matlab import MOST_PIXELS, read_matlab
from poseattn.datasets.pose_format import no_choice, planar_format
from poseattn.pose.parts import BODIES

POSES = planar_format(BODIES["sub_jhmdb"])
FRAME = (240, 320)  # rows and columns of every clip
check_recipe = no_choice
_JOINTS = len(BODIES["sub_jhmdb"].joints)


def read_poses(path: Path, recipe: dict[str, Any]) -> dict[str, np.ndarray]:
    """Joints of a clip as a pose shard has them; see `poseattn.datasets.pose_format`.

    Every joint counts as seen: the whole body is in view. The box is the smallest around the joints.

    Args:
        path: File with the array `pos_img` (xy, joint, frame), pixels counted from 1.
        recipe: Empty.

    Returns:
        Arrays by name.

    Raises:
        ValueError: The file is damaged, or its joints are not those of the data set.
    """
    joints = read_matlab(path, ("pos_img",))["pos_img"]
    are_numbers = joints.dtype.kind in "iuf" and joints.ndim in (2, 3) and joints.size > 0
    if joints.shape[:2] != (2, _JOINTS) or not are_numbers or not (np.abs(joints) < MOST_PIXELS).all():
        raise ValueError(f"pos_img has shape {joints.shape}, expected finite numbers of shape (2, {_JOINTS}, frames)")
    position = joints.reshape(2, _JOINTS, -1).T.astype(np.float32) - 0.5  # (frame, joint, xy)
    n_frames = len(position)
    ones = np.ones((n_frames, 1, _JOINTS), np.uint8)
    return {
        "data": position[:, None],
        "presence": ones[:, :, 0],
        "visibility": ones,
        "valid": ones.copy(),
        "box": np.concatenate([position.min(axis=1), position.max(axis=1)], axis=1)[:, None],
        "size": np.tile(np.array(FRAME, np.int32), (n_frames, 1)),
    }
