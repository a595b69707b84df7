"""What the stand-ins of Penn Action and sub-JHMDB show, and where in the picture it shows."""

import cv2
import numpy as np
import pytest

from poseattn.pose.parts import BODIES
from poseattn.synthetic import people
from poseattn.synthetic.camera import project
from poseattn.synthetic.performance import draw_person
from tests.synthetic.recipe import people_recipe

NAMES = ("penn_action", "sub_jhmdb")
RECIPES = {name: people_recipe(name) for name in NAMES}
SIZE = (320, 240)


def scene(name: str, action: str, seed: int = 0) -> people.Scene:
    recipe = RECIPES[name]
    person = draw_person(np.random.default_rng(9), recipe["scene"])
    return people.draw_scene(np.random.default_rng(seed), person, action, SIZE, recipe)


def groups(name: str) -> list[list[str]]:
    """Classes that share body motion, limb and place."""
    found: dict[tuple[str, ...], list[str]] = {}
    for action, entry in RECIPES[name]["classes"].items():
        found.setdefault((entry["body"], entry["limb"], entry["place"]), []).append(action)
    return list(found.values())


def differing(name: str, group: list[str]) -> set[str]:
    entries = [RECIPES[name]["classes"][action] for action in group]
    return {key for key in entries[0] if len({entry[key] for entry in entries}) > 1}


@pytest.mark.parametrize("name", NAMES)
def test_classes_come_in_groups_told_by_the_object_or_by_the_motion_of_one_limb(name):
    recipe = RECIPES[name]
    assert sorted(map(len, groups(name))) == ([2] * 6 + [3] if name == "penn_action" else [2] * 6)
    told_by = [differing(name, group) for group in groups(name)]
    assert all(told in ({"object"}, {"move"}) for told in told_by)
    assert min(told_by.count({"object"}), told_by.count({"move"})) >= 3
    assert {entry["limb"] for entry in recipe["classes"].values()} == {"hand", "foot"}
    assert len({entry["body"] for entry in recipe["classes"].values()}) == len(told_by)


@pytest.mark.parametrize("name", NAMES)
def test_inside_a_group_nothing_but_that_differs(name):
    for first, second, *_ in groups(name):
        for seed in range(2):
            one, other = scene(name, first, seed), scene(name, second, seed)
            limb = ("hand", "foot").index(RECIPES[name]["classes"][first]["limb"])
            np.testing.assert_array_equal(one.background, other.background)
            if differing(name, [first, second]) == {"object"}:
                np.testing.assert_array_equal(one.position, other.position)
                assert one.acts[0].props[limb] != other.acts[0].props[limb]
            else:
                assert one.acts[0].props == other.acts[0].props
                apart = np.linalg.norm(one.position[0] - other.position[0], axis=-1).max(0)
                moving = np.flatnonzero(apart > 1e-9)
                side = one.acts[0].sides[limb]
                chain = [[5, 6, 7, 21, 22], [9, 10, 11, 23, 24]] if limb == 0 else [[13, 14, 15], [17, 18, 19]]
                assert set(moving) <= set(chain[side]) and len(moving) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_the_other_limb_and_things_behind_show_what_other_classes_do(name):
    recipe = RECIPES[name]
    for limb, where in enumerate(("hand", "foot")):
        action = next(action for action, entry in recipe["classes"].items() if entry["limb"] == where)
        drawn = [scene(name, action, seed) for seed in range(40)]
        kinds = {entry["object"] for entry in recipe["classes"].values() if entry["limb"] == where}
        assert {one.acts[0].props[limb].kind for one in drawn} == {recipe["classes"][action]["object"]}
        assert {one.acts[0].props[1 - limb].kind for one in drawn} == kinds
        assert len({thing.prop.kind for one in drawn for thing in one.behind}) > 8
        assert {len(one.acts) for one in drawn} == {1, 2}


def test_left_and_right_are_those_of_a_photograph():
    for seed in range(12):
        one = scene("sub_jhmdb", "golf", seed)
        pixel = people.pixels_of(one, BODIES["sub_jhmdb"])
        joints = BODIES["sub_jhmdb"].joints
        x = [pixel[:, joints.index(name), 0] for name in ("left_shoulder", "right_shoulder")]
        facing = np.cos(one.acts[0].yaw)
        assert ((x[0] > x[1]) == (facing > 0)).all()


@pytest.mark.parametrize("name", NAMES)
def test_joints_are_where_limbs_are_drawn_and_people_fill_the_frame(name):
    body, recipe = BODIES[name], RECIPES[name]
    for number, action in enumerate(recipe["classes"]):
        one = scene(name, action, number)._replace(behind=[])
        alone = one._replace(acts=one.acts[:1], position=one.position[:1])
        pictures = np.stack(list(people.film(np.random.default_rng(0), alone, recipe)))
        pixel = people.pixels_of(one, body)
        assert pixel[..., 1].min() > 0 and pixel[..., 1].max() < SIZE[1]
        assert 0.5 * SIZE[1] < np.ptp(pixel[..., 1], axis=1).mean() < 0.95 * SIZE[1]
        cols, rows = np.rint(pixel).astype(int).clip(0, np.array(SIZE) - 1).transpose(2, 0, 1)
        drawn = (pictures != one.background).any(-1)
        assert drawn[np.arange(len(drawn))[:, None], rows, cols].mean() > 0.97
        assert drawn.mean() < 0.45  # the rest is as it was


@pytest.mark.parametrize("name", NAMES)
def test_what_tells_the_class_covers_one_to_two_cells_and_nothing_behind_comes_near(name):
    for number, action in enumerate(RECIPES[name]["classes"]):
        one = scene(name, action, number)
        size = one.before.prop.size * one.before.scale
        assert (size > SIZE[1] / 9).all() and (size < 2 * SIZE[1] / 9).all()  # 9 rows of cells
        wrists = project(one.position[0][:, [6, 10, 14, 18]], one.lens)
        for thing in one.behind[: len(one.behind) - len(one.acts) + 1]:
            assert np.linalg.norm(wrists - thing.path[:, None], axis=-1).min() > 20


def test_flow_at_the_limb_tells_the_direction_of_its_swing():
    """Farneback's flow, over the object at a hand whose owner otherwise stands still."""
    recipe = people_recipe("sub_jhmdb")
    still = {"body": "still", "limb": "hand", "place": "wide", "object": "book"}
    recipe["classes"] = {move: still | {"move": move} for move in ("across", "up_down")}
    person = draw_person(np.random.default_rng(9), recipe["scene"])
    for seed in range(2):
        ratios = []
        for move in recipe["classes"]:
            one = people.draw_scene(np.random.default_rng(seed), person, move, SIZE, recipe)
            film = people.film(np.random.default_rng(seed), one, recipe)
            grey = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in film]
            hand = project(one.position[0][:, (7, 11)[one.acts[0].sides[0]]], one.lens)
            sums = np.zeros(2)
            for frame in range(len(grey) - 1):
                flow = cv2.calcOpticalFlowFarneback(grey[frame], grey[frame + 1], None, 0.5, 4, 21, 3, 5, 1.1, 0)
                col, row = np.rint(hand[frame]).astype(int)
                sums += np.abs(flow[row - 12 : row + 13, col - 12 : col + 13]).sum((0, 1))
            ratios.append(sums[0] / sums[1])
        assert ratios[0] > 1.5 > 0.67 > ratios[1]
