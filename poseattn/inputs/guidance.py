"""Annotated joints as what the attention of a model is to look like in training (Du, Wang, Qiao 2017, Eq. 13)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from poseattn.pose.parts import body_of, mirror
from poseattn.pose.targets import Size, target_heatmaps
from poseattn.shards.shard_set import ShardSet, original_of


class Target(NamedTuple):
    """Heatmaps M_t^J (b, t, j, k) that sum to 1 over k, and whether each counts (b, t, j): 0 without a position."""

    heatmap: Float[Tensor, "b t j k"]
    valid: UInt8[Tensor, "b t j"]


class PoseGuide:
    """Target heatmaps at the frames of sub-sequences; a clip is called by its number in the list of them.

    Args:
        clip_ids: Clips of the run, or their mirrored twins.
        poses: Their joints in the image.
        frame: Rows and columns of the frames that the model's cubes were made of, pixels.
        grid: Rows and columns of these cubes.
        settings: `pose_guidance` of a run: `deviation` of the Gaussians in pixels of the frame, and whether joints that
            are `occluded` count, where the annotators guessed their position.
        device: Where the maps are wanted.

    Raises:
        ValueError: The joints are not those of an image, or a clip has none.
    """

    def __init__(
        self,
        clip_ids: Sequence[str],
        poses: ShardSet,
        frame: Size,
        grid: Size,
        settings: dict[str, Any],
        device: torch.device,
    ) -> None:
        if not poses.is_planar:
            raise ValueError("pose_guidance: joints in space cannot be drawn into an image")
        if lacking := sorted({original_of(clip_id)[0] for clip_id in clip_ids} - poses.clip_ids):
            raise ValueError(f"pose_guidance: no joints of clip {lacking[0]}, nor of {len(lacking) - 1} others")
        self._frame, self._grid = frame, grid
        self._deviation, self._device = settings["deviation"], device
        joints = [_joints(poses, clip_id, frame, settings["occluded"]) for clip_id in clip_ids]
        self._position, self._valid = (np.concatenate(arrays) for arrays in zip(*joints, strict=True))
        self._length = np.array([len(position) for position, _ in joints])

    def windows(self, clips: Int[np.ndarray, " n"], frames: Int[np.ndarray, "n t"], size: int) -> Iterator[Target]:
        """Targets of sub-sequences in the order given, `size` at a time.

        Args:
            clips: Number of the clip of each.
            frames: Frames taken from it; one that was not annotated does not count.
            size: Of a batch; the last one may be smaller.

        Yields:
            Targets on the device.
        """
        for begin in range(0, len(clips), size):
            yield self._window(clips[begin : begin + size], frames[begin : begin + size])

    def _window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> Target:
        length = self._length[clips, None]
        start = (np.cumsum(self._length) - self._length)[clips, None]
        index = start + np.minimum(frames, length - 1)
        valid = self._valid[index] * (frames < length)[..., None].astype(np.uint8)  # (b, t, j)
        heatmap = target_heatmaps(self._position[index], valid, self._frame, self._grid, self._deviation)
        return Target(torch.from_numpy(heatmap).to(self._device), torch.from_numpy(valid).to(self._device))


def _joints(
    poses: ShardSet, clip_id: str, frame: Size, occluded: bool
) -> tuple[Float[np.ndarray, "t j 2"], UInt8[np.ndarray, "t j"]]:
    """Positions of the joints of the first person in pixels of the resized frame, and which of them count."""
    name, is_mirrored = original_of(clip_id)
    shard = poses.shard_of(name)
    size = shard.side("size", name)[:, None, ::-1]  # (t, 1, xy) columns and rows of the annotated frames
    position = shard.clip(name)[:, 0] / size * np.array(frame[::-1])  # (t, j, 2)
    valid = shard.side("valid", name)[:, 0]
    if not occluded:
        valid = valid * shard.side("visibility", name)[:, 0]
    if is_mirrored:
        body = body_of(shard.attrs["layout"])
        position, valid = mirror(position, body, frame[1]), valid[:, body.mirrored]
    return position.astype(np.float32), valid
