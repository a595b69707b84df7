"""Features of the clips of a shard: pictures, or pieces of videos, on their way through a network into the shard."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from poseattn.background import read_many_ahead
from poseattn.extraction import check_range, describe_pieces
from poseattn.shard_set import mirrored_of
from poseattn.shards import ShardWriter
from poseattn.stages._clips import Statuses
from poseattn.stages._pictures import Clip
from poseattn.stages._twins import Waiting
from poseattn.video.decode import VideoError

MOVES_NO_NUMBER = ("_AHEAD",)
_AHEAD = 2  # batches of each clip under way that wait for the network


class Some(NamedTuple):
    """Some pictures of a clip.

    Attributes:
        clip: The clip.
        time: When each of them is shown, seconds.
        is_mirrored: Whether they are those of its mirrored twin.
        end: None if more are to come, empty if the clip is complete, or else why it cannot be used.
    """

    clip: Clip
    time: np.ndarray
    is_mirrored: bool
    end: str | None


def write_features(
    clips: Sequence[Clip],
    backbone: nn.Module,
    recipe: dict[str, Any],
    threads: int,
    writer: ShardWriter,
    statuses: Statuses,
) -> None:
    """Describe all pictures of some clips, a batch at a time, whichever clips it is of.

    Args:
        clips: Name and pictures of each.
        backbone: From pictures to features.
        recipe: Has `backbone`, `batch` and `compile`.
        threads: How many clips are decoded at the same time.
        writer: Where the features go, with the side array `time`.
        statuses: Where it is said what became of each clip.

    Raises:
        ValueError: A feature leaves the range of float16.
    """
    n_rows = 0
    parts = read_many_ahead((_parts(clip, recipe["batch"]) for clip in clips), threads, _AHEAD)
    with Waiting(writer.path.parent) as twin:
        for some, features in describe_pieces(backbone, parts, recipe["batch"], recipe["compile"]):
            clip_id = some.clip.clip_id
            check_range(features, f"{writer.path}: clip {clip_id}: features of {recipe['backbone']}")
            if some.is_mirrored:
                twin.append(features, some.time)
            elif len(features):
                writer.extend(clip_id, features, time=some.time)
                n_rows += len(features)
            if some.end is not None:
                _end_clip(some, n_rows, writer, twin, statuses)
                n_rows = 0


def _end_clip(some: Some, n_rows: int, writer: ShardWriter, twin: Waiting, statuses: Statuses) -> None:
    """Finish a clip, and write the features of its mirrored twin; or drop both."""
    clip_id = some.clip.clip_id
    if some.end:
        writer.drop()
        statuses.bad(clip_id, some.end)
    else:
        writer.finish(clip_id)
        statuses.good(clip_id, n_rows if some.clip.n_frames is None else some.clip.n_frames())
        name = mirrored_of(clip_id)
        rows = 0
        for features, time in twin.pieces():
            writer.extend(name, features, time=time)
            rows += len(features)
        if rows:
            writer.finish(name)
    twin.clear()


def _parts(clip: Clip, length: int) -> Iterator[tuple[Some, np.ndarray]]:
    """Pictures of a clip as arrays of a certain length, and at its end an empty one that says whether all went well."""
    end = ""
    pictures = iter(clip.pictures)
    try:
        while some := list(islice(pictures, length)):
            images, times = zip(*some, strict=True)
            array, time = np.stack(images), np.array(times)
            yield Some(clip, time, False, None), array
            if clip.mirror is not None:
                yield Some(clip, time, True, None), np.ascontiguousarray(clip.mirror(array))
    except VideoError as error:
        end = str(error)
    yield Some(clip, np.empty(0), False, end), np.empty((0, 1, 1, 3), np.uint8)
