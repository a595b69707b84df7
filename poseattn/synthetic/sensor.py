"""What a Kinect reports of the figures: noisy joints, inferred joints, static things taken for people, lost frames."""

from typing import NamedTuple

import numpy as np

from poseattn.synthetic.camera import Lens, project
from poseattn.synthetic.figure import N_JOINTS
from poseattn.synthetic.motion import smooth_noise

_LEAVES = (3, 15, 19, 21, 22, 23, 24)  # joints without an orientation
_PARENT = (0, 0, 20, 2, 20, 4, 5, 6, 20, 8, 9, 10, 0, 12, 13, 14, 0, 16, 17, 18, 1, 7, 7, 11, 11)
_DEPTH_LENS = Lens(365.5, (257.0, 210.0))  # Kinect v2, 512x424
_FIRST_ID = 2**56  # Kinect counts its bodies from here


class Track(NamedTuple):
    """One tracked body.

    Attributes:
        body_id: 17 digits; empty until the bodies of a clip are shuffled.
        joints: The twelve numbers of a skeleton file, (frame, joint, 12): x y z in metres, depth x y and colour x y in
            pixels, orientation w x y z, tracking state (2 tracked, 1 inferred).
        present: Whether the body is listed, (frame,).
    """

    body_id: str
    joints: np.ndarray
    present: np.ndarray


def measure(rng: np.random.Generator, position: np.ndarray, lens: Lens, recipe: dict) -> Track:
    """Track of a person.

    Args:
        rng: Random state.
        position: True joints in camera space, metres, (frame, joint, xyz).
        lens: Of the colour camera.
        recipe: Standard deviations in metres of slow `drift`, of `noise` from frame to frame and of the further noise
            of `inferred` joints, and the share of those (`inferred_share`).

    Returns:
        A track that is present in every frame.
    """
    frames = len(position)
    inferred = rng.random((frames, N_JOINTS)) < recipe["inferred_share"]
    noise = recipe["noise"] * rng.standard_normal(position.shape)
    noise += smooth_noise(rng, frames, (N_JOINTS, 3), recipe["drift"])
    noise += inferred[..., None] * recipe["inferred"] * rng.standard_normal(position.shape)
    return _track(position + noise, inferred, lens)


def measure_ghost(rng: np.random.Generator, frames: int, lens: Lens, recipe: dict) -> Track:
    """Track of a static thing taken for a body: low, as wide as high, and jittering more than people move.

    Args:
        rng: Random state.
        frames: Length.
        lens: Of the colour camera.
        recipe: `extent` (x, y, z) in metres, `jitter` in metres, range of its distance to the `side` in metres.

    Returns:
        A track that is present in every frame.
    """
    middle = [rng.choice([-1, 1]) * rng.uniform(*recipe["side"]), rng.uniform(-0.5, -0.1), rng.uniform(2.6, 3.6)]
    shape = rng.uniform(-0.5, 0.5, (N_JOINTS, 3)) * recipe["extent"]
    jitter = recipe["jitter"] * rng.standard_normal((frames, N_JOINTS, 3))
    return _track(middle + shape + jitter, rng.random((frames, N_JOINTS)) < 0.4, lens)


def hide_frames(rng: np.random.Generator, tracks: list[Track], longest: int) -> list[Track]:
    """Take every body out of a short random stretch of frames."""
    frames = len(tracks[0].present)
    length = int(rng.integers(1, longest + 1))
    start = int(rng.integers(0, frames - length))
    shown = (np.arange(frames) < start) | (np.arange(frames) >= start + length)
    return [track._replace(present=track.present & shown) for track in tracks]


def lose_colour(rng: np.random.Generator, track: Track, share: float) -> Track:
    """Make colour coordinates of a share of the joints NaN, as where a Kinect cannot map depth to colour."""
    joints = track.joints.copy()
    joints[rng.random(joints.shape[:2]) < share, 5:7] = np.nan
    return track._replace(joints=joints)


def shuffle(rng: np.random.Generator, tracks: list[Track]) -> list[Track]:
    """Bodies in random order under random ids: neither tells who acts."""
    numbers = _FIRST_ID + rng.choice(9000, len(tracks), replace=False)
    order = rng.permutation(len(tracks))
    return [tracks[index]._replace(body_id=str(number)) for index, number in zip(order, numbers, strict=True)]


def _track(position: np.ndarray, inferred: np.ndarray, lens: Lens) -> Track:
    depth = project(position - [0.052, 0, 0], _DEPTH_LENS)  # the depth camera sits beside the colour camera
    state = np.where(inferred, 1.0, 2.0)[..., None]
    joints = np.concatenate([position, depth, project(position, lens), _orientation(position), state], axis=-1)
    return Track("", joints, np.ones(len(position), bool))


def _orientation(position: np.ndarray) -> np.ndarray:
    """Quaternion (w x y z) that turns the y axis along the bone which ends at a joint; zero for leaves and the root."""
    bone = position - position[:, _PARENT]
    bone /= np.maximum(np.linalg.norm(bone, axis=-1, keepdims=True), 1e-6)
    turn = np.stack([1 + bone[..., 1], bone[..., 2], np.zeros(bone.shape[:2]), -bone[..., 0]], axis=-1)
    turn /= np.maximum(np.linalg.norm(turn, axis=-1, keepdims=True), 1e-6)
    turn[:, _LEAVES] = 0
    return turn
