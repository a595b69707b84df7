"""Rows of one input of a model, wherever they are: on the device, in shards, or made of the poses of a window."""

import math

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from poseattn.inputs.sampling import Healthy, nearest_healthy
from poseattn.pose.augment import augment
from poseattn.shards.shard_set import ShardSet


def pose_inputs(
    centered: Float[np.ndarray, "*b t body joint xyz"], presence: UInt8[np.ndarray, "*b t body"], derivatives: int
) -> dict[str, Float[np.ndarray, "*b t _"]]:
    """Inputs made of the poses of successive frames; see `poseattn.pose.augment.augment`.

    Args:
        centered: Centred joint positions.
        presence: 1 where a body was tracked.
        derivatives: What `pose` holds: 0 positions, 1 also velocities, 2 also accelerations.

    Returns:
        `pose`, `augmented_pose` (all three) and `motion`.
    """
    augmented_pose, motion = augment(centered, presence)
    pose = augmented_pose[..., : pose_widths(centered.shape[-3:], derivatives)["pose"]]
    return {"pose": pose, "augmented_pose": augmented_pose, "motion": motion}


def pose_widths(frame: tuple[int, ...], derivatives: int) -> dict[str, int]:
    """Channels of the inputs made of poses.

    Args:
        frame: Bodies, joints and coordinates of one frame.
        derivatives: As for `pose_inputs`.

    Returns:
        Numbers of channels by name: 150, 450 and 2 for two bodies of 25 joints in space without derivatives.
    """
    numbers = math.prod(frame)
    return {"pose": (1 + derivatives) * numbers, "augmented_pose": 3 * numbers, "motion": 2}


class ResidentRows:
    """Rows kept on the device.

    Args:
        rows: Frames of all clips, clip after clip.
        start: First row of each clip.
    """

    def __init__(self, rows: Float[Tensor, "n ..."], start: Int[np.ndarray, " clip"]) -> None:
        self._rows = rows
        self._start = start

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Float[Tensor, "b t ..."]:
        """Rows of the given frames of the given clips, float32 on the device."""
        index = torch.from_numpy(self._start[clips][:, None] + frames)
        return self._rows[index.to(self._rows.device)].float()


class MappedRows:
    """Rows read from their shards when they are asked for.

    Args:
        shards: Files that hold the clips.
        places: Shard number, first row and number of rows of each clip.
        device: Where the rows are wanted.
    """

    def __init__(self, shards: ShardSet, places: Int[np.ndarray, "clip 3"], device: torch.device) -> None:
        self._shards = shards.shards
        self._number, self._start = places[:, 0], places[:, 1]
        self._device = device

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Float[Tensor, "b t ..."]:
        """Rows of the given frames of the given clips, float32 on the device."""
        number = self._number[clips]
        index = self._start[clips][:, None] + frames  # (b, t) row in the clip's own shard
        rows = np.empty((*frames.shape, *self._shards[0].row_shape), self._shards[0].dtype)
        for one in np.unique(number):
            here = number == one
            rows[here] = self._shards[one].rows(index[here].ravel()).reshape(-1, *rows.shape[1:])
        return torch.from_numpy(rows).to(self._device).float()


class ChunkRows:
    """Rows of chunks in which no damaged row is read: the nearest healthy row of the same chunk stands in for it.

    Args:
        rows: All rows of the clips.
        healthy: Which rows of each clip are healthy. Of a chunk without any, the nearest healthy row of the clip.
        span: Rows of a chunk.
    """

    def __init__(self, rows: ResidentRows | MappedRows, healthy: Healthy, span: int) -> None:
        self.rows = rows
        self._healthy, self._span = healthy, span

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Float[Tensor, "b t ..."]:
        """Rows of chunks that begin at the first of the given frames, float32 on the device."""
        first, healthy = frames[:, :1], [self._healthy[clip] for clip in clips.tolist()]
        return self.rows.window(clips, nearest_healthy(frames, healthy, first, first + self._span - 1))


class AlignedRows:
    """Rows of the frames that a sub-sequence spans, on a grid of their own, perhaps a finer one.

    Args:
        rows: All rows of the clips on that grid.
        ratio: How many of them there are for one row of the grid on which sub-sequences are drawn.
        count: How many a sub-sequence spans.
    """

    def __init__(self, rows: ResidentRows | MappedRows | ChunkRows, ratio: int, count: int) -> None:
        self.rows = rows
        self._ratio, self._offsets = ratio, np.arange(count)

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Float[Tensor, "b count ..."]:
        """Rows from the first of the given frames on, float32 on the device."""
        return self.rows.window(clips, frames[:, :1] * self._ratio + self._offsets)


class SampledPoses:
    """An input made of the poses of a window, with differences between its frames instead of successive ones.

    Args:
        name: `pose`, `augmented_pose` or `motion`.
        centered: Centred joint positions of all clips, clip after clip.
        presence: 1 where a body was tracked.
        start: First row of each clip.
        derivatives: As for `pose_inputs`.
        device: Where the rows are wanted.
    """

    def __init__(
        self,
        name: str,
        centered: Float[np.ndarray, "n body joint xyz"],
        presence: UInt8[np.ndarray, "n body"],
        start: Int[np.ndarray, " clip"],
        derivatives: int,
        device: torch.device,
    ) -> None:
        self._name, self._derivatives = name, derivatives
        self._centered, self._presence, self._start = centered, presence, start
        self._device = device

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Float[Tensor, "b t ..."]:
        """Rows of the given frames of the given clips, float32 on the device."""
        index = self._start[clips][:, None] + frames
        made = pose_inputs(self._centered[index], self._presence[index], self._derivatives)
        return torch.from_numpy(np.ascontiguousarray(made[self._name])).to(self._device)


Rows = ResidentRows | MappedRows | ChunkRows | AlignedRows | SampledPoses


def is_mapped(rows: Rows) -> bool:
    """Whether rows come from files when they are asked for."""
    while isinstance(rows, AlignedRows | ChunkRows):
        rows = rows.rows
    return isinstance(rows, MappedRows)
