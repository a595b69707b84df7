"""Join the manifests of all shards into one for training, and fail if too many clips are bad."""

import logging
from pathlib import Path

import pandas as pd

from poseattn.clips.excluded import are_too_many
from poseattn.clips.manifest import read_excluded, write_manifest
from poseattn.clips.shard_clips import join_uses, read_clips, read_uses

_SHOWN = 3  # reasons in the message of a failure

log = logging.getLogger(__name__)


def run(*, manifests: list[Path], uses: list[Path], excluded: Path, max_excluded: float, out: Path) -> None:
    """Join the manifests of a data set and mark the clips that are left out.

    Args:
        manifests: Clips of each shard.
        uses: What the protocols do with the clips of each shard.
        excluded: Table of the clips that are left out.
        max_excluded: Largest share of bad clips, of those that the protocols keep, in [0, 1].
        out: Manifest to write.

    Raises:
        ValueError: More clips are bad, no clip is left, or an input is no such table.
    """
    left_out = read_excluded(excluded)
    bad = left_out[left_out.kind == "bad"]
    clips = join_uses(pd.concat(map(read_clips, manifests)), pd.concat(map(read_uses, uses)))
    kept = len(clips) - (len(left_out) - len(bad))  # by the protocols
    if are_too_many(len(bad), kept, max_excluded):
        raise ValueError(
            f"{len(bad)} of {kept} clips are bad, more than the configuration's max_excluded: {max_excluded:g} allows; "
            f"{excluded} lists them: {_first_reasons(bad)}"
        )
    if len(bad) == kept:
        raise ValueError(f"no clip is left of {len(clips)}; {excluded} lists the reasons: {_first_reasons(left_out)}")
    origin = left_out.stage.where(left_out.kind == "bad", "protocol")
    reasons = dict(zip(left_out.clip_id, origin + ": " + left_out.reason, strict=True))
    write_manifest(clips.assign(excluded=[reasons.get(clip_id, "") for clip_id in clips.clip_id]), out)
    log.info("%d clips, %d bad, %d excluded by protocol", len(clips), len(bad), len(left_out) - len(bad))


def _first_reasons(rows: pd.DataFrame) -> str:
    """Reasons of the first clips, in one line."""
    first = rows.head(_SHOWN)
    shown = [f"{row.clip_id} ({row.stage}: {row.reason})" for row in first.itertuples()]
    return ", ".join(shown) + (", ..." if len(rows) > _SHOWN else "")
