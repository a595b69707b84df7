"""Stage build_manifest: names of raw files -> the clips of one shard. Opens no video and no skeleton."""

import importlib
import json
import logging
from pathlib import Path

import pandas as pd

from poseattn.contents import check_complete, check_contents
from poseattn.listing import file_of, find_lists, find_root, scan, shard_of
from poseattn.manifest import MANIFEST_COLUMNS, write_manifest

log = logging.getLogger(__name__)


def run(
    *, root: Path, layout: str, files: str, lists: str, shard: int, n_shards: int, with_missing: int, out: Path
) -> None:
    """Write the clips of a shard: where their files are, what they show, and what the protocols do with them.

    A clip that lacks a file is listed all the same; the stage that needs the file gives the reason.

    Args:
        root: Folder of the data set, or the one that holds it.
        layout: Name of the data set's module, such as `ntu`.
        files: JSON object: kind of file (`video`, `skeleton`) to pattern; see `poseattn.listing.scan`.
        lists: JSON list: files below the root that say which clips there are or which the protocols exclude.
        shard: Number of the shard, from 0.
        n_shards: Number of shards.
        with_missing: 1 for the one shard that also has the clips that are listed but have no file at all, else 0.
        out: Manifest to write.

    Raises:
        ValueError: The root has no such layout, a name is not one of the data set's, a list is missing, or a stand-in
            is not as it was made.
    """
    module = importlib.import_module(f"poseattn.datasets.{layout}")
    patterns = json.loads(files)
    folder = find_root(root, patterns, json.loads(lists))
    check_complete(folder)
    check_contents(folder, find_lists(folder, json.loads(lists)))
    clip_files: dict[str, dict[str, str]] = {}
    for file in scan(folder, patterns):
        clip_files.setdefault(file.clip_id, {})[file.kind] = (folder / file.path).relative_to(root).as_posix()
    # a list may be elsewhere, by its whole path
    paths = [folder / name for name in find_lists(folder, json.loads(lists))]
    names = [str(path.relative_to(root) if path.is_relative_to(root) else path) for path in paths]
    rows = [
        row
        for row in module.manifest_rows(root, clip_files, names)
        if (shard_of(row["clip_id"], n_shards) == shard if _has_file(row["clip_id"], clip_files) else with_missing)
    ]
    clips = pd.DataFrame([dict.fromkeys(MANIFEST_COLUMNS, "") | row for row in rows], columns=MANIFEST_COLUMNS)
    write_manifest(clips, out)
    log.info("%d clips, %d excluded", len(clips), (clips.excluded != "").sum())


def _has_file(clip_id: str, clip_files: dict[str, dict[str, str]]) -> bool:
    """Whether a clip, or the file of which it is a part, was found."""
    return clip_id in clip_files or file_of(clip_id) in clip_files
