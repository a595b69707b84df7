import numpy as np
import pytest

from poseattn.synthetic.figure import HANDS, Posture, bend, draw_body, pose_joints
from tests.synthetic.recipe import shipped

FIGURE = shipped()["scene"]["figure"]


def standing(frames: int, yaw: float = 0.0, right_hand: tuple[float, float, float] = (0.17, 0.46, 0.06)) -> Posture:
    hands = np.tile([[-0.17, 0.46, 0.06], right_hand], (frames, 1, 1))
    feet = np.tile([[-0.06, 0.035, 0.0], [0.06, 0.035, 0.0]], (frames, 1, 1))
    return Posture(np.zeros((frames, 3)), np.full(frames, yaw), np.zeros(frames), hands, feet)


@pytest.fixture
def body() -> dict[str, float]:
    return draw_body(np.random.default_rng(3), FIGURE)


def test_people_differ_within_the_recipe():
    heights = {draw_body(np.random.default_rng(seed), FIGURE)["height"] for seed in range(10)}
    assert len(heights) == 10
    assert min(heights) >= FIGURE["height"][0] and max(heights) <= FIGURE["height"][1]


def test_bones_keep_their_length(body):
    target = np.random.default_rng(0).uniform([-0.1, 0.5, 0.1], [0.3, 1.0, 0.3], (30, 3))
    posture = standing(30)
    posture.hands[:, 1] = target
    joints = pose_joints(body, posture)
    for first, second, length in ((8, 9, "upper_arm"), (9, 10, "forearm"), (10, 11, "hand"), (16, 17, "thigh")):
        measured = np.linalg.norm(joints[:, first] - joints[:, second], axis=1)
        np.testing.assert_allclose(measured, body[length], rtol=1e-6)


def test_a_hand_gets_where_it_is_wanted(body):
    wanted = (0.05, 0.8, 0.2)  # right, up, forward in body heights; somebody who faces the camera looks along -z
    joints = pose_joints(body, standing(1, right_hand=wanted))
    np.testing.assert_allclose(joints[0, HANDS[1]], np.array([0.05, 0.8, -0.2]) * body["height"], atol=1e-6)


def test_somebody_facing_right_stretches_the_hand_to_the_right(body):
    joints = pose_joints(body, standing(1, yaw=np.pi / 2, right_hand=(0.0, 0.8, 0.25)))
    np.testing.assert_allclose(joints[0, HANDS[1]], np.array([0.25, 0.8, 0]) * body["height"], atol=1e-6)


def test_the_right_side_is_on_the_right_of_a_mirrored_picture(body):
    joints = pose_joints(body, standing(1))
    assert (joints[0, [8, 11, 16, 19], 0] > joints[0, [4, 7, 12, 15], 0]).all()


def test_an_elbow_by_hand():
    # 3-4-5: shoulder at the origin, hand 0.5 away, bones 0.3 and 0.4 meet at a right angle
    elbow, hand = bend(np.zeros((1, 3)), np.array([[0.5, 0, 0]]), 0.3, 0.4, np.array([0.0, -1.0, 0.0]))
    np.testing.assert_allclose(elbow, [[0.18, -0.24, 0]], atol=1e-9)
    np.testing.assert_allclose(hand, [[0.5, 0, 0]])


def test_out_of_reach_is_stretched_towards():
    elbow, hand = bend(np.zeros((1, 3)), np.array([[0, 0, 9.0]]), 0.3, 0.3, np.array([0.0, -1.0, 0.0]))
    assert 0.59 < hand[0, 2] < 0.6
    assert abs(elbow[0, 1]) < 0.05
