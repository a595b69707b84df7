"""Stage extract_cubes: frames -> feature cubes X_t, the maps of a frozen backbone (Sharma et al. 2015, Sec. 2)."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from poseattn import jpegs
from poseattn.background import read_many_ahead
from poseattn.extraction import check_range, describe_pieces, fitting_batch
from poseattn.shards import Shard, ShardWriter, SideArray
from poseattn.squashed import squashed_frames
from poseattn.stages._backbones import ready_backbone
from poseattn.stages._clips import Statuses, asked_clips
from poseattn.video import VideoError

_AHEAD = 2  # batches of each clip under way that wait for the network

Frames = Iterator[tuple[np.ndarray, float]]  # images (row, col, rgb) and their times in seconds


class Piece(NamedTuple):
    """Some frames of a clip.

    Attributes:
        clip_id: The clip.
        time: When each of them is shown, seconds.
        end: None if more are to come, empty if the clip is complete, or else why it cannot be used.
    """

    clip_id: str
    time: np.ndarray
    end: str | None


def run(
    *,
    root: Path,
    manifest: Path,
    frames: list[Path],
    weights: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    threads: int,
    device: str,
    code: str,
) -> None:
    """Compute the cubes of every frame of the clips of a shard, decoded from their videos or read from stored frames.

    A clip that cannot be decoded to its end gets no rows; the reason stands in the status table.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        frames: Shard of kind `jpegs`; none to decode the videos here.
        weights: File of the backbone's weights; none for random weights.
        recipe: JSON: `frames` (the recipe of the frames, with `store` and `size`), `backbone`, its `arguments`, `tap`,
            image `size` (pixels), `weights` (pretrained, standin or random), `seed` of random weights, `batch` and
            whether to `compile`.
        out: Shard of kind `cubes`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of the network, and how many clips are decoded at the same time.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe, the weights or an input is wrong.
    """
    settings = json.loads(recipe)
    stored, asked = settings["frames"], asked_clips(manifest)
    if len(frames) != (stored["store"] == "jpeg"):
        raise ValueError(f"recipe: frames have store {stored['store']!r}, and {len(frames)} shards of them are given")
    backbone, shape, attrs = ready_backbone(settings, weights, threads, device)
    header = {"kind": "cubes", "axes": "frame row col channel", "units": "1", "recipe": recipe, "code": code}
    header |= {"side": {"time": SideArray("frame", "seconds")}, "attrs": attrs, "empty": (shape, np.float16)}
    with ExitStack() as stack:
        if frames:
            shard = Shard(frames[0], kind="jpegs", axes="byte", recipe=json.dumps(stored, sort_keys=True))
            stack.enter_context(shard)
            clips = [(clip_id, jpegs.read_clip(shard, clip_id)) for clip_id in shard.clip_ids]
        else:
            parts = zip(asked.path, asked.start, asked.end, strict=True)
            frames_of = (squashed_frames(root, path, stored["size"], start, end) for path, start, end in parts)
            clips = list(zip(asked.clip_id, frames_of, strict=True))
        writer = stack.enter_context(ShardWriter(out, **header))
        statuses = Statuses("extract_cubes", len(clips))
        write_cubes(clips, backbone, settings, threads, writer, statuses)
    statuses.write(status)


def write_cubes(
    clips: list[tuple[str, Frames]],
    backbone: nn.Module,
    settings: dict[str, Any],
    threads: int,
    writer: ShardWriter,
    statuses: Statuses,
) -> None:
    """Describe all frames of some clips, a batch at a time, whichever clips it is of.

    Args:
        clips: Name and frames of each.
        backbone: From frames to cubes.
        settings: Recipe with `backbone`, `size`, `batch` and `compile`.
        threads: How many clips are decoded at the same time.
        writer: Where the cubes go.
        statuses: Where it is said what became of each clip.

    Raises:
        ValueError: A feature leaves the range of float16.
    """
    batch = fitting_batch(settings["batch"], settings["size"], next(backbone.parameters()).device)
    n_frames = 0
    pieces = read_many_ahead((_pieces(*clip, batch) for clip in clips), threads, _AHEAD)
    for (clip_id, time, end), cubes in describe_pieces(backbone, pieces, batch, settings["compile"]):
        check_range(cubes, f"{writer.path}: clip {clip_id}: features of {settings['backbone']}")
        if len(cubes):
            writer.extend(clip_id, cubes, time=time)
            n_frames += len(cubes)
        if end:
            writer.drop()
            statuses.bad(clip_id, end)
        elif end is not None:
            writer.finish(clip_id)
            statuses.good(clip_id, n_frames)
        n_frames = n_frames if end is None else 0


def _pieces(clip_id: str, frames: Frames, length: int) -> Iterator[tuple[Piece, np.ndarray]]:
    """Frames of a clip as arrays of a certain length, and at its end an empty one that says whether all went well."""
    end = ""
    try:
        while some := list(islice(frames, length)):
            images, times = zip(*some, strict=True)
            yield Piece(clip_id, np.array(times), None), np.stack(images)
    except VideoError as error:
        end = str(error)
    yield Piece(clip_id, np.empty(0), end), np.empty((0, 1, 1, 3), np.uint8)
