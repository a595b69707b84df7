"""Tool archive: a compressed copy of a shard, for the shelf; every stage reads it, slower."""

import logging
from pathlib import Path

from poseattn.shard_format import OWN_ATTRS, SideArray
from poseattn.shards import Shard, ShardWriter

log = logging.getLogger(__name__)


def run(*, file: Path, out: Path, compression: str = "zstd") -> None:
    """Copy a shard clip by clip; rows, clips and attributes stay as they are.

    Args:
        file: The shard.
        out: Its copy, another file.
        compression: `zstd`, or `gzip` for readers without further software.

    Raises:
        ValueError: The file is no sound shard, the copy would replace it, or the compression is unknown.
    """
    if out.resolve() == file.resolve():
        raise ValueError(f"{out}: the copy must be another file than the shard")
    with Shard(file) as shard:
        shard.check_content()
        attrs = {name: value for name, value in shard.attrs.items() if name not in OWN_ATTRS}
        own = {name: shard.attrs[name] for name in ("kind", "axes", "units", "recipe", "code")}
        side = {name: SideArray(shard.arrays[name].axes, shard.arrays[name].units) for name in shard.side_names}
        empty = (shard.row_shape, shard.dtype)
        with ShardWriter(out, **own, side=side, attrs=attrs, compression=compression, empty=empty) as writer:
            for clip_id in shard.clip_ids:
                arrays = {name: shard.side(name, clip_id) for name in shard.side_names}
                writer.append(clip_id, shard.clip(clip_id), **arrays)
    log.info("%s: %d bytes of %d", out, out.stat().st_size, file.stat().st_size)
