"""List the clips of a shard from the names of raw files. No video and no skeleton is opened."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from poseattn.clips.ids import file_of, shard_of
from poseattn.clips.listing import find_lists, find_root, scan
from poseattn.clips.raw_digests import NO_DIGEST, RawDigests
from poseattn.clips.standin_record import check_complete, check_contents


class RawShard(NamedTuple):
    """The clips of a data set that a stage is asked for.

    Attributes:
        root: Folder of the data set, or the one that holds it.
        layout: Name of the data set's module, such as `ntu`.
        files: JSON object: kind of file (`video`, `skeleton`) to pattern; see `poseattn.clips.listing.scan`.
        lists: JSON list: files below the root that say which clips there are or which the protocols exclude.
        number: Number of the shard, from 0.
        n_shards: Number of shards.
        with_missing: Whether the shard also has the clips that are listed but have no file at all.
        planned: Digest of the raw files and lists of the shard as planned; `NO_DIGEST` for a stand-in, whose files have
            a record.
    """

    root: Path
    layout: str
    files: str
    lists: str
    number: int
    n_shards: int
    with_missing: bool
    planned: str


def rows_of(shard: RawShard, digest_of: Callable[[RawDigests], str]) -> list[dict[str, str]]:
    """Return the clips of a shard as the data set's module describes them.

    Args:
        shard: The shard.
        digest_of: Which digest of the raw files was planned.

    Returns:
        One row a clip with columns of a manifest; a column that is not there is empty.

    Raises:
        ValueError: The root has no such layout, a name is not one of the data set's, a list is missing, or a stand-in
            is not as it was made.
        OSError: Files are not as they were when the run was planned: a share that was gone for a while would lose its
            clips for good.
    """
    module = importlib.import_module(f"poseattn.datasets.{shard.layout}")
    patterns, lists = json.loads(shard.files), json.loads(shard.lists)
    folder = find_root(shard.root, patterns, lists)
    check_complete(folder)
    check_contents(folder, find_lists(folder, lists))
    if shard.planned != NO_DIGEST:
        digests = RawDigests(folder, shard.layout, patterns, lists, shard.n_shards)
        refuse_changed(folder, shard.planned, digest_of(digests))
        found = digests.files
    else:
        found = scan(folder, patterns)
    clip_files: dict[str, dict[str, str]] = {}
    for file in found:
        files = clip_files.setdefault(file.clip_id, {})
        if not file.is_missing:
            files[file.kind] = (folder / file.path).relative_to(shard.root).as_posix()
    # a list may be elsewhere, by its whole path
    paths = [folder / name for name in find_lists(folder, lists)]
    names = [str(path.relative_to(shard.root) if path.is_relative_to(shard.root) else path) for path in paths]
    return [
        row for row in module.manifest_rows(shard.root, clip_files, names) if _is_in(row["clip_id"], shard, clip_files)
    ]


def refuse_changed(root: Path, planned: str, found: str) -> None:
    """Refuse raw files that are not as they were planned.

    Args:
        root: Folder of the data set.
        planned: Their digest when the run was planned.
        found: Their digest now.

    Raises:
        OSError: The digests differ.
    """
    if found != planned:
        raise OSError(
            f"{root}: files were added, removed or changed since Snakemake began"
            f" (digest {found}, planned {planned}): give the same command again"
        )


def _is_in(clip_id: str, shard: RawShard, clip_files: dict[str, dict[str, str]]) -> bool:
    """Tell whether a clip belongs to the shard: by the name of its file, or of the file that the clip is a part of."""
    if clip_id in clip_files or file_of(clip_id) in clip_files:
        return shard_of(clip_id, shard.n_shards) == shard.number
    return shard.with_missing
