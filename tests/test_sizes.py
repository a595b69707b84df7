"""Sizes in recipes: one number or two."""

import pytest

from poseattn.sizes import rectangle


def test_a_square_and_a_rectangle() -> None:
    assert rectangle(224) == (224, 224)
    assert rectangle([240, 320]) == (240, 320)


@pytest.mark.parametrize("size", [0, -1, [240], [240, 320, 3], [240, 0]])
def test_anything_else_is_refused(size: object) -> None:
    with pytest.raises(ValueError, match="expected the edge of a square or"):
        rectangle(size)
