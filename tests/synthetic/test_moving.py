import numpy as np
import pytest

from poseattn.synthetic import moving
from tests.synthetic.recipe import moving_recipe

RECIPE = moving_recipe("hollywood2")["scene"]


def draw(number: int, kinds: tuple[str, ...] = ("cup",), recipe: dict = RECIPE) -> moving.Scene:
    return moving.draw_scene(np.random.default_rng(number), np.random.default_rng([1, number]), kinds, recipe)


def test_a_scene_shows_the_objects_of_its_classes_and_others_of_any_kind():
    scenes = [draw(number) for number in range(60)]
    assert all([mover.prop.kind for mover in scene.evidence] == ["cup"] for scene in scenes)
    counts = {1 + len(scene.others) for scene in scenes}
    assert counts == set(range(RECIPE["movers"][0], RECIPE["movers"][1] + 1))
    assert len({mover.prop.kind for scene in scenes for mover in scene.others}) > 8


def test_as_many_objects_move_whether_a_clip_has_one_class_or_two():
    for number in range(20):
        one, two = draw(number), draw(number, ("cup", "key"))
        assert len(one.evidence + one.others) == len(two.evidence + two.others)


def test_the_evidence_keeps_to_its_region_and_moves_in_it_and_nothing_else_comes_there():
    settings = RECIPE["paths"]["evidence"]
    reach = np.max(settings["radius"], axis=0) + settings["jitter"]
    for number in range(60):
        scene = draw(number)
        path = scene.evidence[0].path
        assert (abs(path - settings["center"]) <= reach).all()
        assert np.ptp(path, axis=0).max() > 0.1
        for other in scene.others:
            assert (other.path > 0).all() and (other.path < 1).all()
            assert np.linalg.norm(other.path - settings["center"], axis=1).min() > np.linalg.norm(reach) - 0.1


def test_two_objects_of_one_clip_stand_apart():
    for number in range(20):
        first, second = draw(number, ("cup", "key")).evidence
        apart = np.linalg.norm(first.path - second.path, axis=1)
        assert apart.min() > 0.6 * RECIPE["object"]["size"][1]


def test_what_moves_is_drawn_where_the_path_says():
    scene = draw(3)._replace(others=[])
    width, height = scene.size
    for frame, picture in enumerate(moving.film(scene)):
        changed = np.argwhere((picture != scene.background).any(-1)).mean(0)[::-1] / (width, height)
        assert abs(changed - scene.evidence[0].path[frame]).max() < 0.08


def test_lengths_sizes_and_colours_do_not_depend_on_the_class():
    cup, key = draw(5), draw(5, ("key",))
    np.testing.assert_array_equal(cup.background, key.background)
    np.testing.assert_array_equal(cup.evidence[0].path, key.evidence[0].path)
    assert cup.evidence[0].prop == key.evidence[0].prop._replace(kind="cup")


def test_grain_is_of_one_strength_in_a_clip_and_of_several_among_clips():
    def strength(number: int) -> list[float]:
        scene = draw(number)._replace(others=[])
        scene = scene._replace(background=np.full_like(scene.background, 90))
        return [
            float(picture[:20, :20].std()) for picture in moving.grainy(np.random.default_rng(number), scene, RECIPE)
        ]

    strengths = [strength(number) for number in range(12)]
    assert all(max(values) < 1.25 * min(values) for values in strengths)
    assert max(map(np.mean, strengths)) > 3 * min(map(np.mean, strengths))


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="no drawing of an object 'teapot'"):
        draw(0, ("teapot",))
