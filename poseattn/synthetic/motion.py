"""Motion of the figures: standing about, gestures of one or two hands, walking."""

from typing import NamedTuple

import numpy as np

from poseattn.synthetic.figure import Posture

FORWARD = 2  # axis of the figure's own frame


class Style(NamedTuple):
    """How somebody moves: factors on amplitude and repetitions, and an offset of every goal in body heights."""

    amplitude: float
    tempo: float
    offset: np.ndarray


def draw_style(rng: np.random.Generator, recipe: dict) -> Style:
    """Random way of moving.

    Args:
        rng: Random state of the person or, for the variation between two clips of one person, of the clip.
        recipe: Relative spread of `amplitude` and `tempo`, and of the goals' `offset` in body heights.

    Returns:
        The style.
    """
    amplitude, tempo = (1 + recipe[name] * rng.uniform(-1, 1) for name in ("amplitude", "tempo"))
    return Style(amplitude, tempo, recipe["offset"] * rng.uniform(-1, 1, 3))


def combine(person: Style, clip: Style) -> Style:
    """Style of one clip: the person's own, varied."""
    return Style(person.amplitude * clip.amplitude, person.tempo * clip.tempo, person.offset + clip.offset)


def smooth_noise(rng: np.random.Generator, frames: int, shape: tuple[int, ...], amplitude: float) -> np.ndarray:
    """Slow random movement: three sines with periods of 18 to 70 frames.

    Args:
        rng: Random state.
        frames: Length.
        shape: Shape of one frame.
        amplitude: Standard deviation.

    Returns:
        Movement, (frame, *shape), in the unit of `amplitude`.
    """
    period = rng.uniform(18, 70, (3, *shape))
    phase = rng.uniform(0, 2 * np.pi, (3, *shape))
    time = np.arange(frames).reshape(-1, 1, *[1] * len(shape))
    return amplitude * np.sqrt(2 / 3) * np.sin(2 * np.pi * time / period + phase).sum(1)


def envelope(frames: int, start: float, stop: float, ramp: int) -> np.ndarray:
    """Smooth step from 0 to 1 at frame `start` and back to 0 at frame `stop`, each over `ramp` frames, (frame,)."""
    time = np.arange(frames)
    rise = np.clip((time - start) / ramp, 0, 1)
    fall = np.clip((stop - time) / ramp, 0, 1)
    step = np.minimum(rise, fall)
    return step * step * (3 - 2 * step)


def stand(rng: np.random.Generator, frames: int, ground: np.ndarray, yaw: float, recipe: dict) -> Posture:
    """Somebody who stands with hanging arms and fidgets a little.

    Args:
        rng: Random state.
        frames: Length.
        ground: Where, (3,), scene metres.
        yaw: Facing direction in radians.
        recipe: `hand` and `ankle` of the right side at rest and `fidget` in body heights, `sway` in metres and radians.

    Returns:
        The posture.
    """
    mirror = np.array([[-1, 1, 1], [1, 1, 1]])
    hands = mirror * recipe["hand"] + smooth_noise(rng, frames, (2, 3), recipe["fidget"])
    sway = smooth_noise(rng, frames, (3,), recipe["sway"]) * [1, 0, 1]
    feet = np.tile(mirror * recipe["ankle"], (frames, 1, 1))
    lean = 0.03 + smooth_noise(rng, frames, (), recipe["sway"])
    return Posture(ground + sway, yaw + smooth_noise(rng, frames, (), recipe["sway"]), lean, hands, feet)


def gesture(posture: Posture, step: np.ndarray, recipe: dict, style: Style, hand: int) -> Posture:
    """Raise one hand or both to a goal and swing there.

    Args:
        posture: The figure so far.
        step: How far the gesture has gone, (frame,), 0 to 1.
        recipe: `goal` and `swing` of a right hand in body heights, `cycles` of the swing while the gesture lasts,
            `both` hands or the acting one only, `lean` in radians.
        style: The person's way of moving.
        hand: Acting hand, 0 left or 1 right.

    Returns:
        The posture with hands and lean changed.
    """
    inside = np.flatnonzero(step > 0)
    first, last = (inside[0], inside[-1]) if len(inside) else (0, 1)
    phase = (np.arange(len(step)) - first) / max(last - first, 1)
    swing = style.amplitude * np.sin(2 * np.pi * recipe["cycles"] * style.tempo * phase)
    goal = np.array(recipe["goal"]) + style.offset + swing[:, None] * recipe["swing"]
    hands = posture.hands.copy()
    for side in (0, 1) if recipe["both"] else (hand,):
        mirrored = goal * [1 if side else -1, 1, 1]
        hands[:, side] += step[:, None] * (mirrored - hands[:, side])
    return posture._replace(hands=hands, lean=posture.lean + step * recipe["lean"])


def walk(posture: Posture, travel: np.ndarray, recipe: dict) -> Posture:
    """Walk straight on or back.

    Args:
        posture: A standing figure.
        travel: Distance from where it stands along the direction that it faces, (frame,), metres.
        recipe: Length of one `stride` in metres; `lift` of the feet and `step` length in body heights.

    Returns:
        The posture with legs and arms swinging in opposite phase.
    """
    phase = 2 * np.pi * travel / recipe["stride"]
    moving = np.clip(np.abs(np.gradient(travel)) / 0.01, 0, 1)
    feet, hands = posture.feet.copy(), posture.hands.copy()
    for side, sign in ((0, 1), (1, -1)):
        feet[:, side, FORWARD] += sign * moving * recipe["step"] * np.sin(phase)
        feet[:, side, 1] += moving * recipe["lift"] * np.maximum(0, sign * np.cos(phase))
        hands[:, side, FORWARD] -= sign * moving * recipe["step"] * np.sin(phase)
    heading = np.stack([np.sin(posture.yaw), np.zeros_like(travel), -np.cos(posture.yaw)], axis=-1)
    return posture._replace(ground=posture.ground + travel[:, None] * heading, feet=feet, hands=hands)
