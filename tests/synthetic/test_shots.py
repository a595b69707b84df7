from collections import Counter

import numpy as np
import pytest

from poseattn.synthetic import shots
from tests.synthetic.recipe import untrimmed_recipe

RECIPE = untrimmed_recipe()["scene"]
SIZE = (160, 120)
PLAIN = {"image": RECIPE["image"] | {"grain": [0]}}


def film(shot: shots.Shot, number: int = 0, **others: object) -> np.ndarray:
    return np.array(list(shots.film(np.random.default_rng(number), [shot], SIZE, RECIPE | others)))


def still(number: int = 0, **shown: str) -> shots.Shot:
    return shots.draw_shot(np.random.default_rng(number), 40, RECIPE, **shown)


def test_what_is_not_named_is_neutral_and_of_any_kind():
    drawn = [shots.draw_shot(np.random.default_rng(number), 9, RECIPE, object="cup") for number in range(200)]
    assert {shot.object for shot in drawn} == {"cup"}
    for aspect in ("place", "move"):
        assert Counter(getattr(shot, aspect) for shot in drawn).keys() == set(RECIPE["neutral"][aspect])


def test_kinds_that_tell_classes_are_not_neutral():
    for shown in untrimmed_recipe()["classes"].values():
        ((aspect, kind),) = shown.items()
        assert kind not in RECIPE["neutral"][aspect] and kind != RECIPE["paths"]["others"].get(aspect)


@pytest.mark.parametrize("frames", [0, 1, 17, 60, 333])
def test_a_span_is_cut_into_shots_of_about_the_lengths_asked_for(frames):
    for number in range(20):
        lengths = shots.cut(np.random.default_rng(number), frames, [20, 40])
        assert sum(lengths) == frames and all(lengths)
        assert frames < 60 or all(15 <= length <= 50 for length in lengths)


def moved(move: str, number: int) -> tuple[float, float, float, float]:
    """Spread of what moves to the right and down and of its area, and how far both directions go together."""
    pictures = film(still(number, object="pen", place="slats", move=move), number, movers=[1, 1], **PLAIN).astype(int)
    mask = abs(pictures - np.median(pictures, axis=0)).max(-1) > 25
    area = mask.sum((1, 2)) + 1e-9
    x, y = ((mask.sum(axis) * np.arange(edge)).sum(-1) / area / edge for axis, edge in ((1, SIZE[0]), (2, SIZE[1])))
    return x.std(), y.std(), area.std() / area.mean(), abs(np.corrcoef(x, y)[0, 1])


def test_moves_are_what_they_are_called():
    """Where the object always is it is taken for background, so that less is seen of it than there is."""
    names = ("across", "up_down", "round", "pulse", "slant")
    found = {name: np.mean([moved(name, number) for number in range(6)], axis=0) for name in names}
    right, down, _, _ = found["across"]
    assert right > 0.03 and right > 3 * down
    right, down, _, _ = found["up_down"]
    assert down > 0.03 and down > 3 * right
    right, down, _, together = found["round"]
    assert min(right, down) > 0.03 and together < 0.4
    right, down, grows, _ = found["pulse"]
    assert max(right, down) < 0.03 and grows > 0.3
    right, down, _, together = found["slant"]
    assert min(right, down) > 0.03 and together > 0.8


def test_what_tells_changes_nothing_else():
    """Places, colours, other objects and grain are the same: pictures of two objects differ in the middle only."""
    cup, key = (film(still(1, object=kind, move="rest"), 7) for kind in ("cup", "key"))
    differs = (cup != key).any((0, 3))
    rows, cols = np.nonzero(differs)
    assert differs.any() and np.ptp(rows) < 60 and np.ptp(cols) < 60
    assert abs(np.mean(cols) / SIZE[0] - 0.5) < 0.15 and abs(np.mean(rows) / SIZE[1] - 0.5) < 0.15


def test_there_are_two_or_three_objects_and_only_one_moves():
    counts = set()
    for number in range(12):
        rng = np.random.default_rng(number)
        shot = shots.draw_shot(rng, 16, RECIPE, move="round")
        alone = film(shot, number, movers=[1, 1], **PLAIN)
        pictures = film(shot, number, **PLAIN)
        counts.add(bool((pictures[0] != alone[0]).any()))
        changes = abs(np.diff(pictures.astype(int), axis=0)).max((0, 3)) > 40
        rows, cols = np.nonzero(changes)
        reach = 0.08 + 0.14 + 0.17 * SIZE[0] / SIZE[1]
        assert (abs(cols / SIZE[0] - 0.5) < reach).all() and (abs(rows / SIZE[1] - 0.5) < reach).all()
    assert counts == {True}
