"""Poses of the clips of a run, clip after clip, and the inputs that are made of them."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8

from poseattn.inputs.rows import ResidentRows, pose_inputs, pose_widths
from poseattn.pose.augment import center
from poseattn.pose.parts import body_of
from poseattn.pose.planar import mirror_normalised, normalise
from poseattn.shards.shard_set import ShardSet, original_of


def load_poses(
    clip_ids: Sequence[str], shards: ShardSet, length: Int[np.ndarray, " clip"], mode: str
) -> tuple[Float[np.ndarray, "n body joint xyz"], UInt8[np.ndarray, "n body"]]:
    """Load poses.

    Args:
        clip_ids: Clips of the run, or their mirrored twins.
        shards: Poses of the clips.
        length: Frames of each clip.
        mode: How joints are centred: see `poseattn.pose.augment.center` and `poseattn.pose.planar.normalise`.

    Returns:
        Centred joint positions and the presence of each person, clip after clip.

    Raises:
        ValueError: A mirrored twin has poses in space.
    """
    centered = np.empty((length.sum(), *shards.row_shape), np.float32)
    presence = np.empty((length.sum(), shards.row_shape[0]), np.uint8)
    for clip_id, end, count in zip(clip_ids, np.cumsum(length), length, strict=True):
        name, is_mirrored = original_of(clip_id)
        shard, rows = shards.shard_of(name), slice(end - count, end)
        here = shard.side("presence", name)
        if shards.is_planar:
            joints = normalise(shard.clip(name), shard.side("valid", name), mode)
            body = body_of(shard.attrs["layout"])
            centered[rows] = (mirror_normalised(joints, body) if is_mirrored else joints)[:count]
        elif is_mirrored:
            raise ValueError(f"clip {clip_id}: poses in space have no mirror image here")
        else:
            centered[rows] = center(shard.clip(name), here, mode)[:count]
        presence[rows] = here[:count]
    return centered, presence


def augment_clips(
    names: Sequence[str],
    centered: Float[np.ndarray, "n body joint xyz"],
    presence: UInt8[np.ndarray, "n body"],
    length: Int[np.ndarray, " clip"],
    derivatives: int,
    device: torch.device,
) -> dict[str, ResidentRows]:
    """Make inputs of poses, with differences between successive frames of each clip.

    Args:
        names: Inputs that the model takes.
        centered: Joint positions, clip after clip.
        presence: 1 for each person who is there.
        length: Frames of each clip.
        derivatives: How many derivatives of the positions there are (see `poseattn.inputs.rows.pose_inputs`).
        device: Where the inputs are kept.

    Returns:
        Inputs by name.
    """
    widths = pose_widths(centered.shape[1:], derivatives)
    made = {name: np.empty((len(centered), widths[name]), np.float32) for name in names}
    end = np.cumsum(length)
    for clip_end, count in zip(end, length, strict=True):
        rows = slice(clip_end - count, clip_end)
        values = pose_inputs(centered[rows], presence[rows], derivatives)
        for name, array in made.items():
            array[rows] = values[name]
    return {name: ResidentRows(torch.from_numpy(array).to(device), end - length) for name, array in made.items()}
