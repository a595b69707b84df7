"""Steps that several kinds of figures take, against numbers by hand."""

import numpy as np
import pytest

from poseattn.figures._shared import action_number, choose_steps, count_answers, made_of

SCORES = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.0, 0.1, 0.9]], np.float32)


def test_counts_by_hand() -> None:
    label = np.eye(3, dtype=np.uint8)[[0, 0, 1, 1, 2]]
    assert count_answers(SCORES, label).tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]


def test_clips_of_several_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly one class"):
        count_answers(SCORES[:1], np.array([[1, 1, 0]], np.uint8))


def test_shown_steps_lie_below_their_columns() -> None:
    assert choose_steps(20, 8).tolist() == [1, 3, 6, 8, 11, 13, 16, 18]
    assert choose_steps(20, 20).tolist() == list(range(20))
    assert choose_steps(3, 1).tolist() == [1]


def test_an_unknown_action_is_named_beside_the_known_ones() -> None:
    assert action_number("run", ("jump", "run")) == 1
    with pytest.raises(ValueError, match="^figure: found action 'fly', expected one of jump, run$"):
        action_number("fly", ("jump", "run"))


def test_captions_say_what_made_the_scores() -> None:
    attrs = {"data": "real", "weights": "imagenet", "protocol": "official", "seed": 3, "run": "x"}
    assert made_of(attrs) == "real data, weights imagenet, official, seed 3"
