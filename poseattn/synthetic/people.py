"""Scenes of one person who acts with a hand or a foot: what Penn Action and sub-JHMDB stand-ins show.

What tells a class is at one hand or one foot of the subject: an object, or the direction in which that limb swings. The
other limb holds an object and swings as well, without regard to the class, though with objects of the same classes. So
do somebody in the background and objects elsewhere. Hence it matters which part of whose body is looked at.
"""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from poseattn.pose.parts import Body
from poseattn.synthetic.acts import Act, draw_act, grips
from poseattn.synthetic.camera import Lens, draw_camera, project, to_camera
from poseattn.synthetic.motion import Style
from poseattn.synthetic.moves import draw_swing
from poseattn.synthetic.objects import Prop, draw_prop, paint_prop
from poseattn.synthetic.performance import Performance, Person, draw_person
from poseattn.synthetic.scene import draw_look, film_before, grain_clip, paint_background

_ANKLES = (14, 18)
_CANDIDATES = 40  # places that are tried for an object in the background
# Joints of a figure by what data sets call them. A figure that faces the camera has its "right" hand on the right of
# the picture, as a mirror shows it; in a photograph that is the left hand.
_MIDDLE = {"neck": 2, "belly": 1, "head": 3}
_LIMBS = {"shoulder": 4, "elbow": 5, "wrist": 6, "hip": 12, "knee": 13, "ankle": 14}
JOINTS = _MIDDLE | {f"right_{name}": joint for name, joint in _LIMBS.items()}
JOINTS |= {f"left_{name}": joint + 4 for name, joint in _LIMBS.items()}


class Thing(NamedTuple):
    """An object that no hand holds: where its centre is, (frame, xy) pixels, and pixels per metre there, (frame,)."""

    prop: Prop
    path: np.ndarray
    scale: np.ndarray


class Scene(NamedTuple):
    """What happens in one clip, as the camera sees it.

    Attributes:
        acts: Of the subject, and perhaps of somebody else.
        position: Joints in camera space, metres, (person, frame, joint, xyz).
        lens: The camera's.
        behind: Objects behind people, none of which shows anything.
        before: What is at the subject's foot.
        background: BGR image, (row, col, 3).
    """

    acts: list[Act]
    position: np.ndarray
    lens: Lens
    behind: list[Thing]
    before: Thing
    background: np.ndarray


def draw_scene(rng: np.random.Generator, subject: Person, action: str, size: tuple[int, int], recipe: dict) -> Scene:
    """Random scene; clips of two classes that share body motion and limb take the same random numbers.

    Args:
        rng: Random state of the clip.
        subject: Who acts.
        action: Class.
        size: Width and height of the frames in pixels.
        recipe: `classes`, each with a motion of the `body`, the `limb` that shows the class, the `place` where that is
            held, its `move` and the `object` at it; nominal `setup` of the camera; and the `scene`.

    Returns:
        The scene.
    """
    settings = recipe["scene"]
    frames = int(rng.integers(settings["frames"][0], settings["frames"][1] + 1))
    camera = draw_camera(rng, settings["camera"], 0.0, recipe["setup"])
    lens = Lens(settings["image"]["focal"] * min(size), (size[0] / 2, size[1] / 2))
    acts = [draw_act(rng, subject, recipe["classes"][action], frames, "subject", recipe)]
    if rng.random() < settings["places"]["bystander"]["share"]:
        other = recipe["classes"][str(rng.choice(sorted(recipe["classes"])))]
        acts.append(draw_act(rng, draw_person(rng, settings), other, frames, "bystander", recipe))
    position = np.stack([to_camera(act.joints, camera) for act in acts])
    before = _at_foot(acts[0], position[0], lens)
    limbs = project(position[0][:, list(JOINTS.values())], lens)
    number = int(rng.integers(settings["props"]["behind"][0], settings["props"]["behind"][1] + 1))
    behind = [_draw_behind(rng, limbs, size, lens.focal / camera.distance, settings) for _ in range(number)]
    behind += [_at_foot(act, place, lens) for act, place in zip(acts[1:], position[1:], strict=True)]
    return Scene(acts, position, lens, behind, before, paint_background(rng, settings["image"] | {"size": size}))


def film(rng: np.random.Generator, scene: Scene, recipe: dict) -> Iterator[np.ndarray]:
    """Pictures of a scene without grain: BGR images, one per frame; people are dressed at random."""
    looks = [draw_look(rng) for _ in scene.acts]
    frames = scene.position.shape[1]
    performance = Performance(scene.position, [act.height for act in scene.acts], [grips(act) for act in scene.acts])
    backgrounds = (_paint(scene.background.copy(), scene.behind, frame) for frame in range(frames))
    pictures = film_before(performance, looks, scene.position, scene.lens, backgrounds)
    return (_paint(picture, [scene.before], frame) for frame, picture in enumerate(pictures))


def encode(rng: np.random.Generator, scene: Scene, recipe: dict) -> list[bytes]:
    """Pictures of a scene with grain as JPEG; each has a quality of its own, which hides what motion adds to bytes."""
    image = recipe["scene"]["image"]
    pictures = list(grain_clip(rng, film(rng, scene, recipe), image))
    qualities = rng.integers(*image["quality"], size=len(pictures)).tolist()
    pairs = zip(pictures, qualities, strict=True)
    return [
        cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes() for picture, quality in pairs
    ]


def pixels_of(scene: Scene, body: Body) -> np.ndarray:
    """The subject's joints as a data set numbers them: pixels, 0 is the centre of the first, (frame, joint, xy)."""
    return project(scene.position[0][:, [JOINTS[name] for name in body.joints]], scene.lens)


def _draw_behind(
    rng: np.random.Generator, joints: np.ndarray, size: tuple[int, int], scale: float, settings: dict
) -> Thing:
    """An object of any kind that swings in the air, away from the subject's joints, (frame, joint, xy) pixels."""
    recipe = settings["props"]
    prop = draw_prop(rng, str(rng.choice(recipe["kinds"])), recipe)
    margin = recipe["size"][1] * scale / 2
    candidates = rng.uniform(margin, np.array(size) - margin, (_CANDIDATES, 2))
    gaps = np.linalg.norm(candidates[:, None, None] - joints, axis=-1).min((1, 2))
    center = candidates[np.argmax(np.minimum(gaps, recipe["apart"] * min(size)))]
    still = Style(1.0, 1.0, np.zeros(3))
    move = settings["moves"][str(rng.choice(sorted(settings["moves"])))]
    swing = draw_swing(rng, move, len(joints), still, settings["swing"]) * [1, -1]
    path = center + swing * np.mean(settings["figure"]["height"]) * scale
    return Thing(prop, path, np.full(len(joints), scale))


def _at_foot(act: Act, position: np.ndarray, lens: Lens) -> Thing:
    """What somebody has at the acting foot; its joints are in camera space, (frame, joint, xyz)."""
    ankle = position[:, _ANKLES[act.sides[1]]]
    return Thing(act.props[1], project(ankle, lens), lens.focal / ankle[:, 2])


def _paint(image: np.ndarray, things: list[Thing], frame: int) -> np.ndarray:
    for thing in things:
        paint_prop(image, thing.prop, thing.path[frame], thing.scale[frame])
    return image
