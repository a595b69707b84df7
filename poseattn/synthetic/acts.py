"""What one person does with a hand and a foot, of which one shows a class and the other shows nothing."""

from typing import NamedTuple

import numpy as np

from poseattn.synthetic import motion
from poseattn.synthetic.figure import pose_joints
from poseattn.synthetic.moves import Limb, draw_swing, move_body, place_limbs
from poseattn.synthetic.objects import Prop, draw_prop
from poseattn.synthetic.performance import Grip, Person

_OTHER = {"hand": "foot", "foot": "hand"}


class Act(NamedTuple):
    """What one person does.

    Attributes:
        joints: Of the figure, scene metres, (frame, joint, xyz).
        height: Of the body in metres.
        yaw: Facing direction in radians, (frame,); 0 faces the camera, positive turns to the right of the picture.
        sides: Acting hand and foot, 0 or 1 in the figure's own frame.
        props: Objects at that hand and that foot.
    """

    joints: np.ndarray
    height: float
    yaw: np.ndarray
    sides: tuple[int, int]
    props: tuple[Prop, Prop]


def draw_act(rng: np.random.Generator, person: Person, action: dict, frames: int, place: str, recipe: dict) -> Act:
    """Random performance of an action by somebody in the foreground or behind.

    Args:
        rng: Random state of the clip.
        person: Who acts.
        action: Entry of the recipe's `classes`.
        frames: Length.
        place: Entry of `scene.places`: ranges of `x` (to either side) and `z` in metres, `spread` of the facing
            direction in radians, share of those who turn their `back`.
        recipe: The whole recipe.

    Returns:
        The act.
    """
    settings = recipe["scene"]
    there = settings["places"][place]
    ground = np.array([rng.choice([-1, 1]) * rng.uniform(*there["x"]), 0, rng.uniform(*there["z"])])
    yaw = np.pi * (rng.random() < there["back"]) + rng.uniform(-1, 1) * there["spread"]
    style = motion.combine(person.style, motion.draw_style(rng, settings["style"]["clip"]))
    posture = motion.stand(rng, frames, ground, yaw, settings["stand"])
    posture = move_body(rng, posture, person.body["height"], style, settings["bodies"][action["body"]])
    tasks = _tasks(rng, action, recipe)
    limbs = [_draw_limb(rng, limb, tasks[limb], frames, style, settings) for limb in _OTHER]
    posture = place_limbs(posture, *limbs)
    props = tuple(draw_prop(rng, tasks[limb]["object"], settings["props"]) for limb in _OTHER)
    joints = pose_joints(person.body, posture)
    return Act(joints, person.body["height"], posture.yaw, tuple(limb.side for limb in limbs), props)


def grips(act: Act) -> tuple[Grip, Grip]:
    """What left and right hand hold in every frame."""
    return tuple([act.props[0] if side == act.sides[0] else None] * len(act.yaw) for side in (0, 1))


def _tasks(rng: np.random.Generator, action: dict, recipe: dict) -> dict[str, dict]:
    """Object, move and place of hand and foot: those of the class at its own limb, random ones at the other."""
    limb, settings = action["limb"], recipe["scene"]
    kinds = sorted({entry["object"] for entry in recipe["classes"].values() if entry["limb"] == limb})
    choices = {"object": kinds, "move": sorted(settings["moves"]), "place": sorted(settings["places"][_OTHER[limb]])}
    return {limb: action, _OTHER[limb]: {key: str(rng.choice(values)) for key, values in choices.items()}}


def _draw_limb(
    rng: np.random.Generator, limb: str, task: dict, frames: int, style: motion.Style, settings: dict
) -> Limb:
    side = int(rng.random() >= settings["left_handed"])
    goal = np.array(settings["places"][limb][task["place"]]) + style.offset
    return Limb(side, goal, draw_swing(rng, settings["moves"][task["move"]], frames, style, settings["swing"]))
