"""Hands are picked in the right order, and only those of people who are there."""

import numpy as np

from poseattn.pose.hands import hand_positions


def test_hands_stand_in_order_and_those_of_absent_people_are_nan() -> None:
    color_xy = np.arange(3 * 2 * 25 * 2, dtype=np.float32).reshape(3, 2, 25, 2)
    presence = np.array([[1, 1], [1, 0], [0, 1]], np.uint8)
    hands = hand_positions(color_xy, presence)
    assert hands.shape == (3, 4, 2)
    for frame in range(3):
        for hand, (body, joint) in enumerate([(0, 8), (0, 12), (1, 8), (1, 12)]):  # joints count from 1 in the card
            expected = color_xy[frame, body, joint - 1] if presence[frame, body] else [np.nan, np.nan]
            np.testing.assert_array_equal(hands[frame, hand], expected)
