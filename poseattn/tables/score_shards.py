"""What stages that score clips share: what is left out, what scores rest on, and the shard they are written to."""

import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from poseattn.messages import NO_VIDEO
from poseattn.shards.shard import ShardWriter, SideArray

_log = logging.getLogger(__name__)
_STANDIN = "_synthetic"
_NO_FILE = f": {NO_VIDEO}"
SIDE_ARRAYS = {
    "label": SideArray("clip class", "1"),
    "spatial": SideArray("clip window frame hand", "1"),
    "temporal": SideArray("clip window frame", "1"),
    "location": SideArray("clip window frame place", "1"),
    "heatmap": SideArray("clip window frame joint place", "1"),
    "frame": SideArray("clip window frame", "frames"),
    "moment": SideArray("clip window step moment", "1"),
    "attended_frame": SideArray("clip window moment", "frames"),
}


def counts(clips: pd.DataFrame) -> dict[str, int]:
    """Clips that are left out: bad ones, those of them without a file, and those that the protocol leaves out.

    Args:
        clips: Clips of one part of a protocol.

    Returns:
        Attributes of a score shard.
    """
    by_protocol = clips.excluded.str.startswith("protocol:")
    bad = (clips.excluded != "") & ~by_protocol
    missing = bad & clips.excluded.str.endswith(_NO_FILE)
    return {
        "n_excluded": int(bad.sum()),
        "n_missing": int(missing.sum()),
        "n_protocol_excluded": int(by_protocol.sum()),
    }


def origin(dataset: str, weights: Iterable[str], versions: Iterable[str]) -> dict[str, str]:
    """What scores rest on.

    Args:
        dataset: Data set id; it tells real clips from synthetic ones.
        weights: What tables say of the weights that made the inputs.
        versions: Software that made the inputs.

    Returns:
        Attributes of a score shard.
    """
    data = "synthetic" if dataset.endswith(_STANDIN) else "real"
    used = "+".join(sorted(set(weights))) or "none"
    return {"data": data, "weights": used, "input_versions": json.dumps(sorted(set(versions)))}


def write_scores(
    out: Path,
    clip_ids: Sequence[str],
    scores: Float[np.ndarray, "n c"],
    arrays: dict[str, np.ndarray],
    header: dict[str, Any],
) -> None:
    """Write a score shard, one row a clip.

    Args:
        out: The shard.
        clip_ids: Names of the clips.
        scores: Their scores.
        arrays: Other rows of the clips by a name of `SIDE_ARRAYS`; `label` is one of them.
        header: Units, recipe, code and attributes of the shard.
    """
    side = {name: SIDE_ARRAYS[name] for name in arrays}
    with ShardWriter(
        out, kind="scores", axes="clip class", side=side, empty=(scores.shape[1:], np.float32), **header
    ) as shard:
        for row, clip_id in enumerate(clip_ids):
            rows = slice(row, row + 1)
            shard.append(clip_id, scores[rows], **{name: array[rows] for name, array in arrays.items()})
    _log.info("%d clips scored into %s", len(clip_ids), out)
