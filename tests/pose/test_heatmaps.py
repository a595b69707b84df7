"""Heatmaps of a pose network against literal loops over the release's rules, and hand-worked cases."""

import math

import numpy as np
import pytest

from poseattn.pose.accuracy import head_accuracy
from poseattn.pose.heatmaps import draw_gaussians, mirror_maps, read_joints
from poseattn.pose.parts import BODIES

MPII = BODIES["mpii"]


def _gaussian(x: float, y: float, size: int, sigma: float) -> np.ndarray:
    """`drawGaussian` of pose-hg-train: a patch of 6 sigma + 1 cells around the joint's cell, cut off at the border."""
    image = np.zeros((size, size))
    col, row = math.floor(x), math.floor(y)
    if not (0 <= col < size and 0 <= row < size):
        return image
    for r in range(size):
        for c in range(size):
            if abs(r - row) <= 3 * sigma and abs(c - col) <= 3 * sigma:
                image[r, c] = math.exp(-((r - row) ** 2 + (c - col) ** 2) / (2 * sigma**2))
    return image


def test_targets_are_those_of_the_release() -> None:
    position = np.random.default_rng(0).uniform(-3, 19, (4, 6, 2))
    valid = np.random.default_rng(1).integers(0, 2, (4, 6))
    for sigma in (1.0, 2.0):
        maps = draw_gaussians(position, valid, (16, 16), sigma)
        assert maps.dtype == np.float32
        for place in np.ndindex(4, 6):
            expected = _gaussian(*position[place], 16, sigma) if valid[place] else np.zeros((16, 16))
            np.testing.assert_allclose(maps[place], expected, atol=1e-6)
    assert maps.max() == 1 and not maps[valid == 0].any()


def test_target_by_hand() -> None:
    maps = draw_gaussians(np.array([[2.9, 5.1], [np.nan, np.nan]]), np.array([1, 0]), (8, 10), 1.0)
    assert maps.shape == (2, 8, 10)
    assert maps[0, 5, 2] == 1 and maps[0, 5, 3] == pytest.approx(math.exp(-0.5)) and maps[0, 5, 6] == 0
    assert not maps[1].any()


def _release_s_joint(heatmap: np.ndarray) -> tuple[float, float]:
    """`getPreds` and `postprocess` of pose-hg-train, counting from 1, brought to cells from the edges."""
    best, px, py = -math.inf, 0, 0
    for row in range(heatmap.shape[0]):
        for col in range(heatmap.shape[1]):
            if heatmap[row, col] > best:
                best, px, py = heatmap[row, col], col + 1, row + 1
    x, y = float(px), float(py)
    if 1 < px < heatmap.shape[1] and 1 < py < heatmap.shape[0]:
        x += 0.25 * np.sign(heatmap[py - 1, px] - heatmap[py - 1, px - 2])
        y += 0.25 * np.sign(heatmap[py, px - 1] - heatmap[py - 2, px - 1])
    return x + 0.5 - 1, y + 0.5 - 1


def test_joints_are_read_as_the_release_reads_them() -> None:
    maps = np.random.default_rng(0).random((20, 3, 5, 7)).astype(np.float32)
    position, confidence = read_joints(maps)
    for place in np.ndindex(20, 3):
        assert position[place].tolist() == list(_release_s_joint(maps[place]))
        assert confidence[place] == maps[place].max()
    assert {x % 1 for x in position[..., 0].ravel().tolist()} == {0.25, 0.5, 0.75}  # some at the border


def test_quarter_of_a_cell_by_hand() -> None:
    maps = np.zeros((1, 4, 5), np.float16)
    maps[0, 2, 3], maps[0, 2, 2], maps[0, 3, 3] = 0.9, 0.5, 0.1
    position, confidence = read_joints(maps)
    assert position.tolist() == [[3.25, 2.75]]
    assert confidence.tolist() == [float(np.float16(0.9))]
    maps[0, 2, 4] = 1  # at the border: the middle of its cell
    assert read_joints(maps)[0].tolist() == [[4.5, 2.5]]


def test_joints_survive_drawing_and_reading() -> None:
    position = np.random.default_rng(0).uniform(0, 64, (100, 2))
    read, height = read_joints(draw_gaussians(position, np.ones(100), (64, 64), 1.0))
    assert (abs(read - position) <= 0.5 + 1e-6).all() and (height == 1).all()


def test_mirrored_maps_are_those_of_mirrored_joints() -> None:
    position = np.random.default_rng(0).uniform(0, 16, (3, 16, 2))
    maps = draw_gaussians(position, np.ones((3, 16)), (16, 16), 1.0)
    swapped = position[:, list(MPII.mirrored)] * [-1, 1] + [16, 0]
    np.testing.assert_array_equal(mirror_maps(maps, MPII), draw_gaussians(swapped, np.ones((3, 16)), (16, 16), 1.0))


def test_pckh_by_hand() -> None:
    annotated = np.zeros((2, 3, 2))
    estimated = np.array([[[5, 0], [5.1, 0], [0, 4]], [[3, 4], [12, 16], [0, 500]]], dtype=float)
    head = np.array([10.0, 40.0])  # within 5 and 20 pixels
    valid = np.array([[1, 1, 1], [1, 1, 0]], np.uint8)
    assert head_accuracy(estimated, annotated, valid, head) == 4 / 5
    assert head_accuracy(estimated, annotated, valid, head, threshold=0.1) == 0  # within 1 and 4 pixels
    assert head_accuracy(estimated, annotated, valid, head, threshold=0.125) == 1 / 5  # within 1.25 and 5
    with pytest.raises(ValueError, match="no visible joint belongs to a person with a known size"):
        head_accuracy(estimated, annotated, 0 * valid, head)
