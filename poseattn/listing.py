"""Raw files of a data set: found and fingerprinted without opening them. Standard library only: rules import it."""

import hashlib
import os
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class RawFile(NamedTuple):
    """One raw file: the clip it belongs to, its kind ("video", "skeleton"), path relative to the root, bytes, mtime."""

    clip_id: str
    kind: str
    path: str
    size: int
    mtime_ns: int


def find_root(root: Path, patterns: dict[str, str]) -> Path:
    """Folder that really holds a data set: the one named by the user, or the only child of it that has the layout.

    Args:
        root: Folder from `config.yaml`.
        patterns: Kind of file -> pattern with one `*`, such as `nturgb+d_rgb/*_rgb.avi`.

    Returns:
        The folder in which at least one of the patterns' folders stands.

    Raises:
        ValueError: The folder is missing, or neither it nor a child of it has the layout.
    """
    if not root.is_dir():
        raise ValueError(f"root {root} is not a folder")
    wanted = sorted({str(PurePosixPath(pattern).parent) for pattern in patterns.values()})
    for folder in (root, *sorted(child for child in root.iterdir() if child.is_dir())):
        if any((folder / name).is_dir() for name in wanted):
            return folder
    raise ValueError(f"root {root} has none of the folders {', '.join(wanted)}, nor has a folder in it")


def scan(root: Path, patterns: dict[str, str]) -> list[RawFile]:
    """Every raw file of a data set, sorted by clip and kind.

    Args:
        root: Folder as returned by `find_root`.
        patterns: Kind of file -> pattern; the text that `*` stands for is the clip id.

    Returns:
        The files; a folder that is missing has none.
    """
    found = []
    for kind, pattern in patterns.items():
        folder, name = os.path.split(pattern)
        prefix, _, suffix = name.partition("*")
        if not (root / folder).is_dir():
            continue
        for entry in os.scandir(root / folder):
            fits = entry.name.startswith(prefix) and entry.name.endswith(suffix)
            if fits and len(entry.name) > len(prefix) + len(suffix):
                stat = entry.stat()
                clip_id = entry.name[len(prefix) : len(entry.name) - len(suffix)]
                found.append(RawFile(clip_id, kind, f"{folder}/{entry.name}", stat.st_size, stat.st_mtime_ns))
    return sorted(found)


def shard_of(clip_id: str, n_shards: int) -> int:
    """Shard of a clip: a checksum of its id modulo the number of shards, so that new clips move no old one."""
    return zlib.crc32(clip_id.encode()) % n_shards


def by_shard(files: Iterable[RawFile], n_shards: int) -> dict[int, list[RawFile]]:
    """Files of each shard that has any, shards in ascending order."""
    shards: dict[int, list[RawFile]] = {}
    for file in files:
        shards.setdefault(shard_of(file.clip_id, n_shards), []).append(file)
    return dict(sorted(shards.items()))


def digest(files: Iterable[RawFile], lists: str = "") -> str:
    """Twelve hexadecimal digits over names, sizes and mtimes: changes when a file is added, removed or replaced.

    Args:
        files: Raw files of one shard.
        lists: Text of the lists that the whole data set shares, such as the names of unusable clips.

    Returns:
        The digest.
    """
    lines = "\n".join(f"{file.path} {file.size} {file.mtime_ns}" for file in files)
    return hashlib.sha256(f"{lists}\n{lines}".encode()).hexdigest()[:12]
