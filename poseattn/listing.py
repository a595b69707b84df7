"""Raw files of a data set: found and fingerprinted without opening them. Standard library only: rules import it."""

import hashlib
import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from poseattn.clip_list import ListedClip, read_clip_list

_PART = re.compile(r"(.+)=\d+")


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
    wanted = sorted({_parse(pattern).folder for pattern in (*patterns.values(), *lists)} - {""})
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
        patterns: Kind of file -> pattern; the text that its `*` stands for is the clip id, as in `rgb/*_rgb.avi`. `**/`
            before it stands for folders of any depth. `frames/*/` means folders instead of files, `joints/*/x.mat` a
            file in each folder. Without a `*` it is a CSV file that names the clips; see `poseattn.clip_list`.

    Returns:
        The files; a folder that is missing has none, nor has a clip of a CSV file whose video is missing.

    Raises:
        ValueError: Two files of one kind are of the same clip, a name is not in UTF-8, or a CSV file is wrong.
    """
    found: dict[tuple[str, str], RawFile] = {}
    for kind, pattern in patterns.items():
        if "*" not in pattern:
            found |= {(file.clip_id, kind): file for file in _listed(root, kind, pattern)}
            continue
        for file in _matching(root, kind, _parse(pattern)):
            if (other := found.setdefault((file.clip_id, kind), file)) is not file:
                raise ValueError(f"{root}: {other.path} and {file.path} are both the {kind} of a clip {file.clip_id!r}")
    return sorted(found.values())


class _Pattern(NamedTuple):
    """A pattern: folder, whether folders below it count, text before and after the `*`, and what follows that name."""

    folder: str
    is_deep: bool
    prefix: str
    suffix: str
    inside: str | None


def _parse(pattern: str) -> _Pattern:
    begin, star, end = pattern.partition("*")
    if not star:
        return _Pattern(os.path.dirname(pattern), False, os.path.basename(pattern), "", None)
    is_deep = end.startswith("*/")
    if is_deep:
        begin, _, end = f"{begin}{end[2:]}".partition("*")
    suffix, slash, inside = end.partition("/")
    return _Pattern(os.path.dirname(begin), is_deep, os.path.basename(begin), suffix, inside if slash else None)


def _matching(root: Path, kind: str, pattern: _Pattern) -> Iterator[RawFile]:
    """Files or folders that fit a pattern."""
    for entry in _entries(root / pattern.folder, pattern.is_deep, folders=pattern.inside is not None):
        # what begins with a dot was left by a desktop or a file system, such as `._name` by macOS
        fits = entry.name.startswith(pattern.prefix) and entry.name.endswith(pattern.suffix) and entry.name[0] != "."
        path = Path(entry.path, pattern.inside or "")
        if pattern.inside and not path.exists():
            continue
        if fits and len(entry.name) > len(pattern.prefix) + len(pattern.suffix):
            name = path.relative_to(root).as_posix()
            if not _is_text(name):
                raise ValueError(f"{root}: {name!r}: a file's name is not in UTF-8")
            clip_id = entry.name[len(pattern.prefix) : len(entry.name) - len(pattern.suffix)]
            stat = path.stat() if pattern.inside else entry.stat()
            yield RawFile(clip_id, kind, name, stat.st_size, stat.st_mtime_ns)


def _is_text(name: str) -> bool:
    """Whether a name can be written into a table: those in other encodings have bytes that stand for no character."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


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


def _entries(folder: Path, is_deep: bool, folders: bool) -> Iterator[os.DirEntry[str]]:
    """Files, or folders, in a folder and, if asked for, in all folders below it."""
    if not folder.is_dir():
        return
    for entry in os.scandir(folder):
        if entry.is_dir() == folders:
            yield entry
        if is_deep and entry.is_dir():
            yield from _entries(Path(entry.path), is_deep, folders)


def part_of(file_id: str, number: int) -> str:
    """Id of one of several clips that are parts of a file, which stay in one shard; `=` is rare in names of files."""
    return f"{file_id}={number}"


def file_of(clip_id: str) -> str:
    """Id that a clip's file has in `scan`: that of the clip, but for a part without its number."""
    match = _PART.fullmatch(clip_id)
    return match[1] if match else clip_id


def shard_of(clip_id: str, n_shards: int) -> int:
    """Shard of a clip: a checksum of its file's id modulo the number of shards, so that new clips move no old one."""
    return zlib.crc32(file_of(clip_id).encode()) % n_shards


def by_shard(files: Iterable[RawFile], n_shards: int) -> dict[int, list[RawFile]]:
    """Files of each shard that has any, shards in ascending order."""
    shards: dict[int, list[RawFile]] = {}
    for file in files:
        shards.setdefault(shard_of(file.clip_id, n_shards), []).append(file)
    return dict(sorted(shards.items()))


def lines_by_shard(clips: Iterable[ListedClip], files: Iterable[RawFile], n_shards: int) -> dict[int, str]:
    """What a list says of the clips of each shard.

    Args:
        clips: All clips of the list.
        files: All raw files.
        n_shards: Number of shards.

    Returns:
        Shard -> its lines in the order of the list. Clips without a file belong to the first shard that has any, as
        `build_manifest` is told by `--with-missing`.
    """
    found = {file.clip_id for file in files}
    first = min((shard_of(clip_id, n_shards) for clip_id in found), default=0)
    lines: dict[int, list[str]] = {}
    for clip in clips:
        has_file = clip.clip_id in found or file_of(clip.clip_id) in found
        lines.setdefault(shard_of(clip.clip_id, n_shards) if has_file else first, []).append(repr(tuple(clip)))
    return {shard: "\n".join(texts) for shard, texts in lines.items()}


def digest(files: Iterable[RawFile], lists: str = "") -> str:
    """Twelve hexadecimal digits over names, sizes and mtimes: changes when a file is added, removed or replaced.

    Args:
        files: Raw files of one shard.
        lists: What lists say that the shard depends on, such as the names of unusable clips.

    Returns:
        The digest.
    """
    lines = "\n".join(f"{file.path} {file.size} {file.mtime_ns}" for file in files)
    return hashlib.sha256(f"{lists}\n{lines}".encode()).hexdigest()[:12]
