"""Metrics: functions of the scores of clips."""

import numpy as np
from jaxtyping import Float, UInt8


def accuracy(scores: Float[np.ndarray, "n c"], label: UInt8[np.ndarray, "n c"]) -> float:
    """Share of clips whose highest score is that of one of their classes; the lowest class number wins a tie.

    Args:
        scores: One row a clip, at least one.
        label: 1 for each class of a clip, else 0.

    Returns:
        A fraction, 0 to 1.

    Raises:
        ValueError: There is no clip, or a score is no finite number.
    """
    if len(label) == 0:
        raise ValueError("accuracy of no clips")
    _check_finite(scores)
    return float(np.mean(label[np.arange(len(label)), scores.argmax(axis=1)]))


def mean_average_precision(scores: Float[np.ndarray, "n c"], label: UInt8[np.ndarray, "n c"]) -> float:
    """Mean over classes of the average precision: the mean, over the clips of a class, of the precision at their rank.

    Args:
        scores: One row a clip.
        label: 1 for each class of a clip, else 0.

    Returns:
        A fraction, 0 to 1.

    Raises:
        ValueError: A class has no clip, so that there is nothing to find, or a score is no finite number.
    """
    if (missing := np.flatnonzero(label.sum(axis=0) == 0)).size:
        raise ValueError(f"no clip of class {', '.join(map(str, missing))} (from 0)")
    _check_finite(scores)
    return float(np.mean([_average_precision(*columns) for columns in zip(scores.T, label.T, strict=True)]))


def micro_average_precision(scores: Float[np.ndarray, "n c"], label: UInt8[np.ndarray, "n c"]) -> float:
    """Average precision of all pairs of a clip and a class in one ranking, so that frequent classes weigh more.

    Args:
        scores: One row a clip.
        label: 1 for each class of a clip, else 0.

    Returns:
        A fraction, 0 to 1.

    Raises:
        ValueError: No clip has a class, or a score is no finite number.
    """
    if not label.any():
        raise ValueError("no clip has a class, so that average precision is undefined")
    _check_finite(scores)
    return _average_precision(scores.reshape(-1), label.reshape(-1))


def _average_precision(scores: Float[np.ndarray, " m"], label: UInt8[np.ndarray, " m"]) -> float:
    """Mean, over the entries with label 1, of the share of such entries among all that score at least as much."""
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.diff(scores[order], append=np.nan))  # of each group of equal scores
    n_found = np.cumsum(label[order], dtype=np.int64)[last]
    return float(np.sum(np.diff(n_found, prepend=0) * n_found / (last + 1)) / n_found[-1])


def _check_finite(scores: Float[np.ndarray, "n c"]) -> None:
    """Refuse scores that cannot be ranked: the highest of them would be whichever class comes first."""
    bad = int((~np.isfinite(scores)).any(axis=1).sum())
    if bad:
        raise ValueError(f"the scores of {bad} of {len(scores)} clips are not finite numbers")


METRICS = {"accuracy": accuracy, "mean_average_precision": mean_average_precision}
METRICS |= {"micro_average_precision": micro_average_precision}
