"""Compute digests of the sources of each shard of a real data set: raw files, and lines of lists about their clips.

Raw files are watched by names, sizes and mtimes, so that none is opened. A folder of images is watched by its images.
Standard library only, but for what the module of a data set imports: rules import it.
"""

import hashlib
import importlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from poseattn.clips.ids import file_of, shard_of
from poseattn.clips.listing import RawFile, find_lists, scan
from poseattn.clips.own_list import class_names, read_clip_list
from poseattn.folders import entries, is_image_name, stat_of
from poseattn.reading import read_input

CSV = "csv"  # module of a user's own clips
NO_DIGEST = "none"  # of a stand-in


class RawDigests:
    """Digests of a real data set as its files and lists are now.

    Args:
        root: Folder as returned by `poseattn.clips.listing.find_root`.
        layout: Name of the data set's module.
        patterns: Kind of file -> pattern; see `poseattn.clips.listing.scan`.
        lists: Paths or patterns of the lists that belong to the data set.
        n_shards: Number of shards.

    Attributes:
        files: All raw files.
        shards: Shards that have any, ascending.
        classes: What `digest_of_classes` returns.

    Raises:
        ValueError: As for `poseattn.clips.listing.scan`, or a list is missing or wrong.
        OSError: A folder or a list cannot be read.
    """

    files: list[RawFile]
    shards: list[int]
    classes: str

    def __init__(self, root: Path, layout: str, patterns: dict[str, str], lists: Sequence[str], n_shards: int) -> None:
        self._root = root
        self.files = scan(root, patterns)
        of_shards: dict[int, list[RawFile]] = {}
        for file in self.files:
            of_shards.setdefault(shard_of(file.clip_id, n_shards), []).append(file)
        self._files = dict(sorted(of_shards.items()))
        self.shards = list(self._files)
        if layout == CSV:
            clips = read_clip_list(root / lists[0])
            said = {clip.clip_id: repr((clip.path, clip.start, clip.end)) for clip in clips}
            uses = {clip.clip_id: repr((clip.labels, clip.split, clip.subject)) for clip in clips}
            self.classes = _digest(class_names(clips))
        else:
            said, uses = _said_of_files(root, layout, lists), {}
            self.classes = digest_of_classes(root, layout, lists)
        self._said, self._uses = (self._by_shard(lines, n_shards) for lines in (said, uses))
        self._of_clips: dict[int, str] = {}  # those asked for so far: a folder of images takes a while

    def of_clips(self, shard: int) -> str:
        """Return the digest of all that features of a shard depend on: raw files, and the clips in lists."""
        if shard not in self._of_clips:
            said = self._said.get(shard, [])
            states = (_state(self._root, file) for file in self._files.get(shard, []))
            self._of_clips[shard] = _digest([str(len(said)), *said, *states])
        return self._of_clips[shard]

    def of_uses(self, shard: int) -> str:
        """Return the digest of all that classes and divisions of the clips of a shard depend on."""
        return _digest([self.classes, self.of_clips(shard), *self._uses.get(shard, [])])

    def _by_shard(self, lines: Mapping[str, str], n_shards: int) -> dict[int, list[str]]:
        """Return the lines of each shard; clips without a file belong to the first shard, as in `build_manifest`."""
        found = {file.clip_id for file in self.files}
        of_shards: dict[int, list[str]] = {}
        for clip_id, line in sorted(lines.items()):
            has_file = clip_id in found or file_of(clip_id) in found
            shard = shard_of(clip_id, n_shards) if has_file else min(self.shards, default=0)
            of_shards.setdefault(shard, []).append(f"{clip_id} {line}")
        return of_shards


def digest_of_classes(root: Path, layout: str, lists: Sequence[str]) -> str:
    """Compute the digest of the classes in a user's list, or of all bytes of the other lists of a data set.

    Args:
        root: Folder as returned by `poseattn.clips.listing.find_root`.
        layout: Name of the data set's module.
        lists: Paths or patterns of the lists.

    Returns:
        The digest. It changes with the name, the length and the content of each list.

    Raises:
        ValueError: A user's list is wrong.
        OSError: A list cannot be read.
    """
    if layout == CSV:
        return _digest(class_names(read_clip_list(root / lists[0])))
    return _digest(_content(root, name) for name in find_lists(root, lists))


def _said_of_files(root: Path, layout: str, lists: Sequence[str]) -> dict[str, str]:
    """Raw file, by its id, -> what lists say of it that features depend on; nothing for data sets without lists."""
    if not lists:
        return {}
    return importlib.import_module(f"poseattn.datasets.{layout}").listed_files(root, find_lists(root, lists))


def _content(root: Path, name: str) -> str:
    """Return name and digest of a list; a digest has one length, so that no text can move from one list to the next."""
    path = root / name
    return f"{name} {hashlib.sha256(read_input(path)).hexdigest() if stat_of(path) else 'missing'}"


def _state(root: Path, file: RawFile) -> str:
    """Return name, size and mtime of a file, or of each image of a folder."""
    if file.is_folder:
        return f"{file.path} {_digest(_images(root / file.path))}"
    return f"{file.path} {'missing' if file.is_missing else f'{file.size} {file.mtime_ns}'}"


def _images(folder: Path) -> list[str]:
    """Name, size and mtime of each image in a folder, sorted."""
    images = [entry for entry in entries(folder) if is_image_name(entry.name)]
    return sorted(f"{image.name} {_of_stat(stat_of(image.path))}" for image in images)


def _of_stat(found: os.stat_result | None) -> str:
    return "missing" if found is None else f"{found.st_size} {found.st_mtime_ns}"


def _digest(lines: Iterable[str]) -> str:
    """Twelve hexadecimal digits over lines, with the length of each."""
    whole = hashlib.sha256()
    for line in lines:
        content = line.encode("utf-8", "surrogateescape")
        whole.update(f"{len(content)} ".encode() + content)
    return whole.hexdigest()[:12]
