"""Squares around people: cut, black beyond the picture, and points that stay where they are in the scene."""

import numpy as np
import pytest

from poseattn.person_crops import cut_square, from_square, square_around, to_square, whole_square
from poseattn.video import cv2


def test_squares_by_hand() -> None:
    assert whole_square(100, 300).tolist() == [0, -100, 300, 200]
    assert square_around(np.array([10.0, 20, 30, 100]), 1.25).tolist() == [-30, 10, 70, 110]


def test_points_go_to_the_square_and_back() -> None:
    square = np.array([[-10.0, 0, 90, 100], [5.0, 5, 10, 10]])
    points = np.array([[40.0, 25], [7.5, 10]])
    assert to_square(points, square).tolist() == [[0.5, 0.25], [0.5, 1]]
    np.testing.assert_allclose(from_square(to_square(points, square), square), points)


def test_a_square_of_the_same_size_is_a_slice() -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    np.testing.assert_array_equal(cut_square(image, np.array([7.0, 3, 27, 23]), 20), image[3:23, 7:27])
    outside = cut_square(image, np.array([-5.0, -10, 25, 20]), 30)
    assert not outside[:10].any() and not outside[:, :5].any()
    np.testing.assert_array_equal(outside[10:, 5:], image[:20, :25])


@pytest.mark.parametrize(("edge", "size"), [(60.0, 20), (37.0, 64), (150.0, 32), (20.5, 20)])
def test_a_spot_is_where_its_coordinates_say(edge: float, size: int) -> None:
    """The centre of gravity of a blurred disc, before and after."""
    image = np.zeros((120, 160, 3), np.uint8)
    cv2.circle(image, (70 * 16, 50 * 16), 7 * 16, (255, 255, 255), -1, cv2.LINE_AA, 4)  # centre of pixel (50, 70)
    square = np.array([60.0, 43, 60 + edge, 43 + edge]) - [0.3, 0.2, 0.3, 0.2]
    if edge > 100:
        square -= [40, 30, 40, 30]
    else:
        square -= (edge - 20) / 2
    cut = cut_square(image, square, size)[..., 0].astype(float)
    rows, cols = np.mgrid[:size, :size] + 0.5
    found = np.array([(cols * cut).sum(), (rows * cut).sum()]) / cut.sum()
    expected = size * to_square(np.array([70.5, 50.5]), square)
    np.testing.assert_allclose(found, expected, atol=0.06)


def test_an_edge_that_shrinks_is_averaged() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, ::2] = 200
    cut = cut_square(image, np.array([0.0, 0, 64, 64]), 16)
    assert abs(cut.astype(int) - 100).max() <= 1
