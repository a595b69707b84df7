"""Gather the clips of a data set that are left out, with the reason for each, into one table."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from poseattn.clips.manifest import read_status, write_excluded
from poseattn.clips.shard_clips import read_clips

_MOST_APART = 1  # frames: the last one often does not decode

log = logging.getLogger(__name__)


class Reason(NamedTuple):
    """Why a clip is left out, of which kind that is (`protocol` or `bad`), and the stage that found it."""

    clip_id: str
    kind: str
    stage: str
    reason: str


def run(*, manifests: list[Path], statuses: list[Path], min_frames: int, out: Path) -> None:
    """List the clips that the protocols exclude and those that are bad, each once, with the first reason.

    A clip is bad as well if two stages found numbers of frames in it that differ by more than one: joints would then
    stand beside pictures of other moments. One that is good but too short for the protocol is excluded by it.

    Args:
        manifests: Clips of each shard.
        statuses: Status tables of the stages, earlier stages first.
        min_frames: Decoded frames that the data set's protocol asks of a clip; 0 for any.
        out: Table to write: clip_id, kind (`protocol` or `bad`), stage, reason.

    Raises:
        ValueError: An input is no such table.
    """
    clips = pd.concat([read_clips(path) for path in manifests])
    reasons = list(_listed(clips[clips.excluded != ""]))
    if statuses:
        found = pd.concat([read_status(path) for path in statuses], ignore_index=True)
        reasons += [*_bad(found), *_short(found[found.reason == ""], min_frames)]
    excluded: dict[str, Reason] = {}
    for reason in reasons:
        excluded.setdefault(reason.clip_id, reason)
    write_excluded([reason._asdict() for reason in excluded.values()], out)
    counts = pd.Series([f"{reason.kind} ({reason.stage})" for reason in excluded.values()], dtype=str).value_counts()
    log.info("%d of %d clips excluded: %s", len(excluded), len(clips), counts.to_dict())
    if statuses:
        lost = found[found.reason == ""].groupby("clip_id").damaged.max()  # several stages open one file
        log.info("%d damaged frames are kept, in %d of %d clips", lost.sum(), (lost > 0).sum(), len(clips))


def _listed(clips: pd.DataFrame) -> Iterator[Reason]:
    """Clips that their manifest leaves out: by protocol, or because lists contradict themselves."""
    for row in clips.itertuples():
        stage, _, reason = row.excluded.partition(": ")
        by_protocol = stage == "protocol"
        yield Reason(
            row.clip_id, "protocol" if by_protocol else "bad", "build_manifest" if by_protocol else stage, reason
        )


def _short(found: pd.DataFrame, min_frames: int) -> Iterator[Reason]:
    """Clips that have too few frames for the protocol."""
    for row in found[found.n_frames < min_frames].itertuples():
        reason = f"{row.n_frames} frames, the protocol asks for {min_frames}"
        yield Reason(row.clip_id, "protocol", row.stage, reason)


def _bad(found: pd.DataFrame) -> Iterator[Reason]:
    """Clips that stages found bad, then those in which they found other numbers of frames."""
    for row in found[found.reason != ""].itertuples():
        yield Reason(row.clip_id, "bad", row.stage, row.reason)
    for clip_id, reason in _contradictions(found[found.reason == ""]):
        yield Reason(clip_id, "bad", "gather_excluded", reason)


def _contradictions(found: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """Clips in which stages found different numbers of frames, and which numbers."""
    counts = found.groupby("clip_id").n_frames
    least, most = found.loc[counts.idxmin()], found.loc[counts.idxmax()]  # of each clip
    for few, many in zip(least.itertuples(), most.itertuples(), strict=True):
        if many.n_frames - few.n_frames > _MOST_APART:
            yield many.clip_id, f"{many.stage} found {many.n_frames} frames, {few.stage} {few.n_frames}"
