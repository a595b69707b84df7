"""Hands of both people, in the order of all arrays of hands: main left, main right, second left, second right."""

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.pose.skeleton import HANDS, N_BODIES

N_HANDS = N_BODIES * len(HANDS)


def hand_positions(
    color_xy: Float[np.ndarray, "t 2 25 2"], presence: UInt8[np.ndarray, "t 2"]
) -> Float[np.ndarray, "t 4 2"]:
    """Where the hands are in the image.

    Args:
        color_xy: Joints in the colour image (frame, body, joint, xy), pixels.
        presence: 1 where a person is there.

    Returns:
        (frame, hand, xy) pixels; NaN for the hands of somebody who is not there.
    """
    hands = np.where(presence[:, :, None, None] == 1, color_xy[:, :, HANDS], np.nan)
    return hands.reshape(len(hands), N_HANDS, 2)
