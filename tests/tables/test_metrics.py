import math
from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from poseattn.tables.metrics import METRICS, accuracy, mean_average_precision, micro_average_precision


def _one_hot(classes: list[int], n_classes: int = 3) -> np.ndarray:
    return np.eye(n_classes, dtype=np.uint8)[np.array(classes, int)]


def test_accuracy_by_hand() -> None:
    scores = np.array([[0.1, 0.9, 0.0], [3.0, 2.0, 1.0], [-3.0, -2.0, -1.0], [0.0, 5.0, 4.0]])
    assert accuracy(scores, _one_hot([1, 0, 2, 2])) == 0.75
    assert accuracy(scores, _one_hot([0, 1, 1, 0])) == 0.0


def test_any_class_of_a_clip_is_right() -> None:
    assert accuracy(np.array([[0.1, 0.9, 0.0]]), np.array([[1, 1, 0]], np.uint8)) == 1.0


def test_the_lowest_class_wins_a_tie() -> None:
    assert accuracy(np.zeros((2, 3)), _one_hot([0, 1])) == 0.5


def test_no_clips_have_no_accuracy() -> None:
    with pytest.raises(ValueError, match="accuracy of no clips"):
        accuracy(np.zeros((0, 3)), _one_hot([]))


def test_average_precision_by_hand() -> None:
    """Ranked 1, 0, 1: (1 + 2/3) / 2. The other class ranks its only clip third: 1/3."""
    scores = np.array([[0.9, 0.1], [0.5, 0.8], [0.2, 0.6]])
    label = np.array([[1, 1], [0, 0], [1, 0]], np.uint8)
    assert mean_average_precision(scores, label) == pytest.approx(((1 + 2 / 3) / 2 + 1 / 3) / 2)


def test_average_precision_is_the_mean_of_precisions_at_positives() -> None:
    rng = np.random.default_rng(0)
    scores, label = rng.normal(size=(40, 3)), rng.integers(0, 2, (40, 3)).astype(np.uint8)
    precisions = []
    for column in range(3):
        order = np.argsort(-scores[:, column])
        ranked = label[order, column]
        precisions.append(np.mean([ranked[: rank + 1].mean() for rank in np.flatnonzero(ranked)]))
    assert mean_average_precision(scores, label) == pytest.approx(np.mean(precisions))


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_clips_of_equal_scores_have_one_rank(levels: int) -> None:
    """By the definition and by scikit-learn; 2 levels are mostly ties, 1000 have hardly any."""
    rng = np.random.default_rng(levels)
    scores, label = rng.integers(0, levels, (60, 3)).astype(np.float32), rng.integers(0, 2, (60, 3)).astype(np.uint8)
    expected = []
    for score, is_right in ((scores[:, c], label[:, c] > 0) for c in range(3)):
        expected.append(np.mean([is_right[score >= own].mean() for own in score[is_right]]))
    assert mean_average_precision(scores, label) == pytest.approx(np.mean(expected), rel=1e-14)
    assert np.mean(expected) == pytest.approx(average_precision_score(label, scores), rel=1e-14)
    micro = average_precision_score(label, scores, average="micro")
    assert micro_average_precision(scores, label) == pytest.approx(micro, rel=1e-14)


def test_a_class_without_clips_has_no_precision() -> None:
    with pytest.raises(ValueError, match=r"no clip of class 1, 2 \(from 0\)"):
        mean_average_precision(np.zeros((2, 3)), _one_hot([0, 0]))


def test_metrics_are_found_by_name() -> None:
    assert METRICS["accuracy"] is accuracy


@pytest.mark.parametrize("seed", range(3))
def test_micro_average_precision_ranks_all_pairs_of_clip_and_class(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, label = rng.normal(size=(20, 4)), rng.integers(0, 2, (20, 4)).astype(np.uint8)
    pairs = sorted(((scores[n, c], label[n, c]) for n in range(20) for c in range(4)), reverse=True)
    found, total = 0, 0.0
    for rank, (_, is_right) in enumerate(pairs, start=1):
        found += is_right
        total += is_right * found / rank
    assert micro_average_precision(scores, label) == pytest.approx(total / label.sum())


def test_frequent_classes_weigh_more_in_the_micro_average() -> None:
    """Three clips of class 0 are found at once, the only one of class 1 last of all."""
    scores = np.array([[0.9, 0.6], [0.8, 0.5], [0.7, 0.4], [0.3, 0.1]])
    label = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], np.uint8)
    assert mean_average_precision(scores, label) == pytest.approx((1 + 1 / 4) / 2)
    assert micro_average_precision(scores, label) == pytest.approx((3 + 4 / 8) / 4)


def test_no_clip_of_any_class_has_no_precision() -> None:
    with pytest.raises(ValueError, match="no clip has a class, so that average precision is undefined"):
        micro_average_precision(np.zeros((2, 3)), np.zeros((2, 3), np.uint8))


@pytest.mark.parametrize("metric", METRICS.values())
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_scores_that_are_no_finite_numbers_have_no_metric(metric: Callable[..., float], value: float) -> None:
    scores = np.array([[0.9, 0.6], [value, 0.5], [0.7, 0.4]])
    with pytest.raises(ValueError, match="^the scores of 1 of 3 clips are not finite numbers$"):
        metric(scores, np.array([[1, 0], [1, 0], [0, 1]], np.uint8))
