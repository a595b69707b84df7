from itertools import islice

import numpy as np

from poseattn.synthetic.stills import draw_pictures
from tests.synthetic.recipe import stills

RECIPE = stills(0)


def test_pictures_have_their_size_and_every_kind():
    pictures = list(islice(draw_pictures(RECIPE), 400))
    shape = (RECIPE["window"], RECIPE["window"], 3)
    assert all(picture.image.shape == shape and picture.image.dtype == np.uint8 for picture in pictures)
    counts = [sum(picture.kind == kind for picture in pictures) for kind in RECIPE["kinds"]]
    assert sum(counts) == 400 and min(counts) > 8


def test_the_same_recipe_draws_the_same_and_another_seed_others():
    first, again = (list(islice(draw_pictures(RECIPE), 12)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.kind == other.kind
        np.testing.assert_array_equal(one.image, other.image)
    others = islice(draw_pictures(RECIPE | {"seed": RECIPE["seed"] + 1}), 12)
    assert not any((one.image == other.image).all() for one, other in zip(first, others, strict=True))


def test_an_object_shows_in_the_window_it_is_labelled_for():
    """The same draws with one kind or another differ around one place, and only there."""
    scene = RECIPE["scene"]
    plain = scene | {"sizes": [[160, 120]], "image": scene["image"] | {"grain": [1], "quality": [95, 96]}}
    phones, bottles = (
        islice(draw_pictures(RECIPE | {"scene": plain, "kinds": [kind]}), 40) for kind in ("phone", "bottle")
    )
    for one, other in zip(phones, bottles, strict=True):
        rows, cols = np.nonzero(abs(one.image.astype(int) - other.image).max(-1) > 40)
        assert len(rows) > 30
        assert max(np.ptp(rows), np.ptp(cols)) < 0.9 * RECIPE["window"]


def test_a_whole_picture_may_be_the_window():
    (picture,) = islice(draw_pictures(RECIPE | {"window": RECIPE["size"]}), 1)
    assert picture.image.shape == (RECIPE["size"], RECIPE["size"], 3)
