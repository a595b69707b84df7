"""Confusion matrices against counts by hand."""

import io

import numpy as np
import pytest
from PIL import Image

from poseattn.figures.confusions import Confusion, _draw, count_answers, draw_confusions

SCORES = np.array([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.0, 0.1, 0.9]], np.float32)


def test_counts_by_hand() -> None:
    label = np.eye(3, dtype=np.uint8)[[0, 0, 1, 1, 2]]
    assert count_answers(SCORES, label).tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]


def test_clips_of_several_classes_are_refused() -> None:
    with pytest.raises(ValueError, match="exactly one class"):
        count_answers(SCORES[:1], np.array([[1, 1, 0]], np.uint8))


def test_counts_are_written_where_they_belong() -> None:
    counts = np.array([[2, 0, 1], [0, 0, 0], [0, 3, 4]])
    figure = _draw([Confusion(counts, "ours"), Confusion(counts, "theirs")], ("a", "b", "c"), "title")
    first, second = figure.axes
    written = {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in first.texts}
    assert written == {(0, 0): "2", (0, 2): "1", (2, 1): "3", (2, 2): "4"}
    np.testing.assert_allclose(first.images[0].get_array(), [[2 / 3, 0, 1 / 3], [0, 0, 0], [0, 3 / 7, 4 / 7]])
    assert (first.get_title(), second.get_title()) == ("ours: 6 of 10 right", "theirs: 6 of 10 right")
    assert [text.get_text() for text in first.get_yticklabels()] == ["a", "b", "c"]


def test_the_same_bytes() -> None:
    matrices = [Confusion(np.eye(3, dtype=int), "ours")]
    first, second = (draw_confusions(matrices, ("a", "b", "c"), "title", "caption") for _ in range(2))
    assert first == second
    picture = Image.open(io.BytesIO(first))
    assert picture.info["Title"] == "title" and picture.info["Description"] == "caption"
