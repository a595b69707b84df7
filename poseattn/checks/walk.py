"""How tools walk a folder that anybody may have filled: every folder once, to a bounded depth, in bounded time."""

import os
import stat
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from poseattn.reading import FOLDER, kind_of

_DEEPEST = 32  # folders in folders; results/ has seven
_MOST = 2_000_000  # entries of folders, far more than all papers have
_HOLES, _LARGE = 1000, 1 << 30  # size by what is on the disk, bytes: to read a sparse file of a petabyte takes weeks


class Walk:
    """Goes through the files below a folder, links to files and folders included.

    Args:
        folder: Where to begin.
        most: Entries of folders after which it ends.
        enters: Whether a folder below it is entered; all are by default.

    Attributes:
        left_out: Path and reason of each folder that was not entered, or not to its end.
    """

    left_out: list[tuple[Path, str]]

    def __init__(self, folder: Path, most: int = _MOST, enters: Callable[[Path], bool] = lambda path: True) -> None:
        self.left_out = []
        self._folder, self._left, self._enters = folder, most, enters
        self._seen: set[tuple[int, int]] = set()  # device and inode of folders

    def files(self) -> Iterator[tuple[Path, str]]:
        """Go through all files.

        Real folders come before links to folders, so that a file has the name of its own place if it has one below the
        folder. Each folder counts once, whatever number of links leads to it.

        Yields:
            Path of each entry that is no folder; and why its content is not to be read, empty if it is.
        """
        linked: deque[tuple[Path, int]] = deque()
        waiting = [(self._folder, 0)]
        while waiting or linked:
            folder, depth = waiting.pop() if waiting else linked.popleft()
            if self._left < 0:
                self.left_out.append((folder, "too many files before it"))
                return
            folders = []
            for path in self._entries(folder, depth):
                kind = _kind_of(path)
                if kind != FOLDER:
                    yield path, kind
                elif self._enters(path):
                    (linked if path.is_symlink() else folders).append((path, depth + 1))
            waiting += reversed(folders)

    def _entries(self, folder: Path, depth: int) -> list[Path]:
        """What is in a folder; nothing if it was looked at before, and a reason in `left_out` if it cannot be."""
        try:
            found = os.stat(folder)
            if (place := (found.st_dev, found.st_ino)) in self._seen:
                return []
            self._seen.add(place)
            if depth > _DEEPEST:
                self.left_out.append((folder, f"more than {_DEEPEST} folders deep"))
                return []
            with os.scandir(folder) as entries:
                paths = sorted(folder / entry.name for entry in islice(entries, self._left + 1))
        except OSError as error:
            self.left_out.append((folder, error.strerror))
            return []
        self._left -= len(paths)
        return paths


def _kind_of(path: Path) -> str:
    """Say what keeps a file from being read; empty for plain files, links to nothing, and files that are gone."""
    try:
        found = os.stat(path)
        if stat.S_ISREG(found.st_mode) and found.st_size == 0:
            return _of_no_size(path)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return error.strerror
    if 0 < found.st_blocks * 512 < found.st_size / _HOLES and found.st_size > _LARGE:
        return "nearly all of it is a hole that was never written"
    return kind_of(found.st_mode)


def _of_no_size(path: Path) -> str:
    """Tell an empty file from one of the system's, which says nothing of its size and may have no end."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return "a file of the system" if os.read(file, 1) else ""
    finally:
        os.close(file)
