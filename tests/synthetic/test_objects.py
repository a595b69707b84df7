import numpy as np
import pytest

from poseattn.synthetic.objects import SHAPES, draw_prop, paint_prop

RECIPE = {"size": [0.2, 0.25], "rotation": 0.7}


def silhouette(kind: str, pixels: float = 160.0) -> np.ndarray:
    prop = draw_prop(np.random.default_rng(0), kind, RECIPE | {"size": [0.22, 0.22], "rotation": 0.0})
    image = np.zeros((50, 50, 3), np.uint8)
    paint_prop(image, prop, np.array([25.0, 25.0]), pixels)
    return image.any(-1)


@pytest.mark.parametrize("kind", SHAPES)
def test_an_object_fills_its_size_around_the_hand(kind):
    rows, cols = np.nonzero(silhouette(kind))
    extent = max(np.ptp(rows), np.ptp(cols)) + 1
    assert 0.8 * 35 <= extent <= 1.45 * 35  # 0.22 m at 160 pixels a metre
    assert abs(rows.mean() - 24.5) < 6 and abs(cols.mean() - 24.5) < 6


def test_no_two_kinds_have_the_same_outline():
    shapes = {kind: silhouette(kind) for kind in SHAPES}
    for first in SHAPES:
        for second in SHAPES:
            overlap = (shapes[first] & shapes[second]).sum() / (shapes[first] | shapes[second]).sum()
            assert first == second or overlap < 0.87, (first, second)


def test_colour_size_and_rotation_do_not_depend_on_the_kind():
    drawn = [draw_prop(np.random.default_rng(5), kind, RECIPE)._replace(kind="") for kind in SHAPES]
    assert all(prop == drawn[0] for prop in drawn)


def test_a_quarter_turn_lays_a_pen_upright():
    pen = draw_prop(np.random.default_rng(0), "pen", RECIPE)
    lying, upright = (np.zeros((50, 50, 3), np.uint8) for _ in range(2))
    paint_prop(lying, pen._replace(angle=0.0), np.array([25.0, 25.0]), 160.0)
    paint_prop(upright, pen._replace(angle=np.pi / 2), np.array([25.0, 25.0]), 160.0)
    assert np.ptp(np.nonzero(lying.any(-1))[1]) > 3 * np.ptp(np.nonzero(lying.any(-1))[0])
    assert np.ptp(np.nonzero(upright.any(-1))[0]) > 3 * np.ptp(np.nonzero(upright.any(-1))[1])


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="no drawing of an object 'teapot'.*cup"):
        draw_prop(np.random.default_rng(0), "teapot", RECIPE)
