"""Joints in the image: gaps filled by hand, centring, spread, and the mirror image."""

import numpy as np
import pytest

from poseattn.pose.parts import BODIES
from poseattn.pose.planar import mirror_normalised, normalise


def _joints(n_frames: int = 5, n_joints: int = 13) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 300, (n_frames, 1, n_joints, 2)).astype(np.float32)


@pytest.mark.parametrize("mode", ["per_clip", "per_frame"])
def test_the_origin_is_the_middle_and_the_spread_is_one(mode: str) -> None:
    joints = normalise(_joints() * 3 + 70, np.ones((5, 1, 13), np.uint8), mode)
    middle = joints.mean(axis=(0, 1, 2) if mode == "per_clip" else (1, 2))
    np.testing.assert_allclose(middle, 0, atol=1e-5)
    assert np.square(joints).mean() == pytest.approx(1, abs=1e-5)
    again = normalise(_joints(), np.ones((5, 1, 13), np.uint8), mode)
    np.testing.assert_allclose(joints, again, atol=1e-4)  # neither place nor size of the person matters


def test_a_joint_without_position_is_taken_from_other_frames_or_joints() -> None:
    joints, valid = np.zeros((4, 1, 3, 2), np.float32), np.ones((4, 1, 3), np.uint8)
    joints[:, 0, 0] = [[0, 0], [9, 9], [9, 9], [30, 60]]  # placeholders in frames 1 and 2
    joints[:, 0, 1, 0] = 90
    valid[1:3, 0, 0] = valid[:, 0, 2] = 0  # joint 2 never has a position
    filled = joints.copy()
    filled[1, 0, 0], filled[2, 0, 0] = (10, 20), (20, 40)
    filled[:, 0, 2] = filled[:, 0, :2].mean(axis=1)
    expected = filled - filled.mean(axis=(0, 1, 2))
    expected /= np.sqrt(np.square(expected).mean())
    np.testing.assert_allclose(normalise(joints, valid, "per_clip"), expected, atol=1e-6)


def test_a_clip_without_any_position_stays_at_the_origin() -> None:
    assert not normalise(_joints(), np.zeros((5, 1, 13), np.uint8), "per_clip").any()


def test_mirroring_changes_sides_and_twice_is_nothing() -> None:
    body = BODIES["penn_action"]
    joints = normalise(_joints(), np.ones((5, 1, 13), np.uint8), "per_clip")
    mirrored = mirror_normalised(joints, body)
    left, right = body.joints.index("left_wrist"), body.joints.index("right_wrist")
    np.testing.assert_array_equal(mirrored[:, 0, left], joints[:, 0, right] * [-1, 1])
    np.testing.assert_array_equal(mirror_normalised(mirrored, body), joints)


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="center is 'per_subject', expected per_clip or per_frame for joints"):
        normalise(_joints(), np.ones((5, 1, 13), np.uint8), "per_subject")
