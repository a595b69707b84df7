"""What happens in one clip: who stands where, who moves how, and which hand holds what when."""

from typing import NamedTuple

import numpy as np

from poseattn.synthetic import motion
from poseattn.synthetic.figure import Posture, draw_body, pose_joints
from poseattn.synthetic.objects import HANDS_ONLY, Prop, draw_prop

Grip = list[Prop | None]  # what one hand holds, by frame


class Person(NamedTuple):
    """Somebody's segment lengths in metres and way of moving."""

    body: dict[str, float]
    style: motion.Style


class Performance(NamedTuple):
    """One clip before any camera looks at it; the first person is the subject.

    Attributes:
        joints: Scene metres, (person, frame, joint, xyz).
        heights: Body heights in metres, one a person.
        grips: What each person's left and right hand hold.
    """

    joints: np.ndarray
    heights: list[float]
    grips: list[tuple[Grip, Grip]]

    def at(self, frames: np.ndarray) -> "Performance":
        """The same performance at some of its frames only."""
        grips = [tuple([grip[frame] for frame in frames] for grip in pair) for pair in self.grips]
        return self._replace(joints=self.joints[:, frames], grips=grips)


class Timing(NamedTuple):
    """Length of a clip and first and last frame of the action in it (fractions of a frame allowed)."""

    frames: int
    start: float
    stop: float


def draw_person(rng: np.random.Generator, recipe: dict) -> Person:
    """Random person, from the scene recipe's `figure` and `style`."""
    return Person(draw_body(rng, recipe["figure"]), motion.draw_style(rng, recipe["style"]["person"]))


def perform(rng: np.random.Generator, action: dict, subject: Person, frames: int, recipe: dict) -> Performance:
    """Random performance of an action by a subject, with a partner or somebody who merely stands by.

    Both cases show two people with four hands that all may hold something, so that neither the number of people nor
    the sight of an object tells the action.

    Args:
        rng: Random state of the clip.
        action: Its `gesture` and the `object` that belongs to it: a kind, `empty`, or `any` where none does.
        subject: Who acts.
        frames: Length of the clip.
        recipe: The scene recipe.

    Returns:
        The performance.
    """
    gesture = recipe["gestures"][action["gesture"]]
    start, stop = (frames * rng.uniform(*recipe["timing"][name]) for name in ("start", "stop"))
    timing = Timing(frames, start, stop)
    people = [subject, draw_person(rng, recipe)]
    hand = int(rng.random() >= recipe["left_handed"])
    postures = _move(rng, people, gesture, timing, hand, recipe)
    joints = np.stack([pose_joints(person.body, posture) for person, posture in zip(people, postures, strict=True)])
    grips = _hold(rng, action["object"], gesture, timing, hand, recipe)
    return Performance(joints, [person.body["height"] for person in people], grips)


def _move(
    rng: np.random.Generator, people: list[Person], gesture: dict, timing: Timing, hand: int, recipe: dict
) -> list[Posture]:
    """Postures of the subject and the other."""
    together = gesture["partners"]
    place = recipe["places"]["partners" if together else "bystander"]
    side = rng.choice([-1, 1])
    gap = rng.uniform(*place["gap"])
    step = motion.envelope(timing.frames, timing.start, timing.stop, recipe["timing"]["ramp"])
    postures = []
    for index, person in enumerate(people):
        at = side if index == 0 else -side
        turn = place["turn"][index] * at
        yaw = -np.radians(turn + rng.uniform(-1, 1) * place["spread"][index])
        ground = np.array([at * gap / 2, 0, rng.uniform(-1, 1) * place["depth"]])
        posture = motion.stand(rng, timing.frames, ground, yaw, recipe["stand"])
        style = motion.combine(person.style, motion.draw_style(rng, recipe["style"]["clip"]))
        if gesture["travel"] and together:
            posture = motion.walk(posture, _travel(rng, gesture, timing, style), recipe["walk"])
        elif together or index == 0:
            posture = motion.gesture(posture, step, gesture, style, hand)
        postures.append(posture)
    return postures


def _travel(rng: np.random.Generator, gesture: dict, timing: Timing, style: motion.Style) -> np.ndarray:
    """Distance walked forward at each frame; the way back from it for a negative `travel`."""
    length = abs(gesture["travel"]) * style.amplitude
    gone = np.clip((np.arange(timing.frames) - timing.start) / (timing.stop - timing.start), 0, 1)
    gone = gone if gesture["travel"] > 0 else 1 - gone
    return length * (gone - 1)


def _hold(
    rng: np.random.Generator, target: str, gesture: dict, timing: Timing, hand: int, recipe: dict
) -> list[tuple[Grip, Grip]]:
    """What the four hands hold: random things, but in the acting hands, while they act, the object of the action."""
    grips = [tuple(_distractors(rng, timing.frames, recipe["props"]) for _ in range(2)) for _ in range(2)]
    inside = range(int(np.ceil(timing.start)), min(int(timing.stop) + 1, timing.frames))
    if target == "any":
        return grips
    prop = None if target == HANDS_ONLY else draw_prop(rng, target, recipe["props"])
    middle = (inside.start + inside.stop) // 2
    giver = int(rng.integers(2))
    for person in (0, 1) if gesture["partners"] else (0,):
        for frame in inside:
            holds = not gesture["partners"] or (frame < middle) == (person == giver)
            grips[person][hand][frame] = prop if holds else None
    return grips


def _distractors(rng: np.random.Generator, frames: int, recipe: dict) -> Grip:
    """Random things in one hand, each for a random part of the clip; nothing with probability 1 - `occupancy`."""
    grip: Grip = []
    while len(grip) < frames:
        length = int(rng.integers(recipe["hold"][0], recipe["hold"][1] + 1))
        held = draw_prop(rng, str(rng.choice(recipe["kinds"])), recipe) if rng.random() < recipe["occupancy"] else None
        grip += [held] * length
    return grip[:frames]
