"""Crops of hands, every pixel from its place; squares around people, black beyond the picture; points to and fro."""

import numpy as np
import pytest

from poseattn.video.crops import crop_hands, cut_square, from_square, square_around, to_square, whole_square
from poseattn.video.opencv import cv2


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


@pytest.fixture
def image() -> np.ndarray:
    """20 rows, 30 columns; pixel (row, col) is blue row, green col, red 255."""
    rows, cols = np.mgrid[:20, :30].astype(np.uint8)
    return np.dstack([rows, cols, np.full_like(rows, 255)])


def test_a_crop_inside_the_image(image: np.ndarray) -> None:
    crops, mask = crop_hands(image, np.array([[10.0, 8.0]]), 4)
    assert mask.tolist() == [1]
    assert crops.dtype == np.uint8
    assert crops[0, :, :, 0].tolist() == [[255] * 4] * 4  # red comes first
    assert crops[0, :, 0, 2].tolist() == [6, 7, 8, 9]  # the joint's row 8 is row 4 // 2 of the crop
    assert crops[0, 0, :, 1].tolist() == [8, 9, 10, 11]


@pytest.mark.parametrize(("x", "nearest"), [(9.49, 9), (9.5, 10), (10.49, 10), (10.5, 11)])
def test_the_nearest_pixel_is_the_centre(image: np.ndarray, x: float, nearest: int) -> None:
    crops, _ = crop_hands(image, np.array([[x, 8.0]]), 5)
    assert crops[0, 0, 2, 1] == nearest


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [
        (0.0, 0.0, np.s_[2:, 2:]),  # top left corner: rows and columns -2 and -1 are zero
        (29.0, 19.0, np.s_[:3, :3]),  # bottom right: rows 20 and columns 30 are zero
        (-1.0, 8.0, np.s_[:, 3:]),
        (15.0, 20.4, np.s_[:2, :]),
        (-2.5, 8.0, np.s_[:, 4:4]),  # rounds to -2: columns -4 to -1, not one in the image
        (31.6, 8.0, np.s_[:, 4:4]),
        (15.0, -1.4, np.s_[3:, :]),
    ],
)
def test_pixels_outside_the_image_are_zero(image: np.ndarray, x: float, y: float, inside: tuple[slice, slice]) -> None:
    crops, mask = crop_hands(image, np.array([[x, y]]), 4)
    expected = np.zeros((4, 4, 3), np.uint8)
    for row in range(4)[inside[0]]:
        for col in range(4)[inside[1]]:
            expected[row, col] = 255, np.floor(x + 0.5) - 2 + col, np.floor(y + 0.5) - 2 + row
    np.testing.assert_array_equal(crops[0], expected)
    assert mask[0] == expected.any()


def test_absent_hands_are_zero_and_masked(image: np.ndarray) -> None:
    xy = np.array([[np.nan, 3.0], [3.0, -np.inf], [1e30, 3.0], [4.0, 4.0], [0.0, -1e9]], np.float32)
    crops, mask = crop_hands(image, xy, 6)
    assert mask.tolist() == [0, 0, 0, 1, 0]
    assert not crops[mask == 0].any()


def test_a_crop_may_be_larger_than_the_image(image: np.ndarray) -> None:
    crops, _ = crop_hands(image, np.array([[15.0, 10.0]]), 50)
    np.testing.assert_array_equal(crops[0, 15:35, 10:40], image[:, :, ::-1])
    assert np.count_nonzero(crops[0, :, :, 0]) == 600
