"""Poses of NTU RGB+D: the one or two people among the bodies of a skeleton file."""

from pathlib import Path
from typing import Any

import numpy as np

from poseattn.datasets.ntu_skeleton import read_skeleton
from poseattn.datasets.pose_format import PoseFormat
from poseattn.pose.skeleton import N_BODIES, N_JOINTS
from poseattn.pose.tracks import PersonRule, choose_people, lay_out
from poseattn.shards.shard import SideArray

POSES = PoseFormat(
    axes="frame body joint xyz",
    units="metres",
    shape=(N_BODIES, N_JOINTS, 3),
    side={"color_xy": SideArray("frame body joint xy", "pixels"), "presence": SideArray("frame body", "1")},
)


def read_poses(path: Path, recipe: dict[str, Any]) -> dict[str, np.ndarray]:
    """Joints of the people of a clip, in space and in the colour image.

    Args:
        path: Skeleton file.
        recipe: The numbers of `poseattn.pose.tracks.PersonRule`.

    Returns:
        Arrays by name, as in `POSES`, the joints as `data`.

    Raises:
        ValueError: The file is no skeleton.
    """
    n_frames, tracks = read_skeleton(path)
    xyz, color_xy, presence = lay_out(choose_people(tracks, PersonRule(**recipe)), n_frames)
    return {"data": xyz, "color_xy": color_xy, "presence": presence}


def check_recipe(recipe: dict[str, Any]) -> None:
    """Refuse a recipe that does not say how people are chosen.

    Args:
        recipe: Of a pose shard.

    Raises:
        ValueError: It has other keys than the rule.
    """
    if set(recipe) != set(PersonRule._fields):
        raise ValueError(f"recipe: has {', '.join(sorted(recipe))}; expected {', '.join(PersonRule._fields)}")
