"""Features of the clips of a shard: pictures, or pieces of videos, on their way through a network into the shard."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from poseattn.background import read_many_ahead
from poseattn.extraction.describe import check_range, describe_portions
from poseattn.extraction.pictures import Clip
from poseattn.extraction.statuses import Statuses
from poseattn.shards.shard import ShardWriter
from poseattn.shards.shard_set import mirrored_of
from poseattn.shards.spool import Spool, naming
from poseattn.video.frames import Account, VideoError

MOVES_NO_NUMBER = ("_AHEAD",)
_AHEAD = 2  # batches of each clip under way that wait for the network
_NOTHING = np.empty((0, 1, 1, 3), np.uint8)  # no picture


class Some(NamedTuple):
    """Some pictures of a clip.

    Attributes:
        clip: The clip.
        time: When each of them is shown, seconds.
        healthy: 0 for a picture that has to be left out; the network sees all others.
        is_mirrored: Whether they are those of its mirrored twin.
        end: None if more are to come, empty if the clip is complete, or else why it cannot be used.
    """

    clip: Clip
    time: np.ndarray
    healthy: np.ndarray
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
    """Extract features for all pictures of several clips; batches may span clips.

    Args:
        clips: Name and pictures of each.
        backbone: From pictures to features.
        recipe: Has `backbone`, `batch` and `compile`.
        threads: How many clips are decoded at the same time.
        writer: Where the features go, with the side array `time`. Rows of pictures that are left out are zero, and the
            side array `healthy`, if the shard has it, says which they are.
        statuses: Where it is said what became of each clip.

    Raises:
        ValueError: A feature leaves the range of float16.
    """
    n_rows, empty = 0, writer.empty_row
    parts = read_many_ahead((_parts(clip, recipe["batch"]) for clip in clips), threads, _AHEAD)
    with closing(_Twin(writer)) as twin:
        for some, features in describe_portions(backbone, parts, recipe["batch"], recipe["compile"]):
            clip_id = some.clip.clip_id
            check_range(features, f"{writer.path}: clip {clip_id}: features of {recipe['backbone']}")
            if len(some.time):
                rows = _placed(features, some.healthy, empty)
                side = {name: getattr(some, name) for name in writer.side_names}
                if "healthy" not in side and not some.healthy.all():
                    raise ValueError(f"{writer.path}: clip {clip_id} has damaged frames, expected 'damaged: keep'")
                if some.is_mirrored:
                    twin.extend(rows, side)
                else:
                    writer.extend(clip_id, rows, **side)
                    n_rows += len(rows)
            if some.end is not None:
                _end_clip(some, n_rows, writer, twin, statuses)
                n_rows = 0


def _end_clip(some: Some, n_rows: int, writer: ShardWriter, twin: "_Twin", statuses: Statuses) -> None:
    """Finish a clip, and write the features of its mirrored twin; or drop both."""
    clip, clip_id = some.clip, some.clip.clip_id
    account = Account() if clip.source is None else clip.source.account
    if some.end:
        writer.drop()
        statuses.bad(clip_id, some.end, account)
    else:
        writer.finish(clip_id)
        statuses.good(clip_id, n_rows if clip.source is None else clip.source.n_frames, account)
        twin.write(mirrored_of(clip_id))
    twin.drop()


class _Twin:
    """Features of a mirrored twin while its clip is written: they wait on disk, since those of a long clip fill memory.

    Args:
        writer: Where they go at last. It takes one clip at a time.
    """

    def __init__(self, writer: ShardWriter) -> None:
        self._writer, self._sides = writer, []
        with naming(writer.path):
            self._spool = Spool(writer.path.parent)
        self._start = self._spool.mark()

    def extend(self, rows: np.ndarray, side: dict[str, np.ndarray]) -> None:
        with naming(self._writer.path):
            self._spool.append(rows)
        self._sides.append(side)

    def write(self, clip_id: str) -> None:
        """Hand all rows over, in the parts in which they came; nothing if there are none."""
        first, like = 0, self._writer.empty_row
        for side in self._sides:
            n_rows = len(side["time"])
            self._writer.extend(clip_id, self._spool.rows(first, n_rows, like), **side)
            first += n_rows
        if self._sides:
            self._writer.finish(clip_id)

    def drop(self) -> None:
        self._spool.cut(self._start)
        self._sides.clear()

    def close(self) -> None:
        self._spool.close()


def _parts(clip: Clip, length: int) -> Iterator[tuple[Some, np.ndarray]]:
    """Pictures of a clip as arrays of a certain length, and at its end an empty one that says whether all went well."""
    end, n_rows, n_healthy = "", 0, 0
    pictures = iter(clip.pictures)
    try:
        while some := list(islice(pictures, length)):
            time = np.array([picture.time for picture in some])
            healthy = np.array([picture.healthy for picture in some], np.uint8)
            array = np.stack([picture.image for picture in some if picture.healthy]) if healthy.any() else _NOTHING
            n_rows, n_healthy = n_rows + len(some), n_healthy + int(healthy.sum())
            yield Some(clip, time, healthy, False, None), array
            if clip.mirror is not None:
                yield Some(clip, time, healthy, True, None), np.ascontiguousarray(clip.mirror(array))
        if n_rows and not n_healthy:
            raise VideoError(f"each of {n_rows} pictures of it has a damaged frame")
    except VideoError as error:
        end = str(error)
    yield Some(clip, np.empty(0), np.empty(0, np.uint8), False, end), _NOTHING


def _placed(features: np.ndarray, healthy: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """Features in the rows of healthy pictures, zeros in those of others."""
    if healthy.all():
        return features
    rows = np.zeros((len(healthy), *empty.shape[1:]), empty.dtype)
    if len(features):
        rows[healthy > 0] = features
    return rows
