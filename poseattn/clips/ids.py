"""Names of clips: of parts of a file, and the shard that a name belongs to. Standard library only: rules import it."""

import re
import zlib

_PART = re.compile(r"(.+)=\d+")


def part_of(file_id: str, number: int) -> str:
    """Id of one of several clips that are parts of a file, which stay in one shard; `=` is rare in names of files."""
    return f"{file_id}={number}"


def file_of(clip_id: str) -> str:
    """Return the id of a clip's file in `poseattn.clips.listing.scan`: the clip's id, for a part without its number."""
    match = _PART.fullmatch(clip_id)
    return match[1] if match else clip_id


def shard_of(clip_id: str, n_shards: int) -> int:
    """Shard of a clip: a checksum of its file's id modulo the number of shards, so that new clips move no old one."""
    return zlib.crc32(file_of(clip_id).encode()) % n_shards
