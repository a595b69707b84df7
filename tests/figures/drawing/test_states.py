"""Which hidden units are drawn, and in which order."""

import numpy as np

from poseattn.figures.drawing.states import Dynamics, draw_dynamics, strongest

LAST = np.array([0.1, -0.9, 0.8, 0.3, -0.2, 0.0])


def test_the_strongest_units_by_hand() -> None:
    states = np.stack([np.arange(6.0), LAST])
    positive, negative = strongest(states, 2)
    assert positive.tolist() == [[2.0, 0.8], [3.0, 0.3]]
    assert negative.tolist() == [[4.0, -0.2], [1.0, -0.9]]


def test_never_more_than_half_of_the_units() -> None:
    positive, negative = strongest(LAST[None])
    assert positive[:, 0].tolist() == [0.8, 0.3, 0.1]
    assert negative[:, 0].tolist() == [0.0, -0.2, -0.9]


def test_the_same_bytes() -> None:
    model = Dynamics(np.stack([LAST, LAST]), np.array([3, 9]), "ours")
    first, second = (draw_dynamics([model, model], "title", "caption") for _ in range(2))
    assert first == second
