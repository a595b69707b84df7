"""Augmented pose: hand-worked frames, a loop reference and the properties that the pose stream relies on."""

import numpy as np
import pytest

from poseattn.pose.augment import CENTERS, augment, center, differences
from tests.reference import augmented_pose as reference


def _clip(n_frames: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two wandering bodies, each absent in some frames, the main subject also in the first."""
    rng = np.random.default_rng(seed)
    pose = rng.normal(size=(n_frames, 2, 25, 3)).cumsum(axis=0) + [0.5, 0, 3]
    presence = (rng.uniform(size=(n_frames, 2)) < 0.75).astype(np.uint8)
    presence[0, 0], presence[-1, 0], presence[1, 1] = 0, 1, 1
    return (pose * presence[:, :, None, None]).astype(np.float32), presence


def _augmented(pose: np.ndarray, presence: np.ndarray, mode: str) -> tuple[np.ndarray, np.ndarray]:
    return augment(center(pose, presence, mode), presence)


def test_three_frames_worked_by_hand() -> None:
    pose = np.zeros((3, 2, 25, 3), np.float32)
    pose[:, 0, 1] = [[1, 2, 3], [2, 2, 3], [4, 2, 3]]  # the main subject's spine walks along x
    pose[:, 0, 7] = [[1, 2, 2], [2, 3, 2], [4, 6, 2]]  # its left hand, relative: (0,0,-1), (0,1,-1), (0,4,-1)
    pose[:, 0, 2:7] = pose[:, 0, 1:2]  # all other joints stay on the spine
    pose[:, 0, 8:] = pose[:, 0, 1:2]
    pose[:, 0, 0] = pose[:, 0, 1]
    full, motion = _augmented(pose, np.array([[1, 0]] * 3, np.uint8), "per_frame")
    hand = slice(3 * 7, 3 * 7 + 3)
    np.testing.assert_array_equal(full[:, hand], [[0, 0, -1], [0, 1, -1], [0, 4, -1]])
    np.testing.assert_array_equal(full[:, 150:][:, hand], [[0, 0, 0], [0, 1, 0], [0, 3, 0]])
    np.testing.assert_array_equal(full[:, 300:][:, hand], [[0, 0, 0], [0, 0, 0], [0, 2, 0]])
    np.testing.assert_array_equal(motion, [[0, 0], [0, 1], [2, 3]])  # |acceleration|, |velocity|
    assert np.count_nonzero(full) == 3 + 2 + 2 + 1


@pytest.mark.parametrize("mode", CENTERS)
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_loops(mode: str, seed: int) -> None:
    pose, presence = _clip(seed=seed)
    expected = reference.centered_pose(pose, presence, mode)
    full, motion = _augmented(pose, presence, mode)
    np.testing.assert_allclose(full[:, :150], expected.reshape(-1, 150), atol=1e-5)
    expected_full, expected_motion = reference.augmented_pose(expected, presence)
    np.testing.assert_allclose(full, expected_full, atol=1e-4)
    np.testing.assert_allclose(motion, expected_motion, rtol=1e-5)
    assert full.dtype == motion.dtype == np.float32


@pytest.mark.parametrize("mode", CENTERS)
def test_shifting_everybody_changes_nothing(mode: str) -> None:
    pose, presence = _clip()
    shifted = pose + np.array([0.25, -0.5, 2], np.float32) * presence[:, :, None, None]
    for one, other in zip(_augmented(pose, presence, mode), _augmented(shifted, presence, mode), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


@pytest.mark.parametrize("mode", CENTERS)
def test_an_absent_second_subject_is_zero_throughout(mode: str) -> None:
    pose, presence = _clip()
    pose[:, 1], presence[:, 1] = 0, 0
    full, _ = _augmented(pose, presence, mode)
    for start in (75, 225, 375):
        assert not full[:, start : start + 75].any()
    assert full[:, :75].any()


def test_the_first_frames_have_no_velocity_and_acceleration() -> None:
    pose, presence = _clip()
    velocity, acceleration = differences(pose, np.ones_like(presence))
    assert not velocity[0].any()
    assert not acceleration[:2].any()
    assert velocity[1].any()
    assert acceleration[2].any()


def test_appearing_and_vanishing_makes_no_motion() -> None:
    pose = np.full((6, 2, 25, 3), 2, np.float32)
    presence = np.array([[1, 0], [1, 1], [1, 0], [1, 1], [1, 1], [1, 1]], np.uint8)
    velocity, acceleration = differences(pose * presence[:, :, None, None], presence)
    assert not velocity.any()
    assert not acceleration.any()


def test_a_lone_second_subject_keeps_the_last_known_origin() -> None:
    pose = np.zeros((3, 2, 25, 3), np.float32)
    pose[0, 0], pose[:, 1] = [1, 0, 0], [5, 0, 0]
    presence = np.array([[1, 1], [0, 1], [0, 1]], np.uint8)
    np.testing.assert_array_equal(center(pose, presence, "per_frame")[:, 1, 0, 0], [4, 4, 4])
    np.testing.assert_array_equal(center(pose, presence, "per_frame")[1:, 0], 0)


def test_many_clips_at_once_equal_one_by_one() -> None:
    poses, presences = zip(*(_clip(seed=seed) for seed in range(3)), strict=True)
    many = augment(np.stack(poses), np.stack(presences))
    for clip in range(3):
        for got, expected in zip(many, augment(poses[clip], presences[clip]), strict=True):
            np.testing.assert_array_equal(got[clip], expected)


def test_sampled_frames_differ_between_themselves() -> None:
    pose = np.arange(10, dtype=np.float32)[:, None, None, None] * np.ones((1, 2, 25, 3), np.float32)
    full, motion = augment(pose[::3], np.ones((4, 2), np.uint8))
    np.testing.assert_array_equal(full[:, 150], [0, 3, 3, 3])
    np.testing.assert_array_equal(motion, [[0, 0], [0, 450], [0, 450], [0, 450]])


def test_an_unknown_mode_is_named() -> None:
    with pytest.raises(ValueError, match="center is 'per_clip', expected one of per_frame, first_frame, per_subject"):
        center(*_clip(), "per_clip")
