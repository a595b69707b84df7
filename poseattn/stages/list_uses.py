"""List the label of each clip of a shard, and the split of the clip in each protocol."""

import logging
from pathlib import Path

import pandas as pd

from poseattn.clips.raw_clips import RawShard, rows_of
from poseattn.clips.raw_digests import NO_DIGEST
from poseattn.clips.shard_clips import USE_COLUMNS, write_uses

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
    """Write what the clips of a shard show, and which protocols train, validate and test on them.

    Features are made without this table, so that another division of the clips makes none of them anew.

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
    rows = rows_of(asked, lambda digests: digests.of_uses(shard))
    uses = pd.DataFrame([dict.fromkeys(USE_COLUMNS, "") | row for row in rows], columns=USE_COLUMNS)
    write_uses(uses, out)
    log.info("%d clips", len(uses))
