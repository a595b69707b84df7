import numpy as np
import pytest

from poseattn.metrics import METRICS, accuracy


def test_accuracy_by_hand() -> None:
    logits = np.array([[0.1, 0.9, 0.0], [3.0, 2.0, 1.0], [-3.0, -2.0, -1.0], [0.0, 5.0, 4.0]])
    assert accuracy(logits, np.array([1, 0, 2, 2])) == 0.75
    assert accuracy(logits, np.array([0, 1, 1, 0])) == 0.0


def test_the_lowest_class_wins_a_tie() -> None:
    assert accuracy(np.zeros((2, 3)), np.array([0, 1])) == 0.5


def test_no_clips_have_no_accuracy() -> None:
    with pytest.raises(ValueError, match="accuracy of no clips"):
        accuracy(np.zeros((0, 3)), np.zeros(0, np.int64))


def test_metrics_are_found_by_name() -> None:
    assert METRICS["accuracy"] is accuracy
