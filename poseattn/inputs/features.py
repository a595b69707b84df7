"""Inputs of a run: windows of frames, gathered from arrays on the device or, where those do not fit, from the shards.

Poses are small and always loaded. Cached network features of a whole data set (65 GB for NTU) are loaded when they fit
and read from disk window by window otherwise, the next batches in the background while the model works on this one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from poseattn.background import read_ahead
from poseattn.inputs.chunks import clip_lengths
from poseattn.inputs.health import healthy_rows
from poseattn.inputs.poses import augment_clips, load_poses
from poseattn.inputs.rows import (
    AlignedRows,
    ChunkRows,
    MappedRows,
    ResidentRows,
    Rows,
    SampledPoses,
    is_mapped,
    pose_widths,
)
from poseattn.inputs.windows import Timeline
from poseattn.shards.shard_set import STORED, ShardSet, original_of

MOVES_NO_NUMBER = ("_BATCHES_AHEAD",)
_BATCHES_AHEAD = 2
_GPU_SHARE, _CPU_SHARE = 0.8, 0.5  # of the memory may be taken by inputs


class Features:
    """Windows of frames of the clips of a run; a clip is called by its number in the list of them.

    Args:
        timeline: Names of the clips, and frames of each that all inputs have.
        inputs: Rows of each input, by the name that the model gives it.
        device: Where the windows come.
    """

    def __init__(self, timeline: Timeline, inputs: dict[str, Rows], device: torch.device) -> None:
        self.timeline = timeline
        self.inputs = inputs
        self.device = device

    def window(self, clips: Int[np.ndarray, " b"], frames: Int[np.ndarray, "b t"]) -> dict[str, Tensor]:
        """The model's inputs at the given frames of the given clips, each (b, t, ...) float32 on the device."""
        return {name: rows.window(clips, frames) for name, rows in self.inputs.items()}

    def windows(
        self, clips: Int[np.ndarray, " n"], frames: Int[np.ndarray, "n t"], size: int
    ) -> Iterator[dict[str, Tensor]]:
        """Windows of many clips in the order given, `size` clips at a time; the last batch may be smaller."""
        pieces = [slice(begin, begin + size) for begin in range(0, len(clips), size)]
        ahead = _BATCHES_AHEAD if any(is_mapped(rows) for rows in self.inputs.values()) else 0
        return read_ahead((self.window(clips[piece], frames[piece]) for piece in pieces), ahead)


def load_features(
    clip_ids: Sequence[str],
    shards: dict[str, ShardSet],
    names: Sequence[str],
    run: dict[str, Any],
    device: torch.device,
    budget: int,
) -> Features:
    """Inputs of a model: poses loaded, stored features loaded or opened. Which of the two changes no number.

    Args:
        clip_ids: Clips of the run, each in all the shards; or mirrored ones, see
            `poseattn.shards.shard_set.mirrored_of`.
        shards: Shards by role.
        names: Inputs that the model takes.
        run: Settings; used are `sampling`, for pieces `chunk` and `frames` (see `poseattn.inputs.chunks`), and for
            poses `center` (see `poseattn.pose.augment.center` and, for joints in the image,
            `poseattn.pose.planar.normalise`) and `differences`: `native` between successive frames of the
            clip, `sampled` between those of a window; and `derivatives` (see `poseattn.inputs.rows.pose_inputs`).
        device: Where the model computes.
        budget: Bytes that the inputs may take; beyond it stored features stay on disk.

    Returns:
        The clips' windows.
    """
    # poses of a mirrored clip are made of those of the clip itself
    originals = [original_of(clip_id)[0] for clip_id in clip_ids]
    places = {kind: shards[kind].locate(originals if kind == "poses" else clip_ids) for kind in shards}
    length, stride = clip_lengths(clip_ids, shards, places, run)
    made = [name for name in names if name not in STORED]
    inputs: dict[str, Rows] = {}
    if made:
        centered, presence = load_poses(clip_ids, shards["poses"], length, run["center"])
        if run["differences"] == "sampled":
            start = np.cumsum(length) - length
            parts = (centered, presence, start, run["derivatives"], device)
            inputs |= {name: SampledPoses(name, *parts) for name in made}
        else:
            inputs |= augment_clips(made, centered, presence, length, run["derivatives"], device)
        widths = pose_widths(shards["poses"].row_shape, run["derivatives"])
        budget -= 4 * int(length.sum()) * sum(widths[name] for name in made)
    for name in [name for name in names if name in STORED]:
        stored, place = shards[STORED[name]], places[STORED[name]]
        budget -= int(place[:, 2].sum()) * _row_bytes(stored)
        inputs[name] = MappedRows(stored, place, device) if budget < 0 else _load_rows(stored, place, device)
        if run["sampling"] == "chunks":
            inputs[name] = ChunkRows(inputs[name], stored.healthy(clip_ids), run["chunk"] // stored.stride)
        if name == "attended_features":
            inputs[name] = AlignedRows(inputs[name], stride // stored.stride, run["chunk"] // stored.stride)
    time = _times(clip_ids, shards, length) if run["sampling"] == "windows" else []
    healthy = healthy_rows(clip_ids, shards, length) if run["sampling"] != "chunks" else None
    return Features(Timeline(clip_ids, length, time, stride, healthy), inputs, device)


def memory_budget(device: torch.device, memory: int) -> int:
    """Bytes that the inputs of a run may take on a device, the rest being left to the model and to other jobs.

    Args:
        device: Where the inputs would be kept.
        memory: MiB of main memory that the job may take.

    Returns:
        A share of the free memory of a GPU, or of the job's own.
    """
    if device.type == "cuda":
        return int(_GPU_SHARE * torch.cuda.mem_get_info(device)[0])
    return int(_CPU_SHARE * memory * 2**20)


def _times(
    clip_ids: Sequence[str], shards: dict[str, ShardSet], length: Int[np.ndarray, " clip"]
) -> list[Float[np.ndarray, " frame"]]:
    """When each frame of the clips is shown, seconds; cubes know it."""
    cubes = shards["cubes"]
    times = (cubes.shard_of(clip_id).side("time", clip_id) for clip_id in clip_ids)
    return [time[:count] for time, count in zip(times, length, strict=True)]


def _row_bytes(shards: ShardSet) -> int:
    first = shards.shards[0]
    return int(np.prod(shards.row_shape)) * first.dtype.itemsize


def _load_rows(shards: ShardSet, places: Int[np.ndarray, "clip 3"], device: torch.device) -> ResidentRows:
    """All rows of the clips, laid out shard after shard, so that no more than one shard is held twice."""
    order = np.lexsort((places[:, 1], places[:, 0]))
    number, first, count = places[order].T
    end = np.cumsum(count)
    template = torch.from_numpy(np.empty(0, shards.shards[0].dtype))
    rows = torch.empty((int(count.sum()), *shards.row_shape), dtype=template.dtype, device=device)
    for one in np.unique(number):
        here = np.flatnonzero(number == one)
        index = np.concatenate([np.arange(first[clip], first[clip] + count[clip]) for clip in here])
        rows[end[here[-1]] - len(index) : end[here[-1]]] = torch.from_numpy(shards.shards[one].rows(index))
    start = np.empty_like(end)
    start[order] = end - count
    return ResidentRows(rows, start)
