"""Stage gather_excluded: what every stage made of every clip -> one table of the clips that are left out, and why."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from poseattn.manifest import read_manifest, read_status, write_excluded

_MOST_APART = 1  # frames: the last one often does not decode

log = logging.getLogger(__name__)


def run(*, manifests: list[Path], statuses: list[Path], out: Path) -> None:
    """List the clips that the protocols exclude and those that a stage found bad, each once, with the first reason.

    A clip is bad as well if two stages found numbers of frames in it that differ by more than one: joints would then
    stand beside pictures of other moments.

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
    if statuses:
        for clip_id, stage, reason in _bad(pd.concat([read_status(path) for path in statuses], ignore_index=True)):
            excluded.setdefault(clip_id, {"clip_id": clip_id, "kind": "bad", "stage": stage, "reason": reason})
    write_excluded(excluded.values(), out)
    counts = pd.Series([f"{row['kind']} ({row['stage']})" for row in excluded.values()], dtype=str).value_counts()
    log.info("%d of %d clips excluded: %s", len(excluded), len(clips), counts.to_dict())


def _bad(found: pd.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Clips that stages found bad, with stage and reason, then those in which they found other numbers of frames."""
    for row in found[found.reason != ""].itertuples():
        yield row.clip_id, row.stage, row.reason
    for clip_id, reason in _contradictions(found[found.reason == ""]):
        yield clip_id, "gather_excluded", reason


def _contradictions(found: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Clips in which stages found different numbers of frames, and which numbers."""
    counts = found.groupby("clip_id").n_frames
    least, most = found.loc[counts.idxmin()], found.loc[counts.idxmax()]  # of each clip
    for few, many in zip(least.itertuples(), most.itertuples(), strict=True):
        if many.n_frames - few.n_frames > _MOST_APART:
            yield many.clip_id, f"{many.stage} found {many.n_frames} frames, {few.stage} {few.n_frames}"
