"""Clips that are held out. Standard library only: rules import it."""

import hashlib
from collections.abc import Sequence


def draw_validation(clip_ids: Sequence[str], fraction: float, seed: int) -> set[str]:
    """Draw validation clips, or groups of clips, out of those for training.

    The order of hashes of seed and name decides, so the draw depends on neither the order of the clips nor a random
    generator's version, and is the same for all runs of a protocol.

    Args:
        clip_ids: Training clips, each once.
        fraction: Share to draw, in [0, 1].
        seed: Another seed draws other clips.

    Returns:
        The share rounded to whole clips, but at least one of two or more clips unless the share is 0, and never all.

    Raises:
        ValueError: The fraction is not in [0, 1].
    """
    if not 0 <= fraction <= 1:
        raise ValueError(f"validation is {fraction}, expected a share between 0 and 1")
    count = min(max(round(fraction * len(clip_ids)), 1 if fraction else 0), max(len(clip_ids) - 1, 0))
    return set(sorted(clip_ids, key=lambda clip_id: hashlib.sha256(f"{seed} {clip_id}".encode()).digest())[:count])
