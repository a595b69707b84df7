"""Articulated figures: 25 Kinect joints posed from hand and foot targets.

Scene coordinates are metres: x to the right of the image, y up from the floor, z away from a camera at yaw 0. Like the
colour images of a Kinect the scene is mirrored: the right hand of somebody who faces the camera is on the right.
A figure's own frame is (right, up, forward), its origin on the floor below the pelvis.
"""

from typing import NamedTuple

import numpy as np

N_JOINTS = 25
HANDS = (7, 11)  # joint indices from 0: left, right


class Posture(NamedTuple):
    """Where a figure stands and what it reaches for, one row per frame.

    Attributes:
        ground: Point of the floor below the pelvis, scene metres, (frame, 3).
        yaw: Facing direction in radians, (frame,); 0 faces the camera, positive turns to the right of the image.
        lean: Forward lean of the trunk in radians, (frame,).
        hands: Targets of left and right hand in the figure's frame, in body heights, (frame, 2, 3).
        feet: Targets of left and right ankle in the figure's frame, in body heights, (frame, 2, 3).
    """

    ground: np.ndarray
    yaw: np.ndarray
    lean: np.ndarray
    hands: np.ndarray
    feet: np.ndarray


def draw_body(rng: np.random.Generator, recipe: dict) -> dict[str, float]:
    """Random body proportions of one person.

    Args:
        rng: Random state of the person.
        recipe: `height` range in metres, `proportions` as shares of it, relative `variation` of each share.

    Returns:
        Name of a segment -> its length in metres, and `height`.
    """
    height = rng.uniform(*recipe["height"])
    spread = recipe["variation"]
    shares = {name: share * rng.uniform(1 - spread, 1 + spread) for name, share in recipe["proportions"].items()}
    return {"height": height} | {name: share * height for name, share in shares.items()}


def pose_joints(body: dict[str, float], posture: Posture) -> np.ndarray:
    """Joint positions of a figure.

    Args:
        body: Segment lengths in metres, from `draw_body`.
        posture: Targets of every frame.

    Returns:
        Scene positions in metres, (frame, joint, xyz), in the joint order of a Kinect v2.
    """
    local = np.zeros((len(posture.yaw), N_JOINTS, 3))
    _place_trunk(local, body, posture.lean)
    for side, (shoulder, hip) in enumerate(((4, 12), (8, 16))):
        _place_arm(local, shoulder, posture.hands[:, side] * body["height"], body)
        _place_leg(local, hip, posture.feet[:, side] * body["height"], body)
    return _to_scene(local, posture)


def bend(root: np.ndarray, target: np.ndarray, upper: float, lower: float, pole: np.ndarray) -> np.ndarray:
    """Two-bone inverse kinematics by the law of cosines.

    Args:
        root: Shoulder or hip, (frame, 3), metres.
        target: Where the end of the limb should be, (frame, 3); out of reach means stretched towards it.
        upper: Length of the upper bone in metres.
        lower: Length of the lower bone in metres.
        pole: Direction to which elbow or knee points, (3,).

    Returns:
        Elbow or knee and end of the limb, (2, frame, 3).
    """
    reach = target - root
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    reach = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, abs(upper - lower) + 1e-3, 0.995 * (upper + lower))
    along = (distance**2 + upper**2 - lower**2) / (2 * distance)
    aside = pole - (reach @ pole)[:, None] * reach
    aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), 1e-6)
    middle = root + along * reach + np.sqrt(np.maximum(upper**2 - along**2, 0)) * aside
    return np.stack([middle, root + distance * reach])


def _place_trunk(local: np.ndarray, body: dict[str, float], lean: np.ndarray) -> None:
    """Spine, head, shoulders and hips; everything above the hips leans forward."""
    for joint, name in ((0, "hip"), (1, "belly"), (20, "chest"), (2, "neck"), (3, "head")):
        local[:, joint, 1] = body[name]
    for sign, shoulder, hip in ((-1, 4, 12), (1, 8, 16)):
        local[:, shoulder] = sign * body["shoulder"], body["chest"], 0
        local[:, hip] = sign * body["pelvis"], body["hip"], 0
    above = [1, 20, 2, 3, 4, 8]
    rise = local[:, above, 1] - body["hip"]
    local[:, above, 1] = body["hip"] + rise * np.cos(lean)[:, None]
    local[:, above, 2] = rise * np.sin(lean)[:, None]
    local[:, 3, 2] += 0.02 * body["height"]


def _place_arm(local: np.ndarray, shoulder: int, target: np.ndarray, body: dict[str, float]) -> None:
    """Elbow, wrist, hand, then hand tip and thumb, which Kinect numbers from 21."""
    sign = 1 if shoulder == 8 else -1
    lower = body["forearm"] + body["hand"]
    pole = np.array([0.6 * sign, -1.0, -0.4])
    elbow, hand = bend(local[:, shoulder], target, body["upper_arm"], lower, pole)
    pointing = (hand - elbow) / lower
    tip = 23 if sign > 0 else 21
    local[:, shoulder + 1] = elbow
    local[:, shoulder + 2] = elbow + pointing * body["forearm"]
    local[:, shoulder + 3] = hand
    local[:, tip] = hand + pointing * body["hand"]
    local[:, tip + 1] = hand + 0.5 * body["hand"] * (pointing + np.array([-0.8 * sign, 0, 0.6]))


def _place_leg(local: np.ndarray, hip: int, target: np.ndarray, body: dict[str, float]) -> None:
    """Knee, ankle and foot."""
    knee, ankle = bend(local[:, hip], target, body["thigh"], body["shin"], np.array([0.0, 0.0, 1.0]))
    local[:, hip + 1] = knee
    local[:, hip + 2] = ankle
    local[:, hip + 3] = ankle + body["height"] * np.array([0, -0.025, 0.07])


def _to_scene(local: np.ndarray, posture: Posture) -> np.ndarray:
    """Turn (right, up, forward) by the yaw and move it to where the figure stands."""
    sin, cos = np.sin(posture.yaw)[:, None], np.cos(posture.yaw)[:, None]
    right, up, forward = np.moveaxis(local, -1, 0)
    scene = np.stack([right * cos + forward * sin, up, right * sin - forward * cos], axis=-1)
    return scene + posture.ground[:, None]
