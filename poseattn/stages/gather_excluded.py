"""Stage gather_excluded: what every stage made of every clip -> one table of the clips that are left out, and why."""

import logging
from pathlib import Path

import pandas as pd

from poseattn.manifest import read_manifest, read_status, write_excluded

log = logging.getLogger(__name__)


def run(*, manifests: list[Path], statuses: list[Path], out: Path) -> None:
    """List the clips that the protocols exclude and those that a stage found bad, each once, with the first reason.

    Args:
        manifests: Clips of each shard.
        statuses: Status tables of the stages, earlier stages first.
        out: Table to write: clip_id, kind (`protocol` or `bad`), stage, reason.

    Raises:
        ValueError: An input is no such table.
    """
    clips = pd.concat([read_manifest(path) for path in manifests])
    left_out = clips[clips.excluded != ""]
    excluded = {
        clip_id: {"clip_id": clip_id, "kind": "protocol", "stage": "build_manifest", "reason": reason}
        for clip_id, reason in zip(left_out.clip_id, left_out.excluded.str.removeprefix("protocol: "), strict=True)
    }
    for path in statuses:
        status = read_status(path)
        for row in status[status.reason != ""].itertuples():
            entry = {"clip_id": row.clip_id, "kind": "bad", "stage": row.stage, "reason": row.reason}
            excluded.setdefault(row.clip_id, entry)
    write_excluded(excluded.values(), out)
    counts = pd.Series([f"{row['kind']} ({row['stage']})" for row in excluded.values()], dtype=str).value_counts()
    log.info("%d of %d clips excluded: %s", len(excluded), len(clips), counts.to_dict())
