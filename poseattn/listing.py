"""Raw files of a data set: found and fingerprinted without opening them. Standard library only: rules import it."""

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from poseattn.clip_list import read_clip_list


class RawFile(NamedTuple):
    """One raw file: the clip it belongs to, its kind ("video", "skeleton"), path relative to the root, bytes, mtime."""

    clip_id: str
    kind: str
    path: str
    size: int
    mtime_ns: int


def find_root(root: Path, patterns: dict[str, str], lists: Iterable[str] = ()) -> Path:
    """Folder that really holds a data set: the one named by the user, or the only child of it that has the layout.

    Args:
        root: Folder from `config.yaml`.
        patterns: Kind of file -> pattern such as `nturgb+d_rgb/*_rgb.avi`; see `scan`.
        lists: Paths or patterns of the lists that belong to the data set.

    Returns:
        The folder in which at least one of the folders of files or lists stands.

    Raises:
        ValueError: The folder is missing, or neither it nor a child of it has the layout.
    """
    if not root.is_dir():
        raise ValueError(f"root {root} is not a folder")
    wanted = sorted({_parts(pattern)[0] for pattern in (*patterns.values(), *lists)} - {""})
    if not wanted:
        return root
    for folder in (root, *sorted(child for child in root.iterdir() if child.is_dir())):
        if any((folder / name).is_dir() for name in wanted):
            return folder
    raise ValueError(f"root {root} has none of the folders {', '.join(wanted)}, nor has a folder in it")


def scan(root: Path, patterns: dict[str, str]) -> list[RawFile]:
    """Every raw file of a data set, sorted by clip and kind.

    Args:
        root: Folder as returned by `find_root`.
        patterns: Kind of file -> pattern; the text that its `*` stands for is the clip id. `**/` before the file's name
            stands for folders of any depth. Without a `*` it is a CSV file that names the clips; see
            `poseattn.clip_list`.

    Returns:
        The files; a folder that is missing has none, nor has a clip of a CSV file whose video is missing.

    Raises:
        ValueError: Two files of one kind are of the same clip, or a CSV file is wrong.
    """
    found: dict[tuple[str, str], RawFile] = {}
    for kind, pattern in patterns.items():
        if "*" not in pattern:
            found |= {(file.clip_id, kind): file for file in _listed(root, kind, pattern)}
            continue
        folder, is_deep, name = _parts(pattern)
        prefix, _, suffix = name.partition("*")
        for entry in _entries(root / folder, is_deep):
            # what begins with a dot was left by a desktop or a file system, such as `._name` by macOS
            fits = entry.name.startswith(prefix) and entry.name.endswith(suffix) and entry.name[0] != "."
            if fits and len(entry.name) > len(prefix) + len(suffix):
                clip_id = entry.name[len(prefix) : len(entry.name) - len(suffix)]
                stat, path = entry.stat(), Path(entry.path).relative_to(root).as_posix()
                file = RawFile(clip_id, kind, path, stat.st_size, stat.st_mtime_ns)
                if (other := found.setdefault((clip_id, kind), file)) is not file:
                    raise ValueError(f"{root}: {other.path} and {path} are both the {kind} of a clip {clip_id!r}")
    return sorted(found.values())


def _listed(root: Path, kind: str, name: str) -> Iterator[RawFile]:
    """Files that a CSV file names and that exist."""
    for clip in read_clip_list(root / name):
        if (root / clip.path).is_file():
            stat = (root / clip.path).stat()
            yield RawFile(clip.clip_id, kind, clip.path, stat.st_size, stat.st_mtime_ns)


def find_lists(root: Path, patterns: Iterable[str]) -> list[str]:
    """Files that list clips or classes.

    Args:
        root: Folder as returned by `find_root`.
        patterns: Paths below the root, which may have a `*` in the file's name.

    Returns:
        Paths below the root: of a pattern the files that there are, sorted; a plain path in any case.
    """
    found: list[str] = []
    for pattern in patterns:
        matches = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern)) if "*" in pattern else []
        found += matches or [pattern]
    return found


def _parts(pattern: str) -> tuple[str, bool, str]:
    """Folder of a pattern, whether folders below it count, and the pattern of a file's name."""
    folder, name = os.path.split(pattern)
    return folder.removesuffix("**").removesuffix("/"), folder.endswith("**"), name


def _entries(folder: Path, is_deep: bool) -> Iterator[os.DirEntry[str]]:
    """Files of a folder and, if asked for, of all folders below it."""
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if not entry.is_dir():
            yield entry
        elif is_deep:
            yield from _entries(Path(entry.path), is_deep)


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
