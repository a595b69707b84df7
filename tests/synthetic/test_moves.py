import numpy as np
import pytest

from poseattn.synthetic import moves
from poseattn.synthetic.figure import draw_body, pose_joints
from poseattn.synthetic.motion import Style, stand
from tests.synthetic.recipe import people_recipe

SCENE = people_recipe("penn_action")["scene"]
PLAIN = Style(1.0, 1.0, np.zeros(3))
STILL = SCENE["stand"] | {"fidget": 0.0, "sway": 0.0}


def standing(yaw: float = 0.0):
    return stand(np.random.default_rng(0), 40, np.zeros(3), yaw, STILL)


def moved(name: str, yaw: float = 0.0):
    return moves.move_body(np.random.default_rng(1), standing(yaw), 1.7, PLAIN, SCENE["bodies"][name])


def test_a_swing_goes_where_the_move_says_within_its_period():
    across, up_down, around = (
        moves.draw_swing(np.random.default_rng(3), move, 70, PLAIN, SCENE["swing"]) for move in ((1, 0), (0, 1), (1, 1))
    )
    assert not across[:, 1].any() and not up_down[:, 0].any()
    np.testing.assert_array_equal(across + up_down, around)
    np.testing.assert_allclose(np.linalg.norm(around, axis=1), SCENE["swing"]["amplitude"])
    shortest, longest = SCENE["swing"]["period"]
    turns = (np.diff(np.sign(across[:, 0])) != 0).sum() / 2
    assert 70 / longest - 1 <= turns <= 70 / shortest + 1


@pytest.mark.parametrize("yaw", [0.0, 0.7, np.pi])
def test_a_swing_is_seen_the_same_from_wherever_somebody_faces(yaw):
    swing = np.array([[0.03, 0.02]] * 40)
    limbs = [[moves.Limb(1, np.array(goal), part) for part in (0 * swing, swing)] for goal in ([0.3, 0.8, 0.06],) * 2]
    body = draw_body(np.random.default_rng(3), SCENE["figure"])
    rest, swung = (pose_joints(body, moves.place_limbs(standing(yaw), *pair)) for pair in zip(*limbs, strict=True))
    shift = (swung - rest)[0, 11] / body["height"]  # scene: x right, y up, z away
    np.testing.assert_allclose(shift, [0.03, 0.02, 0], atol=1e-6)


def test_every_body_moves_in_its_own_way():
    rest = standing()
    for name, axis, size in (("sway", 0, 0.12), ("travel", 0, 0.18), ("hop", 1, 0.06), ("bob", 1, 0.14)):
        shift = (moved(name).ground - rest.ground) / 1.7
        assert 0.9 * size < np.ptp(shift[:, axis]) <= size + 1e-9
        assert not shift[:, [other for other in range(3) if other != axis]].any()
    assert (moved("hop").ground[:, 1] >= 0).all() and (moved("bob").ground[:, 1] <= 0).all()
    assert np.ptp(moved("bow").lean) > 0.6 and np.ptp(moved("twist").yaw) > 0.9
    for before, after in zip(rest, moved("still"), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("yaw", [0.0, 0.6, np.pi])
def test_feet_stay_on_the_floor_or_go_along(yaw):
    body = {name: 1.7 * share for name, share in SCENE["figure"]["proportions"].items()} | {"height": 1.7}
    for name, follows in (("bob", False), ("sway", False), ("hop", True), ("travel", True)):
        ankles = pose_joints(body, moved(name, yaw))[:, [14, 18]]
        assert (np.ptp(ankles, axis=0).max() > 0.08) == follows, name
