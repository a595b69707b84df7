"""List the clips of one shard from the names of raw files.

It opens no video and no skeleton.
"""

import logging
from pathlib import Path

import pandas as pd

from poseattn.clips.raw_clips import RawShard, rows_of
from poseattn.clips.raw_digests import NO_DIGEST
from poseattn.clips.shard_clips import CLIP_COLUMNS, write_clips

log = logging.getLogger(__name__)


def run(
    *,
    root: Path,
    layout: str,
    files: str,
    lists: str,
    shard: int,
    n_shards: int,
    with_missing: int,
    out: Path,
    planned: str = NO_DIGEST,
) -> None:
    """Write the clips of a shard: where their files are, and which of them the protocols exclude.

    A clip that lacks a file is listed all the same; the stage that needs the file gives the reason.

    Args:
        root: Folder of the data set, or the one that holds it.
        layout: Name of the data set's module, such as `ntu`.
        files: JSON object: kind of file (`video`, `skeleton`) to pattern; see `poseattn.clips.listing.scan`.
        lists: JSON list: files below the root that say which clips there are or which the protocols exclude.
        shard: Number of the shard, from 0.
        n_shards: Number of shards.
        with_missing: 1 for the one shard that also has the clips that are listed but have no file at all, else 0.
        out: Table to write.
        planned: Digest of the raw files of the shard when the run was planned; `none` for a stand-in.

    Raises:
        ValueError: The root has no such layout, a name is not one of the data set's, a list is missing, or a stand-in
            is not as it was made.
        OSError: Raw files are not as they were when the run was planned, or cannot be read.
    """
    asked = RawShard(root, layout, files, lists, shard, n_shards, bool(with_missing), planned)
    rows = rows_of(asked, lambda digests: digests.of_clips(shard))
    clips = pd.DataFrame([dict.fromkeys(CLIP_COLUMNS, "") | row for row in rows], columns=CLIP_COLUMNS)
    write_clips(clips, out)
    log.info("%d clips, %d excluded", len(clips), (clips.excluded != "").sum())
