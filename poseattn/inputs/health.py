"""Which rows of features are healthy: no other may reach a model, as those of frames that the decoder lost are zero."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from poseattn.inputs.sampling import Healthy
from poseattn.shards.shard_set import ShardSet, original_of


def healthy_rows(clip_ids: Sequence[str], shards: dict[str, ShardSet], length: Int[np.ndarray, " clip"]) -> Healthy:
    """Rows of clips that are healthy in all inputs of a run.

    Args:
        clip_ids: Clips, or mirrored twins of clips.
        shards: Shards by role, all with one row a frame.
        length: Rows of each clip that all inputs have.

    Returns:
        For each clip 1 where a row is healthy, or None where all rows are; None where that is so for all clips.

    Raises:
        ValueError: No row of a clip is healthy in all inputs.
    """
    healthy: list[np.ndarray | None] = [None] * len(clip_ids)
    for role, stored in shards.items():
        names = [original_of(clip_id)[0] for clip_id in clip_ids] if role == "poses" else clip_ids
        for clip, mask in enumerate(stored.healthy(names)):
            if mask is not None:
                known = healthy[clip]
                healthy[clip] = mask[: length[clip]] if known is None else known & mask[: length[clip]]
    for clip_id, mask in zip(clip_ids, healthy, strict=True):
        if mask is not None and not mask.any():
            raise ValueError(f"clip {clip_id}: no frame is healthy in all of {', '.join(sorted(shards))}")
    return None if all(mask is None for mask in healthy) else healthy
