"""Body-centred, augmented poses and augmented motion: what the pose stream and both attentions are given.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 3.1-3.2. Pure functions of one clip or, where stated, of many.
Axes: t frame, then 2 bodies (main subject, second), 25 joints and 3 coordinates (metres).
"""

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.pose.skeleton import SPINE_MID

CENTERS = ("per_frame", "first_frame", "per_subject")


def center(
    pose: Float[np.ndarray, "t 2 25 3"], presence: UInt8[np.ndarray, "t 2"], mode: str
) -> Float[np.ndarray, "t 2 25 3"]:
    """Body-centred coordinates: the middle of a spine becomes the origin; nothing is rotated or scaled (Sec. 3.1).

    Args:
        pose: Joint positions in metres, in the camera's frame.
        presence: 1 where a body was tracked.
        mode: Whose spine is the origin. `per_frame`: the main subject's of the same frame, for both bodies, so that
            their relative position survives; `first_frame`: the main subject's of its first frame, so that walking
            survives too; `per_subject`: each body's own of the same frame.

    Returns:
        Positions in metres relative to the origin, 0 for absent bodies.

    Raises:
        ValueError: The mode is not one of the three.

    Deviates: the paper does not say what happens in a frame that has only the second subject. The main subject's last
        known spine serves then (its first one, before that).
    """
    if mode not in CENTERS:
        raise ValueError(f"center is {mode!r}, expected one of {', '.join(CENTERS)}")
    spine = pose[:, :, SPINE_MID]  # (t, 2, 3)
    if mode == "per_frame":
        spine = spine[_last_known(presence[:, 0]), :1]  # (t, 1, 3)
    elif mode == "first_frame":
        spine = spine[[presence[:, 0].argmax()], :1]  # (1, 1, 3)
    return np.where(presence[:, :, None, None] > 0, pose - spine[:, :, None], 0).astype(pose.dtype)


def differences(
    pose: Float[np.ndarray, "*b t body joint xyz"], presence: UInt8[np.ndarray, "*b t body"]
) -> tuple[Float[np.ndarray, "*b t body joint xyz"], Float[np.ndarray, "*b t body joint xyz"]]:
    """Velocity and acceleration: first and second differences between successive frames (Sec. 3.1).

    Args:
        pose: Body-centred positions in metres, of one clip or of many; rows are successive frames.
        presence: 1 where a body was tracked.

    Returns:
        Velocity in metres per frame, 0 in frame 0, and acceleration in metres per frame squared, 0 in frames 0 and 1.
        Both are 0 for a body that is absent in any of the two or three frames involved: otherwise people who appear
        and vanish would outweigh all that move.

    Deviates: the paper calls the velocity x-double-dot and the acceleration x-dot; the two are swapped there.
    """
    here = presence > 0
    velocity, acceleration = np.zeros_like(pose), np.zeros_like(pose)
    pair = (here[..., 1:, :] & here[..., :-1, :])[..., None, None]
    step = np.where(pair, np.diff(pose, axis=-4), 0)
    velocity[..., 1:, :, :, :] = step
    triple = pair[..., 1:, :, :, :] & pair[..., :-1, :, :, :]
    acceleration[..., 2:, :, :, :] = np.where(triple, np.diff(step, axis=-4), 0)
    return velocity, acceleration


def augment(
    pose: Float[np.ndarray, "*b t body joint xyz"], presence: UInt8[np.ndarray, "*b t body"]
) -> tuple[Float[np.ndarray, "*b t pose"], Float[np.ndarray, "*b t 2"]]:
    """Augmented pose [x, velocity, acceleration] and augmented motion M of body-centred positions (Sec. 3.1-3.2).

    Called on whole clips whose frames are sampled afterwards, the differences are those of the native frame rate;
    called on sampled frames they are the larger ones between those.

    Args:
        pose: Body-centred positions in metres, of one clip or of many.
        presence: 1 where a body was tracked.

    Returns:
        The augmented pose, and per frame the sums over bodies, joints and coordinates of the absolute acceleration
        and of the absolute velocity, in this order.
    """
    velocity, acceleration = differences(pose, presence)
    flat = [part.reshape(*part.shape[:-3], -1) for part in (pose, velocity, acceleration)]  # each (*b, t, 150) for NTU
    sums = [np.abs(part).sum(axis=-1) for part in (flat[2], flat[1])]
    return np.concatenate(flat, axis=-1), np.stack(sums, axis=-1)


def _last_known(present: UInt8[np.ndarray, " t"]) -> np.ndarray:
    """Latest frame up to each frame in which a body was present; its first such frame before that, (t,)."""
    frame = np.arange(len(present))
    latest = np.maximum.accumulate(np.where(present > 0, frame, -1))
    return np.where(latest < 0, present.argmax(), latest)
