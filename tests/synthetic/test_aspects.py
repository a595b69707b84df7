"""Pictures and pieces of shots: every kind, the same again, and only what is labelled tells the label."""

from itertools import islice

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from poseattn.synthetic.aspects import draw_pictures
from tests.synthetic.recipe import aspects, untrimmed_recipe


@pytest.mark.parametrize("name", ["moves", "objects", "places"])
def test_pictures_have_their_size_and_every_kind(name: str) -> None:
    recipe = aspects(name, 0)
    pictures = list(islice(draw_pictures(recipe), 150))
    shape = (16, 64, 85, 3) if name == "moves" else (72, 72, 3)
    assert all(picture.image.shape == shape and picture.image.dtype == np.uint8 for picture in pictures)
    assert {picture.kind for picture in pictures} == set(recipe["kinds"])


def test_kinds_are_all_those_that_videos_show_and_seeds_are_others() -> None:
    videos = untrimmed_recipe()
    shown = {aspect: set(kinds) for aspect, kinds in videos["scene"]["neutral"].items()}
    for entry in videos["classes"].values():
        for aspect, kind in entry.items():
            shown[aspect].add(kind)
    recipes = [aspects(name, 0) for name in ("moves", "objects", "places")]
    assert {recipe["aspect"]: set(recipe["kinds"]) - {"rest"} for recipe in recipes} == shown
    assert len({recipe["seed"] for recipe in recipes} | {videos["seed"]}) == 4


def test_the_same_recipe_draws_the_same_and_another_seed_others() -> None:
    recipe = aspects("moves", 0)
    first, again = (list(islice(draw_pictures(recipe), 5)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.kind == other.kind
        np.testing.assert_array_equal(one.image, other.image)
    others = islice(draw_pictures(recipe | {"seed": 1}), 5)
    assert not any((one.image == other.image).all() for one, other in zip(first, others, strict=True))


def test_frames_of_a_piece_differ_by_what_moves() -> None:
    recipe = aspects("moves", 0)
    pictures = list(islice(draw_pictures(recipe), 60))
    change = {kind: [] for kind in recipe["kinds"]}
    for picture in pictures:
        still = np.median(picture.image.astype(int), axis=0)
        change[picture.kind].append(float((abs(picture.image - still).max(-1) > 60).mean()))
    assert max(change["rest"]) < min(np.mean(change[kind]) for kind in recipe["kinds"] if kind != "rest")


@pytest.mark.parametrize("name", ["moves", "objects", "places"])
def test_colours_tell_no_kind(name: str) -> None:
    pictures = list(islice(draw_pictures(aspects(name, 0)), 240))
    colours = [np.r_[picture.image.mean((-3, -2)).mean(0) if picture.image.ndim == 4 else picture.image.mean((0, 1)),
                     picture.image.std()] for picture in pictures]  # fmt: skip
    labels = [picture.kind for picture in pictures]
    model = make_pipeline(StandardScaler(), LogisticRegression())
    hits = cross_val_score(model, np.array(colours), labels, cv=5).mean()
    assert hits < 1 / len(set(labels)) + 3 * np.sqrt(0.25 / 240)
