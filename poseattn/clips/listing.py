"""Raw files of a data set: found without opening them. Standard library only: rules import it."""

import fnmatch
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from poseattn.clips.own_list import read_clip_list, refuse_shared_seconds
from poseattn.clips.patterns import Pattern, parse_pattern
from poseattn.folders import entries, is_folder, leads_to_folder, stat_of


class RawFile(NamedTuple):
    """One raw file.

    Attributes:
        clip_id: Clip to which it belongs.
        kind: Such as "video" or "skeleton".
        path: Relative to the root.
        size: Bytes; of a folder 0; -1 if the link at its place leads nowhere.
        mtime_ns: When it was changed last; of a folder 0.
        is_folder: Whether it is a folder of images.
    """

    clip_id: str
    kind: str
    path: str
    size: int
    mtime_ns: int
    is_folder: bool

    @property
    def is_missing(self) -> bool:
        """Tell whether the file is only a link that leads nowhere, as tools leave for files that are elsewhere."""
        return self.size < 0


def find_root(root: Path, patterns: dict[str, str], lists: Iterable[str] = ()) -> Path:
    """Find the folder that really holds a data set: the user's folder, or its only child that has the layout.

    Args:
        root: Folder from `config.yaml`; `~` stands for the home of the user.
        patterns: Kind of file -> pattern such as `nturgb+d_rgb/*_rgb.avi`; see `scan`.
        lists: Paths or patterns of the lists that belong to the data set.

    Returns:
        The folder in which at least one of the folders of files or lists stands.

    Raises:
        ValueError: The folder is missing, or neither it nor a child of it has the layout.
        OSError: A folder cannot be read.
    """
    try:
        root = root.expanduser()
    except RuntimeError as error:
        raise ValueError(f"root {root}: {error}") from None
    if not is_folder(root):
        raise ValueError(f"root {root} is not a folder")
    wanted = sorted({parse_pattern(pattern).folder for pattern in (*patterns.values(), *lists)} - {""})
    if not wanted:
        return root
    children = sorted(Path(entry.path) for entry in entries(root) if leads_to_folder(entry))
    for folder in (root, *children):
        if any(is_folder(folder / name) for name in wanted):
            return folder
    raise ValueError(f"root {root} has none of the folders {', '.join(wanted)}, nor has a folder in it")


def scan(root: Path, patterns: dict[str, str]) -> list[RawFile]:
    """Find every raw file of a data set, sorted by clip and kind.

    Args:
        root: Folder as returned by `find_root`.
        patterns: Kind of file -> pattern; the text that its `*` stands for is the clip id, as in `rgb/*_rgb.avi`. `**/`
            before it stands for folders of any depth. `frames/*/` means folders instead of files, `joints/*/x.mat` a
            file in each folder. Without a `*` it is a CSV file that names the clips; see `poseattn.clips.own_list`.

    Returns:
        The files, also files that are only a link to nowhere. A missing folder has no files, nor has a clip of a CSV
        file whose video is missing.

    Raises:
        ValueError: Two files of one kind are of the same clip, a name is not in UTF-8, something is neither a file nor
            a folder, or a CSV file is wrong.
        OSError: A folder cannot be read.
    """
    found: dict[tuple[str, str], RawFile] = {}
    for kind, pattern in patterns.items():
        if "*" not in pattern:
            found |= {(file.clip_id, kind): file for file in _listed(root, kind, pattern)}
            continue
        for file in _matching(root, kind, parse_pattern(pattern)):
            if (other := found.setdefault((file.clip_id, kind), file)) is not file:
                raise ValueError(f"{root}: {other.path} and {file.path} are both the {kind} of a clip {file.clip_id!r}")
    return sorted(found.values())


def _matching(root: Path, kind: str, pattern: Pattern) -> Iterator[RawFile]:
    """Find the files or folders that fit a pattern."""
    begin, end = len(pattern.prefix), len(pattern.suffix)
    top = os.path.join(root, "")
    for entry in entries(root / pattern.folder, pattern.is_deep):
        name = entry.name
        if not (name.startswith(pattern.prefix) and name.endswith(pattern.suffix) and len(name) > begin + end):
            continue
        file = _raw_file(name[begin : len(name) - end], kind, entry, pattern.inside)
        if file is not None:
            path = file.path.removeprefix(top)
            if not _is_text(path):
                raise ValueError(f"{root}: {path!r}: a file's name is not in UTF-8")
            yield file._replace(path=path)


def _raw_file(clip_id: str, kind: str, entry: os.DirEntry[str], inside: str | None) -> RawFile | None:
    """Return the file or folder that an entry is or contains, with its path as found; None if it is something else."""
    wants_folder = inside == ""
    path = os.path.join(entry.path, inside) if inside else entry.path
    found = stat_of(path)
    if found is None:  # a link to nowhere, or a folder without the file
        return RawFile(clip_id, kind, path, -1, 0, False) if os.path.islink(path) else None
    if stat.S_ISDIR(found.st_mode) != wants_folder:
        return None
    return RawFile(clip_id, kind, path, *_state(found), wants_folder)


def _state(found: os.stat_result) -> tuple[int, int]:
    """Return size and mtime; none for a folder, whose files count instead."""
    return (0, 0) if stat.S_ISDIR(found.st_mode) else (found.st_size, found.st_mtime_ns)


def _is_text(name: str) -> bool:
    """Tell whether a name can be written into a table: bytes of another encoding stand for no character."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _listed(root: Path, kind: str, name: str) -> Iterator[RawFile]:
    """Files, and folders of images, that a CSV file names and that exist.

    ValueError if one file that several paths lead to would be both for training and for testing.
    """
    clips = read_clip_list(root / name)
    stats = {path: stat_of(root / path) for path in dict.fromkeys(clip.path for clip in clips)}
    refuse_shared_seconds(root / name, clips, lambda clip: _identity(clip.path, stats[clip.path]))
    for clip in clips:
        if (found := stats[clip.path]) is not None:
            yield RawFile(clip.clip_id, kind, clip.path, *_state(found), stat.S_ISDIR(found.st_mode))


def _identity(path: str, found: os.stat_result | None) -> tuple[object, ...]:
    return (path,) if found is None else (found.st_dev, found.st_ino)


def find_lists(root: Path, patterns: Iterable[str]) -> list[str]:
    """Find the files that list clips or classes.

    Args:
        root: Folder as returned by `find_root`.
        patterns: Paths below the root. The name of the file may have `*`, and `**/` before it stands for folders of any
            depth.

    Returns:
        Paths below the root: of a pattern the files that there are, sorted; a plain path in any case.

    Raises:
        ValueError: Something is neither a file nor a folder.
        OSError: A folder cannot be read.
    """
    found: list[str] = []
    for pattern in patterns:
        found += _files_like(root, pattern) or [pattern]
    return found


def _files_like(root: Path, pattern: str) -> list[str]:
    """Find the files that fit the pattern of lists, sorted; none for a plain path."""
    if "*" not in pattern:
        return []
    folder, name = os.path.split(pattern)
    is_deep = folder.endswith("**")
    found = entries(root / folder.removesuffix("**"), is_deep)
    paths = [Path(entry.path) for entry in found if fnmatch.fnmatchcase(entry.name, name)]
    return sorted(path.relative_to(root).as_posix() for path in paths if stat_of(path) and not is_folder(path))
