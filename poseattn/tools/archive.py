"""Tool archive: a compressed copy of a shard, for the shelf; every stage reads it, slower."""

import logging
from itertools import pairwise
from pathlib import Path

from poseattn.shards.format import OWN_ATTRS, SideArray
from poseattn.shards.shard import Shard, ShardWriter

log = logging.getLogger(__name__)
_BLOCK = 16 << 20  # bytes copied at once


def run(*, file: Path, out: Path, compression: str = "zstd") -> None:
    """Copy a shard clip by clip; rows, clips and attributes stay as they are.

    Args:
        file: The shard.
        out: Its copy, another file.
        compression: `zstd`, or `gzip` for readers without further software.

    Raises:
        ValueError: The file is no sound shard, the copy would replace it or a device, the compression is unknown, or
            so little is left of the file that the copy would pass for a forgery.
    """
    if out.resolve() == file.resolve():
        raise ValueError(f"{out}: the copy must be another file than the shard")
    if out.exists() and not out.is_file():
        raise ValueError(f"{out} is there and no file")
    with Shard(file) as shard:
        shard.check_content()
        attrs = {name: value for name, value in shard.attrs.items() if name not in OWN_ATTRS}
        own = {name: shard.attrs[name] for name in ("kind", "axes", "units", "recipe", "code")}
        side = {name: SideArray(shard.arrays[name].axes, shard.arrays[name].units) for name in shard.side_names}
        empty = (shard.row_shape, shard.dtype)
        with ShardWriter(out, **own, side=side, attrs=attrs, compression=compression, empty=empty) as writer:
            _copy(shard, writer)
    log.info("%s: %d bytes of %d", out, out.stat().st_size, file.stat().st_size)


def _copy(shard: Shard, writer: ShardWriter) -> None:
    """Copy all clips, few rows at a time."""
    step = max(1, _BLOCK // max(1, sum(array.row_bytes for array in shard.arrays.values())))
    for clip_id, (start, stop) in zip(shard.clip_ids, pairwise(shard.offsets.tolist()), strict=True):
        for first in range(start, stop, step):
            arrays = {name: shard.between(name, first, min(first + step, stop)) for name in shard.arrays}
            writer.extend(clip_id, **arrays)
        writer.finish(clip_id)
