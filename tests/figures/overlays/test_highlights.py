"""Moments of several chunks on one scale, highlights, and what is drawn: by hand."""

import numpy as np
import pytest

from poseattn.figures.overlays.highlights import Highlight, compare_moments, draw_timeline, find_highlights
from tests.frames import as_frames


def test_weights_count_against_even_attention_and_the_probability_of_the_chunk() -> None:
    """Two chunks of two moments; moment 1 is in both."""
    weights, probability = np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([0.8, 0.1])
    found, scores = compare_moments(weights, probability, np.array([[0, 1], [1, 2]]))
    assert found.tolist() == pytest.approx([1.5, 0.75, 1.0])
    assert scores.tolist() == pytest.approx([1.2, (0.4 + 0.1) / 2, 0.1])


def test_the_same_moment_counts_less_in_a_chunk_that_shows_something_else() -> None:
    weights, rows = np.full((2, 3), 1 / 3), np.arange(6).reshape(2, 3)
    _, scores = compare_moments(weights, np.array([0.9, 0.3]), rows)
    assert scores.tolist() == pytest.approx([0.9] * 3 + [0.3] * 3)


def test_successive_moments_are_one_highlight() -> None:
    scores = np.array([0.1, 0.5, 0.8, 1.0, 0.4, 0.49, 0.6])
    assert find_highlights(scores, 0.5) == [Highlight(1, 4, 1.0), Highlight(6, 7, 0.6)]
    assert find_highlights(scores, 1.0) == [Highlight(3, 4, 1.0)]
    assert find_highlights(np.full(3, 0.2), 1.0) == [Highlight(0, 3, 0.2)]


@pytest.mark.parametrize("share", [0.0, -1.0, 1.1])
def test_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"share: found {share}"):
        find_highlights(np.ones(2), share)


def test_frames_of_highlights_have_a_border_and_the_strip_says_where_we_are() -> None:
    scores, images = np.array([0.2, 1.0]), [np.full((240, 320, 3), 200, np.uint8)] * 4
    drawn = list(draw_timeline(as_frames(images), [0, 0, 1, 1], scores, [Highlight(1, 2, 1.0)], "sailing"))
    assert all(frame.shape == (240 + 76, 320, 3) for frame in drawn)
    border = [frame[120, 3].tolist() for frame in drawn]
    assert border[:2] == [[200] * 3] * 2 and border[2:] == [[115, 158, 0]] * 2
    assert drawn[0][250, 80].tolist() == [40, 40, 40] and drawn[2][250, 240].tolist() == [40, 40, 40]
    assert drawn[0][250, 200].tolist() == [115, 158, 0] and drawn[0][250, 20].tolist() == [255] * 3
