"""Metrics: functions of the scores of clips."""

import numpy as np
from jaxtyping import Float, Int


def accuracy(logits: Float[np.ndarray, "n c"], label: Int[np.ndarray, " n"]) -> float:
    """Share of clips whose highest logit is that of their class; the lowest class number wins a tie.

    Args:
        logits: One row a clip, at least one.
        label: Class of each clip.

    Returns:
        A fraction, 0 to 1.

    Raises:
        ValueError: There is no clip.
    """
    if len(label) == 0:
        raise ValueError("accuracy of no clips")
    return float(np.mean(logits.argmax(axis=1) == label))


METRICS = {"accuracy": accuracy}
