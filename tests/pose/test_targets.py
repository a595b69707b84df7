"""Heatmaps: hand-worked and summed targets, mirroring, and joints read back from maps."""

import math

import numpy as np
import pytest

from poseattn.pose.accuracy import joint_accuracy
from poseattn.pose.parts import body_of, mirror
from poseattn.pose.targets import estimate_joints, target_heatmaps
from tests.reference import rpan as reference

FRAME, GRID = (270, 480), (9, 15)  # PennAction


def _target(*position: float, frame: tuple[int, int], grid: tuple[int, int], deviation: float = 5.0) -> np.ndarray:
    return target_heatmaps(np.array([position], float), np.ones(1), frame, grid, deviation).reshape(grid)


def test_a_joint_between_four_cells_is_shared_by_them() -> None:
    np.testing.assert_allclose(_target(50, 20, frame=(40, 100), grid=(2, 2)), np.full((2, 2), 0.25), rtol=1e-6)


def test_three_columns_by_hand() -> None:
    """68.27 % of a Gaussian are within one deviation, here the middle column, and 99.73 % within three, the frame."""
    middle = 0.6826895 / 0.9973002
    found = _target(15, 8, frame=(16, 30), grid=(1, 3))[0]
    np.testing.assert_allclose(found, [(1 - middle) / 2, middle, (1 - middle) / 2], rtol=1e-6)


@pytest.mark.parametrize("deviation", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("position", [(21.3, 11.8), (0.0, 40.0), (59.0, 1.0), (30.0, 20.0)])
def test_targets_equal_a_gaussian_summed_over_each_cell(position: tuple[float, float], deviation: float) -> None:
    found = _target(*position, frame=(40, 60), grid=(2, 3), deviation=deviation)
    expected = reference.target_map(*position, (40, 60), (2, 3), deviation)
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_targets_sum_to_one_and_peak_at_the_joint() -> None:
    position = np.random.default_rng(0).uniform((0, 0), (480, 270), size=(4, 8, 13, 2))
    maps = target_heatmaps(position, np.ones((4, 8, 13)), FRAME, GRID, 5.0)
    assert maps.shape == (4, 8, 13, 135)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps.sum(-1), 1, rtol=1e-5)
    rows, cols = np.divmod(maps.argmax(-1), 15)
    np.testing.assert_array_equal(rows, position[..., 1] // 30)
    np.testing.assert_array_equal(cols, position[..., 0] // 32)


@pytest.mark.parametrize(
    ("outside", "edge"), [((-3, 100), (0, 100)), ((484.5, 271), (480, 270)), ((200, -50), (200, 0))]
)
def test_joints_outside_the_frame_are_moved_to_its_edge(outside: tuple, edge: tuple) -> None:
    np.testing.assert_array_equal(_target(*outside, frame=FRAME, grid=GRID), _target(*edge, frame=FRAME, grid=GRID))


def test_placeholders_have_empty_maps() -> None:
    position = np.array([[1.5, 1.5], [np.nan, np.nan], [100, 100]])
    maps = target_heatmaps(position, np.array([0, 0, 1], np.uint8), FRAME, GRID, 5.0)
    np.testing.assert_allclose(maps.sum(-1), [0, 0, 1], rtol=1e-6)


@pytest.mark.parametrize(("name", "frame", "grid"), [("penn_action", FRAME, GRID), ("sub_jhmdb", (240, 320), (8, 10))])
def test_targets_of_a_mirrored_clip_are_the_mirrored_targets(name: str, frame: tuple, grid: tuple) -> None:
    body, rng = body_of(name), np.random.default_rng(1)
    position = rng.uniform((0, 0), frame[::-1], size=(3, len(body.joints), 2))
    valid = rng.integers(0, 2, size=position.shape[:-1])
    swapped = list(body.mirrored)
    flipped = target_heatmaps(mirror(position, body, frame[1]), valid[:, swapped], frame, grid, 5.0)
    maps = target_heatmaps(position, valid, frame, grid, 5.0).reshape(*valid.shape, *grid)
    expected = maps[:, swapped, :, ::-1].reshape(flipped.shape)
    np.testing.assert_allclose(flipped, expected, rtol=1e-5, atol=1e-12)
    assert not np.allclose(flipped, maps.reshape(flipped.shape))


def test_joints_are_read_back_to_within_half_a_cell() -> None:
    position = np.random.default_rng(2).uniform((0, 0), (480, 270), size=(5, 13, 2))
    maps = target_heatmaps(position, np.ones((5, 13)), FRAME, GRID, 5.0)
    assert (np.abs(estimate_joints(maps, FRAME, GRID) - position) <= [16, 15]).all()


def test_the_centre_of_a_cell_by_hand() -> None:
    heatmap = np.zeros((1, 6))
    heatmap[0, 5] = 1  # row 1, column 2 of a grid of 2 rows and 3 columns
    np.testing.assert_array_equal(estimate_joints(heatmap, (100, 300), (2, 3)), [[250, 75]])


def test_accuracy_by_hand() -> None:
    annotated = np.zeros((2, 3, 2))
    estimated = np.array([[[20, 0], [20.1, 0], [0, 9]], [[3, 4], [6, 8], [0, 500]]], dtype=float)
    box = np.array([[5, 5, 105, 55], [0, 10, 5, 35]], dtype=float)  # longer sides 100 and 25: within 20 and 5 pixels
    visible = np.array([[1, 1, 1], [1, 1, 0]], np.uint8)
    assert joint_accuracy(estimated, annotated, visible, box) == 3 / 5
    assert joint_accuracy(estimated, annotated, visible, box, threshold=math.inf) == 1


def test_frames_whose_box_has_no_extent_do_not_count() -> None:
    """Of four joints two are in such a frame; of the others one is right."""
    annotated, box = np.zeros((2, 2, 2)), np.array([[3.0, 3, 3, 3], [0, 0, 50, 20]])
    estimated = np.array([[[0.0, 0], [0, 0]], [[10, 0], [11, 0]]])
    assert joint_accuracy(estimated, annotated, np.ones((2, 2)), box) == 1 / 2


@pytest.mark.parametrize(("visible", "right"), [(0, 1), (1, 0)])
def test_accuracy_of_no_joint_is_refused(visible: int, right: int) -> None:
    box = np.array([[0.0, 0, right, right]])
    with pytest.raises(ValueError, match="no visible joint belongs to a person with a known size"):
        joint_accuracy(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), np.full((1, 2), visible), box)
