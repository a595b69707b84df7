"""Overlay videos: weights between steps, boxes where the hands are, and a file that browsers can play."""

from collections.abc import Iterator

import numpy as np

from poseattn.figures.overlays.overlay import Attention, draw_hands, draw_places, spread
from tests.frames import as_frames

WEIGHTS = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.7]])


def test_weights_run_straight_from_step_to_step() -> None:
    weights = spread(WEIGHTS, np.array([1, 5]), 8)
    expected = [0.7, 0.7, 0.55, 0.4, 0.25, 0.1, 0.1, 0.1]  # by hand
    np.testing.assert_allclose(weights[:, 0], expected)
    np.testing.assert_allclose(weights[:, 1], 0.1)
    np.testing.assert_allclose(weights.sum(axis=1), 1)


def _overlay(n_frames: int) -> Iterator[np.ndarray]:
    corners = np.tile(np.array([[10.0, 20.0], [60.0, 20.0], [30.0, 70.0], [np.nan, np.nan]]), (n_frames, 1, 1))
    attention = Attention(corners, spread(WEIGHTS, np.array([0, n_frames - 1]), n_frames), np.array([0.2, 0.8]), 20)
    return draw_hands([np.full((120, 99, 3), 128, np.uint8)] * n_frames, attention)


def test_boxes_stand_around_the_hands_that_are_there() -> None:
    first, *_ = _overlay(3)
    assert first.shape == (480 + 72, 396, 3)
    picture = first[:480]
    drawn = (picture != 128).any(axis=2)
    for x, y in ((10, 20), (60, 20), (30, 70)):
        assert drawn[4 * (y + 10), 4 * x]  # left edge, four times enlarged
        assert drawn[4 * y, 4 * (x + 10)]
        assert not drawn[4 * (y + 10), 4 * (x + 10)]  # the hand itself stays visible
    assert not drawn[4 * 105 :].any()
    heavy, light = (drawn[4 * 30, 4 * x - 20 : 4 * x + 20].sum() for x in (10, 60))
    assert heavy > light


def test_light_falls_on_the_attended_place_and_bars_are_as_long_as_the_scores() -> None:
    location = np.zeros((2, 3, 3))
    location[0, 0, 2] = location[1, 2, 0] = 1
    images = [np.full((600, 800, 3), 200, np.uint8)] * 2  # larger than it is shown
    first, second = draw_places(as_frames(images), location, [("running", 0.75), ("a", 0.25), ("b", 0.0), ("c", 0.0)])
    assert first.shape == second.shape == (480 + 72, 640, 3)
    corners = [(80, 560), (400, 80)]  # row and column of the centres of the two places
    for picture, (bright, dark) in ((first, corners), (second, corners[::-1])):
        assert picture[bright].min() > 160
        assert picture[dark].max() <= 55  # a quarter of the light
    bars = [(first[480 + top] != 255).any(axis=1) for top in (7, 27)]  # pixel rows above the text
    assert [int(bar.sum()) for bar in bars] == [481, 161]
    ends = [int((picture[-2] < 60).all(axis=1).sum()) for picture in (first, second)]
    assert ends == [321, 640]


def test_even_attention_leaves_a_picture_as_it_is() -> None:
    image = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    (picture,) = draw_places(as_frames([image]), np.full((1, 7, 7), 1 / 49), [])
    assert np.abs(picture[:480].astype(int) - image).max() <= 1
