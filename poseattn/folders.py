"""Folders of raw files: what stands in them, also behind links. Standard library only: rules import it.

Names that begin with a dot are no data: desktops, file systems and version control keep their own things there, such as
`._name`, `.snapshot` and `.git/annex`. A folder that cannot be read is an error, never one without files.
"""

import errno
import os
import stat
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from poseattn.reading import reading

_IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".ppm", ".tif", ".tiff", ".webp")
_NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


def stat_of(path: str | Path) -> os.stat_result | None:
    """Return kind, size and mtime of the file or folder at a path; links are followed.

    Args:
        path: Path of a file or a folder.

    Returns:
        Kind, size and mtime; None where nothing is, as behind a link to nowhere.

    Raises:
        ValueError: Links lead in a loop, or to something else than a file or a folder.
        OSError: The system does not tell.
    """
    try:
        with reading(Path(path)):
            found = os.stat(path)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return None
        if error.errno == errno.ELOOP:
            raise ValueError(f"{path}: links that lead in a loop, expected a file or a folder") from None
        raise
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise ValueError(f"{path}: a pipe, a socket or a device, expected a file or a folder")
    return found


def is_folder(path: str | Path) -> bool:
    """Tell whether a path is a folder, or a link to one; errors as for `stat_of`."""
    found = stat_of(path)
    return found is not None and stat.S_ISDIR(found.st_mode)


def entries(folder: str | Path, is_deep: bool = False) -> Iterator[os.DirEntry[str]]:
    """Find the entries of a folder, and perhaps of all folders below it.

    Links to folders are followed. A folder with several paths is looked at once, by a path without links if there is
    one, so that a link to a parent ends.

    Args:
        folder: Where to look; if it is not there, nothing is found.
        is_deep: Whether to look into folders below it.

    Yields:
        Files, folders and links, none of them hidden, in any order.

    Raises:
        ValueError: As for `stat_of`.
        OSError: A folder cannot be read.
    """
    waiting, links = deque([os.fspath(folder)] if is_folder(folder) else []), deque[str]()
    seen = set()
    while waiting or links:
        here = (waiting or links).popleft()
        found = os.stat(here)
        if (found.st_dev, found.st_ino) in seen:
            continue
        seen.add((found.st_dev, found.st_ino))
        below = []
        with os.scandir(here) as inside:
            for entry in inside:
                if entry.name[0] != ".":
                    yield entry
                    if is_deep and leads_to_folder(entry):
                        below.append(entry)
        for entry in sorted(below, key=lambda entry: entry.name):
            (links if entry.is_symlink() else waiting).append(entry.path)


def leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Tell whether an entry is a folder or a link to one; errors as for `stat_of`."""
    return is_folder(entry.path) if entry.is_symlink() else entry.is_dir(follow_symlinks=False)


def is_image_name(name: str) -> bool:
    """Tell whether a file is an image by its name."""
    return name.lower().endswith(_IMAGES)
