import numpy as np
import pytest

from poseattn.synthetic.places import PATTERNS, paint_place

RECIPE = {"period": [0.14, 0.22], "shapes": [3, 10], "extent": [4, 16]}


def paint(number: int, kind: str) -> np.ndarray:
    return paint_place(np.random.default_rng(number), kind, (160, 120), RECIPE)


@pytest.mark.parametrize("kind", PATTERNS)
def test_a_place_fills_the_picture_with_two_colours_at_about_even_shares(kind):
    for number in range(10):
        image = paint_place(np.random.default_rng(number), kind, (160, 120), RECIPE | {"shapes": [0, 1]})
        assert image.shape == (120, 160, 3) and image.dtype == np.uint8
        near = np.argmax([abs(image.astype(int) - color).sum(-1) for color in _ends(image)], axis=0)
        for rows, cols in ((slice(60), slice(None)), (slice(60, None), slice(None)), (slice(None), slice(80))):
            assert 0.05 < near[rows, cols].mean() < 0.95
        apart = abs(np.subtract(*_ends(image))).sum()
        assert 100 < apart < 260


def _ends(image: np.ndarray) -> np.ndarray:
    """The two colours: those of pixels that are furthest apart along the direction in which colours differ most."""
    pixels = image.reshape(-1, 3).astype(float)
    axis = np.linalg.svd(np.cov((pixels - pixels.mean(0)).T))[0][:, 0]
    order = np.argsort((pixels - pixels.mean(0)) @ axis)
    return pixels[[order[50], order[-50]]]


def test_only_the_pattern_depends_on_the_kind():
    """Shapes over it and all that is drawn afterwards are the same."""
    drawn = {}
    for kind in PATTERNS:
        rng = np.random.default_rng(3)
        paint_place(rng, kind, (160, 120), RECIPE)
        drawn[kind] = rng.random()
    assert len(set(drawn.values())) == 1
    assert not any((paint(1, "waves") == paint(1, kind)).all() for kind in PATTERNS if kind != "waves")


def test_a_mirror_image_is_a_place_of_the_same_kind():
    """By its edges it is as near to others of the kind as these are to each other."""
    shares = {kind: [_direction(paint(number, kind)) for number in range(8)] for kind in PATTERNS}
    for kind, values in shares.items():
        mirrored = [_direction(paint(number, kind)[:, ::-1]) for number in range(8)]
        np.testing.assert_allclose(mirrored, values, atol=0.02)


def _direction(image: np.ndarray) -> float:
    """Share of horizontal change in all change."""
    gray = image.mean(-1)
    right, down = (abs(np.diff(gray, axis=axis)).mean() for axis in (1, 0))
    return right / (right + down)


def test_an_unknown_kind_is_refused_by_name():
    with pytest.raises(ValueError, match="no pattern of a place 'sea'; there are waves, trunks"):
        paint(0, "sea")
