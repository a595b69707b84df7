"""Stage extract_cubes: frames or flow -> feature cubes X_t, maps of a frozen backbone (Sharma et al. 2015, Sec. 2)."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from poseattn.background import read_many_ahead
from poseattn.extraction import check_range, describe_pieces, fitting_batch
from poseattn.shard_set import mirrored_of
from poseattn.shards import ShardWriter, SideArray
from poseattn.stages._backbones import ready_backbone
from poseattn.stages._clips import Statuses, asked_clips
from poseattn.stages._pictures import Clip, open_clips
from poseattn.stages._twins import Waiting
from poseattn.video import VideoError

_AHEAD = 2  # batches of each clip under way that wait for the network
_AXES = {1: "frame channel", 3: "frame row col channel"}  # of what a backbone makes of a picture, pooled or maps


class Piece(NamedTuple):
    """Some frames of a clip.

    Attributes:
        clip_id: The clip.
        time: When each of them is shown, seconds.
        is_mirrored: Whether they are those of its mirrored twin.
        end: None if more are to come, empty if the clip is complete, or else why it cannot be used.
    """

    clip_id: str
    time: np.ndarray
    is_mirrored: bool
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
    """Compute the cubes of every frame of the clips of a shard, decoded from their videos or read from a shard.

    A clip that cannot be decoded to its end gets no rows; the reason stands in the status table. A mirrored twin (see
    `poseattn.shard_set.mirrored_of`) follows its clip; the status table does not name it.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        frames: Shard of kind `jpegs` or `flow`; none to decode the videos here.
        weights: File of the backbone's weights; none for random weights.
        recipe: JSON: `frames` (the recipe of the frames, with `store` and `size`) or `flow` (that of the flow),
            `mirror` (whether clips that train have a mirrored twin), `backbone`, its `arguments`, `tap`, image `size`
            (pixels), `weights` (pretrained, standin or random), `seed` of random weights, `batch` and whether to
            `compile`.
        out: Shard of kind `cubes`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of the network, and how many clips are decoded at the same time.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe, the weights or an input is wrong.
    """
    settings, asked = json.loads(recipe), asked_clips(manifest)
    backbone, shape, attrs = ready_backbone(settings, weights, threads, device)
    clips = open_clips(root, asked, frames, settings, backbone.input_shape[-1])
    header = {"kind": "cubes", "axes": _AXES[len(shape)], "units": "1", "recipe": recipe, "code": code}
    header |= {"side": {"time": SideArray("frame", "seconds")}, "attrs": attrs, "empty": (shape, np.float16)}
    statuses = Statuses("extract_cubes", len(clips))
    with ShardWriter(out, **header) as writer:
        write_cubes(clips, backbone, settings, threads, writer, statuses)
    statuses.write(status)


def write_cubes(
    clips: list[Clip],
    backbone: nn.Module,
    settings: dict[str, Any],
    threads: int,
    writer: ShardWriter,
    statuses: Statuses,
) -> None:
    """Describe all pictures of some clips, a batch at a time, whichever clips it is of.

    Args:
        clips: Name and pictures of each.
        backbone: From pictures to cubes.
        settings: Recipe with `backbone`, `size`, `batch` and `compile`.
        threads: How many clips are decoded at the same time.
        writer: Where the cubes go.
        statuses: Where it is said what became of each clip.

    Raises:
        ValueError: A feature leaves the range of float16.
    """
    batch = fitting_batch(settings["batch"], settings["size"], next(backbone.parameters()).device)
    n_frames = 0
    pieces = read_many_ahead((_pieces(clip, batch) for clip in clips), threads, _AHEAD)
    with Waiting(writer.path.parent) as twin:
        for piece, cubes in describe_pieces(backbone, pieces, batch, settings["compile"]):
            check_range(cubes, f"{writer.path}: clip {piece.clip_id}: features of {settings['backbone']}")
            if piece.is_mirrored:
                twin.append(cubes, piece.time)
            elif len(cubes):
                writer.extend(piece.clip_id, cubes, time=piece.time)
                n_frames += len(cubes)
            if piece.end is not None:
                _end_clip(piece, n_frames, writer, twin, statuses)
                n_frames = 0


def _end_clip(piece: Piece, n_frames: int, writer: ShardWriter, twin: Waiting, statuses: Statuses) -> None:
    """Finish a clip, and write the cubes of its mirrored twin; or drop both."""
    if piece.end:
        writer.drop()
        statuses.bad(piece.clip_id, piece.end)
    else:
        writer.finish(piece.clip_id)
        statuses.good(piece.clip_id, n_frames)
        name = mirrored_of(piece.clip_id)
        rows = 0
        for cubes, time in twin.pieces():
            writer.extend(name, cubes, time=time)
            rows += len(cubes)
        if rows:
            writer.finish(name)
    twin.clear()


def _pieces(clip: Clip, length: int) -> Iterator[tuple[Piece, np.ndarray]]:
    """Pictures of a clip as arrays of a certain length, and at its end an empty one that says whether all went well."""
    end = ""
    try:
        while some := list(islice(clip.pictures, length)):
            pictures, times = zip(*some, strict=True)
            array, time = np.stack(pictures), np.array(times)
            yield Piece(clip.clip_id, time, False, None), array
            if clip.mirror is not None:
                yield Piece(clip.clip_id, time, True, None), np.ascontiguousarray(clip.mirror(array))
    except VideoError as error:
        end = str(error)
    yield Piece(clip.clip_id, np.empty(0), False, end), np.empty((0, 1, 1, 3), np.uint8)
