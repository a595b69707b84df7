import numpy as np
import pytest

from poseattn.synthetic.performance import Performance, draw_person, perform
from tests.synthetic.recipe import shipped

RECIPE = shipped()
SCENE = RECIPE["scene"]
ACTIONS = RECIPE["grid"]["actions"]
PAIRS = [("1", "2"), ("11", "12"), ("28", "37"), ("56", "58")]


def play(action: str, seed: int = 0, frames: int = 26, **scene: object) -> Performance:
    subject = draw_person(np.random.default_rng(9), SCENE)
    return perform(np.random.default_rng(seed), ACTIONS[action], subject, frames, SCENE | scene)


def kinds(performance: Performance) -> np.ndarray:
    """Kind in each hand, (person, hand, frame)."""
    return np.array([[[prop.kind if prop else "" for prop in grip] for grip in pair] for pair in performance.grips])


def changed(first: str, second: str, seed: int) -> np.ndarray:
    """Where the hands of two actions hold different kinds, (person, hand, frame)."""
    # nothing else in any hand, so that only what belongs to the action is left
    props = SCENE["props"] | {"occupancy": 0.0}
    return kinds(play(first, seed, props=props)) != kinds(play(second, seed, props=props))


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_pair_shares_every_joint_of_every_frame(first, second):
    for seed in range(5):
        np.testing.assert_array_equal(play(first, seed).joints, play(second, seed).joints)


@pytest.mark.parametrize(("first", "second"), PAIRS[:3])
def test_a_pair_differs_in_one_hand_during_a_part_of_the_clip(first, second):
    for seed in range(5):
        differs = changed(first, second, seed)
        assert not differs[1].any()
        assert (differs[0].any(-1)).sum() == 1
        part = differs[0].any(0)
        assert 0.3 < part.mean() < 0.9
        assert not part[0] and not part[-1]


def test_giving_passes_one_thing_from_hand_to_hand():
    differs = changed("56", "58", 3)
    assert differs.any((1, 2)).all()
    assert differs.sum((0, 1)).max() == 1
    hands = differs.any(-1)
    assert hands.sum() == 2 and (hands[0] == hands[1]).all()


def test_walking_apart_is_walking_towards_each_other_backwards():
    gaps = []
    for action in ("59", "60"):
        spine = play(action, 1).joints[:, :, 0]
        gaps.append(np.linalg.norm(spine[0] - spine[1], axis=-1))
    assert gaps[0][0] - gaps[0][-1] > 0.7
    np.testing.assert_allclose(gaps[1][[0, -1]], gaps[0][[-1, 0]], atol=0.1)


def test_every_clip_shows_two_people_with_random_things_in_all_hands():
    for action in ACTIONS:
        held = np.stack([kinds(play(action, seed)) for seed in range(12)])
        assert held.shape[1:] == (2, 2, 26)
        ends = held[..., [0, -1]]  # before and after every action
        assert abs((ends != "").mean() - SCENE["props"]["occupancy"]) < 0.2
        assert set(ends[ends != ""]) == set(SCENE["props"]["kinds"])


def test_left_and_right_hand_act():
    right = [kinds(play("1", seed, props=SCENE["props"] | {"occupancy": 0.0}))[0, 1].any() for seed in range(60)]
    assert 0.55 < np.mean(right) < 0.95


def test_the_subject_moves_more_than_who_stands_by():
    for action in ("1", "11", "22", "23", "28"):
        for seed in range(5):
            variance = play(action, seed).joints.var(axis=1).sum((1, 2))
            assert variance[0] > variance[1]


def test_some_frames_of_a_performance():
    performance = play("1")
    part = performance.at(np.array([4, 20]))
    np.testing.assert_array_equal(part.joints, performance.joints[:, [4, 20]])
    np.testing.assert_array_equal(kinds(part), kinds(performance)[..., [4, 20]])
