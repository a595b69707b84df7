import numpy as np
import pytest

from poseattn.synthetic import sensor
from poseattn.synthetic.camera import Lens
from poseattn.synthetic.sensor import Track
from tests.skeletons import person
from tests.synthetic.recipe import shipped

RECIPE = shipped()["scene"]
LENS = Lens(353.3, (320.0, 180.0))


@pytest.fixture(scope="module")
def track() -> Track:
    return sensor.measure(np.random.default_rng(0), person(200), LENS, RECIPE["sensor"])


def test_joints_are_measured_with_some_noise(track):
    error = track.joints[..., :3] - person(200)
    tracked = track.joints[..., 11] == 2
    assert 0.004 < error[tracked].std() < 0.01
    assert error[~tracked].std() > 1.5 * error[tracked].std()
    np.testing.assert_allclose((~tracked).mean(), RECIPE["sensor"]["inferred_share"], atol=0.02)


def test_colour_coordinates_are_the_projection_of_the_measured_joint(track):
    x, y, z = np.moveaxis(track.joints[..., :3], -1, 0)
    np.testing.assert_allclose(track.joints[..., 5], 320 + 353.3 * x / z)
    np.testing.assert_allclose(track.joints[..., 6], 180 - 353.3 * y / z)


def test_depth_coordinates_lie_in_a_depth_image(track):
    depth = track.joints[..., 3:5]
    assert (depth > 0).all() and (depth < [512, 424]).all()


def test_orientations_are_unit_quaternions_that_turn_y_along_the_bone(track):
    leaves = [3, 15, 19, 21, 22, 23, 24]
    w, x, y, z = np.moveaxis(track.joints[..., 7:11], -1, 0)
    assert not track.joints[:, leaves, 7:11].any()
    # y axis turned by a quaternion: second column of its rotation matrix; forearm of the left arm: joints 5 to 6
    turned = np.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], axis=-1)[:, 6]
    bone = track.joints[:, 6, :3] - track.joints[:, 5, :3]
    np.testing.assert_allclose(turned, bone / np.linalg.norm(bone, axis=-1, keepdims=True), atol=1e-9)


def test_a_ghost_is_low_wide_and_jitters_more_than_people_move(track):
    ghost = sensor.measure_ghost(np.random.default_rng(1), 200, LENS, RECIPE["ghost"])
    extent = np.ptp(ghost.joints[..., :3], axis=1).mean(0)
    assert extent[1] < 0.65 and extent[0] > 0.8 * extent[1]
    jitter, motion = (np.abs(np.diff(part.joints[..., :3], axis=0)).mean() for part in (ghost, track))
    assert jitter > motion


def test_hidden_frames_have_no_body_at_all(track):
    hidden = sensor.hide_frames(np.random.default_rng(0), [track, track], 3)
    gone = np.flatnonzero(~hidden[0].present)
    assert 1 <= len(gone) <= 3 and np.ptp(gone) == len(gone) - 1
    np.testing.assert_array_equal(hidden[0].present, hidden[1].present)


def test_lost_colour_is_nan_and_nothing_else_is(track):
    lost = sensor.lose_colour(np.random.default_rng(0), track, 0.25)
    missing = np.isnan(lost.joints)
    np.testing.assert_allclose(missing[..., 5:7].mean(), 0.25, atol=0.03)
    assert missing.sum() == missing[..., 5:7].sum()


def test_ids_have_17_digits_and_order_is_random(track):
    ghost = sensor.measure_ghost(np.random.default_rng(1), 200, LENS, RECIPE["ghost"])
    first = []
    for seed in range(40):
        bodies = sensor.shuffle(np.random.default_rng(seed), [track, ghost])
        assert all(len(body.body_id) == 17 for body in bodies)
        assert bodies[0].body_id != bodies[1].body_id
        first.append(bodies[0].joints is track.joints)
    assert 10 < sum(first) < 30
