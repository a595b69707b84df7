"""A picture with its pose map below, against the two halves by hand."""

import cv2
import numpy as np

from poseattn.video.pose_below import grey_of, pose_below


def test_a_pose_map_is_as_wide_as_grey_values_are() -> None:
    heatmap = np.full((3, 2, 2), -1, np.float16)
    heatmap[0, 0, 0], heatmap[2, 0, 1], heatmap[1, 0, 1], heatmap[1, 1, 0] = 3, 1, 0.5, 0
    # the highest of each place is 3, 1, 0 and -1, which spans 4
    assert grey_of(heatmap).tolist() == [[255, 128], [64, 0]]
    assert grey_of(np.full((3, 2, 2), 0.25, np.float16)).tolist() == [[0, 0], [0, 0]]


def test_the_pose_is_below_the_image_and_both_are_whole() -> None:
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(0, 256, (3, 5, 3), np.uint8), (150, 90))
    heatmap = rng.random((16, 8, 8)).astype(np.float16)
    picture = pose_below(image, heatmap, 64)
    assert picture.shape == (64, 64, 3) and picture.dtype == np.uint8
    upper = cv2.cvtColor(cv2.resize(image, (64, 32), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(picture[:32], upper)
    assert (picture[32:, :, 0] == picture[32:, :, 1]).all() and (picture[32:, :, 0] == picture[32:, :, 2]).all()
    best = heatmap.astype(float).max(axis=0)
    spot = np.unravel_index(best.argmax(), best.shape)
    assert picture[32 + 4 * spot[0] + 2, 8 * spot[1] + 4, 0] > 200  # a cell is 8 columns and 4 rows
    lowest = np.unravel_index(best.argmin(), best.shape)
    assert picture[32 + 4 * lowest[0] + 2, 8 * lowest[1] + 4, 0] < 55


def test_it_is_the_stack_of_the_report_resized_once() -> None:
    """The map in the size of the image, below it, then all of it resized: the same but for rows where they meet."""
    image = cv2.resize(np.random.default_rng(1).integers(0, 256, (4, 4, 3), np.uint8), (128, 96))
    heatmap = np.random.default_rng(2).random((16, 64, 64)).astype(np.float32)
    grey = np.repeat(cv2.resize(grey_of(heatmap), (128, 96))[..., None], 3, axis=2)
    stack = cv2.resize(np.concatenate([image, grey]), (48, 48), interpolation=cv2.INTER_AREA)[..., ::-1]
    found = pose_below(image, heatmap, 48)
    assert np.abs(found[:24].astype(int) - stack[:24]).max() <= 2
    assert np.abs(found[24:].astype(int) - stack[24:]).mean() < 12
    assert np.corrcoef(found[24:].ravel(), stack[24:].ravel())[0, 1] > 0.9


def test_an_odd_number_of_rows_gives_the_image_the_middle_one() -> None:
    picture = pose_below(np.full((10, 10, 3), 200, np.uint8), np.zeros((1, 4, 4), np.float16), (5, 7))
    assert picture.shape == (5, 7, 3) and picture[:, 0, 0].tolist() == [200, 200, 200, 0, 0]
