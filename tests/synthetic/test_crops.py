from itertools import islice

import numpy as np

from poseattn.synthetic.crops import draw_pictures
from tests.synthetic.recipe import pictures

RECIPE = pictures(0)


def test_crops_have_their_size_and_every_kind():
    crops = list(islice(draw_pictures(RECIPE), 300))
    assert all(crop.image.shape == (50, 50, 3) and crop.image.dtype == np.uint8 for crop in crops)
    counts = [sum(crop.kind == kind for crop in crops) for kind in RECIPE["kinds"]]
    assert sum(counts) == 300
    assert min(counts) > 8


def test_the_same_recipe_draws_the_same_and_another_seed_others():
    first, again = (list(islice(draw_pictures(RECIPE), 12)) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert one.kind == other.kind
        np.testing.assert_array_equal(one.image, other.image)
    others = islice(draw_pictures(RECIPE | {"seed": RECIPE["seed"] + 1}), 12)
    assert not any((one.image == other.image).all() for one, other in zip(first, others, strict=True))


def test_red_is_the_first_channel():
    scene = RECIPE["scene"]
    recipe = RECIPE | {"scene": scene | {"image": scene["image"] | {"shapes": [1, 2], "grain": [1]}}}
    # skin is redder than blue in every tone
    hands = np.stack([crop.image for crop in islice(draw_pictures(recipe), 200) if crop.kind == "empty"])
    center = hands[:, 23:28, 23:28].mean((0, 1, 2))
    assert center[0] > center[1] > center[2]
