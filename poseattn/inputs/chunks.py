"""Chunks of clips on the grids on which features are cached (Torabi, Sigal 2017, arXiv 1708.09522, Sec. 4).

A chunk of F = 192 frames has N = 12 pieces, one every 16 frames. It begins where a row of the pieces does; what is
attended to has a grid of its own, every 16 or 8 frames, of which a chunk spans T = 12 or 24 rows.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int

from poseattn.shards.shard_set import ShardSet


def clip_lengths(
    clip_ids: Sequence[str], shards: dict[str, ShardSet], places: dict[str, Int[np.ndarray, "n 3"]], run: dict[str, Any]
) -> tuple[Int[np.ndarray, " n"], int]:
    """Rows of each clip that all its inputs have, on the grid on which sub-sequences are drawn.

    Args:
        clip_ids: Names of the clips.
        shards: Shards by role.
        places: As `ShardSet.locate` gives them, by role.
        run: Settings; used are `sampling`, and of `chunks` also `chunk` and `frames`.

    Returns:
        Number of rows of each clip, and the frames from one to the next.

    Raises:
        ValueError: Chunks do not fit the grids, or a clip is shorter than one.
    """
    strides = {role: shards[role].stride for role in places}
    stride = strides.get("pieces", 1)
    length = np.min([place[:, 2] * strides[role] for role, place in places.items()], axis=0) // stride
    if run["sampling"] != "chunks":
        if stride != 1:
            raise ValueError(f"sampling: {run['sampling']!r} takes single frames, pieces begin every {stride} frames")
        return length, stride
    chunk, steps = run["chunk"], run["frames"]
    if chunk % stride or (chunk // stride) % steps:
        raise ValueError(f"chunk: {chunk} frames are not {steps} equal steps of rows every {stride} frames")
    if "attended" in strides and stride % strides["attended"]:
        raise ValueError(f"inputs: pieces begin every {stride} frames, attended rows every {strides['attended']}")
    if (short := length * stride < chunk).any():
        place = int(short.argmax())
        raise ValueError(f"clip {clip_ids[place]}: {length[place] * stride} frames, a chunk has {chunk}")
    return length, stride
