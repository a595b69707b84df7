"""Joints of a body as a data set annotates them, and the body parts that share attention (Du et al. 2017, Sec. 3.2).

Joint numbers count from 0. Left and right are the person's; a joint whose name starts with neither lies between them.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

_OTHER_SIDE = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Body:
    """Joints in the order of all arrays of them, divided into parts.

    Attributes:
        joints: Their names.
        parts: Names of the joints of each part; the order of the parts is that of all arrays of them.

    Raises:
        ValueError: A joint is in no part or in two, a part names something else, or a joint has no mirror image.
    """

    joints: tuple[str, ...]
    parts: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Check that the parts are a partition of the joints, each of which has a mirror image among them."""
        uses = Counter(joint for part in self.parts.values() for joint in part)
        for joint in dict.fromkeys((*self.joints, *uses)):
            if joint not in self.joints:
                raise ValueError(f"{joint} is in a part, but is no joint")
            if uses[joint] != 1:
                raise ValueError(f"joint {joint} is in {uses[joint]} parts, expected 1")
            if _mirror_image(joint) not in self.joints:
                raise ValueError(f"joint {joint} has no mirror image {_mirror_image(joint)}")

    @property
    def part_of(self) -> tuple[int, ...]:
        """Number of the part that each joint belongs to."""
        return tuple(
            number for joint in self.joints for number, part in enumerate(self.parts.values()) if joint in part
        )

    @property
    def mirrored(self) -> tuple[int, ...]:
        """Joint that stands in the place of each one when left and right are exchanged."""
        return tuple(self.joints.index(_mirror_image(joint)) for joint in self.joints)


def body_of(name: str) -> Body:
    """Body whose joints a data set annotates.

    Args:
        name: Key of `BODIES`.

    Returns:
        The body.

    Raises:
        ValueError: There is none of that name.
    """
    if name not in BODIES:
        raise ValueError(f"parts: {name!r} is not one of {', '.join(BODIES)}")
    return BODIES[name]


def mirror(position: Float[np.ndarray, "*frame j 2"], body: Body, width: int) -> Float[np.ndarray, "*frame j 2"]:
    """Joints of the mirrored picture: what was on the right is on the left, in the picture and by name.

    Args:
        position: x to the right and y down, in pixels from the edges of the frame.
        body: Says which joints change places; visibilities do so by `body.mirrored` alone.
        width: Of the frame, in pixels.

    Returns:
        Positions in pixels of the mirrored frame.
    """
    swapped = position[..., body.mirrored, :].copy()
    swapped[..., 0] = width - swapped[..., 0]
    return swapped


def _mirror_image(joint: str) -> str:
    side, _, limb = joint.partition("_")
    return f"{_OTHER_SIDE[side]}_{limb}" if side in _OTHER_SIDE else joint


BODIES = {
    "sub_jhmdb": Body(
        joints=(
            "neck",
            "belly",
            "head",
            "right_shoulder",
            "left_shoulder",
            "right_hip",
            "left_hip",
            "right_elbow",
            "left_elbow",
            "right_knee",
            "left_knee",
            "right_wrist",
            "left_wrist",
            "right_ankle",
            "left_ankle",
        ),
        # The paper's torso is "Head, Shoulders, and Hips"; the neck and belly, which it does not name, are put there.
        parts={
            "torso": ("neck", "belly", "head", "right_shoulder", "left_shoulder", "right_hip", "left_hip"),
            "elbow": ("right_elbow", "left_elbow"),
            "wrist": ("right_wrist", "left_wrist"),
            "knee": ("right_knee", "left_knee"),
            "ankle": ("right_ankle", "left_ankle"),
        },
    ),
    "penn_action": Body(
        joints=(
            "head",
            "left_shoulder",
            "right_shoulder",
            "left_elbow",
            "right_elbow",
            "left_wrist",
            "right_wrist",
            "left_hip",
            "right_hip",
            "left_knee",
            "right_knee",
            "left_ankle",
            "right_ankle",
        ),
        parts={
            "torso": ("head", "left_shoulder", "right_shoulder", "left_hip", "right_hip"),
            "elbow": ("left_elbow", "right_elbow"),
            "wrist": ("left_wrist", "right_wrist"),
            "knee": ("left_knee", "right_knee"),
            "ankle": ("left_ankle", "right_ankle"),
        },
    ),
    # Order of MPII Human Pose, which networks trained on it give; on the torso as the joints beside it are above.
    "mpii": Body(
        joints=(
            "right_ankle",
            "right_knee",
            "right_hip",
            "left_hip",
            "left_knee",
            "left_ankle",
            "pelvis",
            "thorax",
            "upper_neck",
            "head_top",
            "right_wrist",
            "right_elbow",
            "right_shoulder",
            "left_shoulder",
            "left_elbow",
            "left_wrist",
        ),
        parts={
            "torso": (
                "head_top",
                "upper_neck",
                "thorax",
                "pelvis",
                "right_shoulder",
                "left_shoulder",
                "right_hip",
                "left_hip",
            ),
            "elbow": ("right_elbow", "left_elbow"),
            "wrist": ("right_wrist", "left_wrist"),
            "knee": ("right_knee", "left_knee"),
            "ankle": ("right_ankle", "left_ankle"),
        },
    ),
}
