"""Motion of people who are seen whole: slow movement of the body, quick small swings of one hand and one foot.

Swings are in the plane of the picture and smaller than a cell of the grids on which attention works: one picture hardly
shows in which direction a limb swings, the flow between two does.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from poseattn.synthetic.figure import Posture
from poseattn.synthetic.motion import Style

_MIRROR = np.array([[-1, 1, 1], [1, 1, 1]])  # of left and right


class Limb(NamedTuple):
    """Where one hand or foot is held, and how it swings there.

    Attributes:
        side: 0 left or 1 right, in the figure's own frame.
        goal: Of a right limb, (right, up, forward) in body heights.
        swing: Movement around the goal, (frame, 2): right and up in the picture, in body heights.
    """

    side: int
    goal: np.ndarray
    swing: np.ndarray


def draw_swing(
    rng: np.random.Generator, move: Sequence[int | float], frames: int, style: Style, recipe: dict
) -> np.ndarray:
    """Random swing; the random numbers that it takes do not depend on the kind of move.

    Args:
        rng: Random state.
        move: Share of the amplitude to the right and up: (1, 0) goes to and fro, (1, 1) round a circle.
        frames: Length.
        style: Way of moving.
        recipe: `amplitude` in body heights, range of the `period` in frames.

    Returns:
        Movement, (frame, 2), right and up, in body heights.
    """
    period = rng.uniform(*recipe["period"]) / style.tempo
    angle = 2 * np.pi * (np.arange(frames) / period + rng.uniform())
    wave = np.stack([rng.choice([-1, 1]) * np.cos(angle), np.sin(angle)], axis=-1)
    return recipe["amplitude"] * style.amplitude * wave * move


def move_body(rng: np.random.Generator, posture: Posture, height: float, style: Style, recipe: dict) -> Posture:
    """Move the whole body slowly to and fro.

    Args:
        rng: Random state.
        posture: Somebody who stands.
        height: Body height in metres.
        style: Way of moving.
        recipe: Largest `shift` of the pelvis right and up in body heights, the share of it by which the `feet` go
            along, largest `lean` forward and `turn` to either side in radians, range of the `period` in frames.

    Returns:
        The posture, moved.
    """
    frames = len(posture.yaw)
    period = rng.uniform(*recipe["period"]) / style.tempo
    wave = np.sin(2 * np.pi * (np.arange(frames) / period + rng.uniform()))
    once = (1 + wave) / 2  # up and down, and leaning, go one way from rest
    shift = style.amplitude * np.stack([wave, once], axis=-1) * recipe["shift"]
    yaw = posture.yaw + style.amplitude * recipe["turn"] * wave
    ground = posture.ground + height * np.concatenate([shift, np.zeros((frames, 1))], axis=-1)
    feet = posture.feet - (1 - recipe["feet"]) * to_figure(shift, yaw)[:, None]
    return Posture(ground, yaw, posture.lean + recipe["lean"] * once, posture.hands, feet)


def place_limbs(posture: Posture, hand: Limb, foot: Limb) -> Posture:
    """Hold one hand and one foot where they belong, and swing them."""
    hands, feet = posture.hands.copy(), posture.feet.copy()
    for places, limb in ((hands, hand), (feet, foot)):
        places[:, limb.side] = limb.goal * _MIRROR[limb.side] + to_figure(limb.swing, posture.yaw)
    return posture._replace(hands=hands, feet=feet)


def to_figure(picture: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Directions right and up in the picture, (frame, 2), as (right, up, forward) of figures with a yaw, (frame, 3)."""
    right, up = picture.T
    return np.stack([right * np.cos(yaw), up, right * np.sin(yaw)], axis=-1)
