"""Stand-in for NTU RGB+D in its genuine layout: names, AVI videos, skeleton text, list of clips without skeletons.

Every clip is drawn from a random state of its own, seeded by its numbers, so that it is the same in whatever order or
process it is made. Whatever does not belong to the action is drawn without regard to it.
"""

import itertools
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from poseattn.synthetic import scene, sensor
from poseattn.synthetic.avi import write_avi
from poseattn.synthetic.camera import draw_camera, lens_of, to_camera
from poseattn.synthetic.figure import pose_joints
from poseattn.synthetic.motion import stand
from poseattn.synthetic.performance import Performance, draw_person, perform
from poseattn.synthetic.sensor import Track

VIDEOS, SKELETONS = "nturgb+d_rgb", "nturgb+d_skeletons"
MISSING = "NTU_RGBD_samples_with_missing_skeletons.txt"
ENTRIES = (VIDEOS, SKELETONS, MISSING)
_PERSON, _LIST = 1, 2  # random states that belong to no clip


class Clip(NamedTuple):
    """Numbers of a clip, in the order of its name, and whether it is listed as lacking a usable skeleton."""

    setup: int
    camera: int
    subject: int
    repetition: int
    action: int
    listed: bool = False

    @property
    def numbers(self) -> tuple[int, ...]:
        """Set-up, camera, subject, repetition and action."""
        return self[:5]

    @property
    def name(self) -> str:
        """Name as in the data set, such as `S001C002P003R002A013`."""
        return "".join(f"{letter}{number:03d}" for letter, number in zip("SCPRA", self.numbers, strict=True))


def list_clips(recipe: dict) -> list[Clip]:
    """All clips: every subject, in the set-up of that subject, does every action in every repetition for every camera.

    Args:
        recipe: `seed`, number of `missing` skeletons, and the `grid`: `setups` (each with its `subjects`), `cameras`,
            `repetitions`, `actions`; keys are numbers as text.

    Returns:
        The clips, sorted.
    """
    grid = recipe["grid"]
    actors = [(int(setup), subject) for setup, content in grid["setups"].items() for subject in content["subjects"]]
    others = itertools.product(actors, map(int, grid["cameras"]), grid["repetitions"], map(int, grid["actions"]))
    clips = sorted(Clip(setup, camera, subject, take, action) for (setup, subject), camera, take, action in others)
    rng = np.random.default_rng([recipe["seed"], _LIST])
    chosen = set(rng.choice(len(clips), min(recipe["missing"], len(clips) // 8), replace=False).tolist())
    return [clip._replace(listed=index in chosen) for index, clip in enumerate(clips)]


def finish(root: Path, clips: list[Clip], recipe: dict) -> None:
    """Write the list of clips that have no or an incomplete skeleton file."""
    (root / MISSING).write_text(missing_list([clip.name for clip in clips if clip.listed]), encoding="utf-8")


def missing_list(names: list[str]) -> str:
    """Text of the list: two lines of prose, an empty line, the names."""
    return (
        f'{len(names)} of the captured samples in this stand-in of the "NTU RGB+D" dataset have missing or incomplete '
        "skeleton data.\nIf you are working on skeleton-based analysis, please ignore these files in your training and "
        "testing procedures.\n\n" + "".join(f"{name}\n" for name in names)
    )


def write_clip(root: Path, clip: Clip, recipe: dict) -> None:
    """Draw one clip and write its video and its skeleton file.

    Args:
        root: Folder of the data set.
        clip: Which one. A listed one gets no skeleton file, or one in which no frame has a body.
        recipe: The whole recipe: `seed`, `frames`, `grid`, `quirks`, `scene`.
    """
    for folder in (VIDEOS, SKELETONS):
        (root / folder).mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([recipe["seed"], *clip.numbers])
    settings, quirks = recipe["scene"], recipe["quirks"]
    frames = int(rng.integers(recipe["frames"][0], recipe["frames"][1] + 1))
    uneven = int(rng.choice([-1, 1])) if rng.random() < quirks["uneven"] else 0
    performance, position = _draw_clip(rng, clip, recipe, frames + 1)
    _write_video(root / VIDEOS / f"{clip.name}_rgb.avi", rng, performance, position[:, : frames + uneven], settings)
    tracks = _tracks(rng, position[:, :frames], settings, quirks)
    line_end = "\r\n" if rng.random() < quirks["crlf"] else "\n"
    if clip.listed:
        tracks = [track._replace(present=np.zeros(frames, bool)) for track in tracks]
    if not clip.listed or rng.random() < 0.5:
        path = root / SKELETONS / f"{clip.name}.skeleton"
        path.write_bytes(skeleton_text(tracks).replace("\n", line_end).encode())


def skeleton_text(tracks: list[Track]) -> str:
    """Content of a `.skeleton` file: frames, bodies of each, ten numbers a body, 25 joints of twelve numbers."""
    frames = len(tracks[0].present)
    lines = [str(frames)]
    joint = " ".join(["%.7g"] * 11) + " %d"
    body = "%s 0 1 1 1 1 0 %.7g %.7g 2\n25\n" + "\n".join([joint] * 25)
    for frame in range(frames):
        listed = [track for track in tracks if track.present[frame]]
        lines.append(str(len(listed)))
        for track in listed:
            numbers = track.joints[frame]
            leaning = numbers[20, [0, 2]] - numbers[0, [0, 2]]
            lines.append(body % (track.body_id, *leaning.tolist(), *numbers.ravel().tolist()))
    return "\n".join(lines).replace("nan", "NaN") + "\n"


def _draw_clip(rng: np.random.Generator, clip: Clip, recipe: dict, frames: int) -> tuple[Performance, np.ndarray]:
    """A clip's performance, and its joints as the clip's camera has them: metres, (person, frame, joint, xyz).

    As in the data set, subjects turn to one side in the first repetition and to the other in the second; here the
    camera goes round them instead.
    """
    settings, grid = recipe["scene"], recipe["grid"]
    subject = draw_person(np.random.default_rng([recipe["seed"], _PERSON, clip.subject]), settings)
    performance = perform(rng, grid["actions"][str(clip.action)], subject, frames, settings)
    if rng.random() < recipe["quirks"]["third_person"]:
        performance = _add_third(rng, performance, settings)
    turn = recipe["quirks"]["turn"] * (1.5 - clip.repetition)
    yaw = np.radians(grid["cameras"][str(clip.camera)] + turn)
    camera = draw_camera(rng, settings["camera"], yaw, grid["setups"][str(clip.setup)])
    return performance, to_camera(performance.joints, camera)


def _add_third(rng: np.random.Generator, performance: Performance, recipe: dict) -> Performance:
    """Somebody far behind the others who does nothing."""
    person = draw_person(rng, recipe)
    frames = performance.joints.shape[1]
    ground = np.array([rng.uniform(-1.5, 1.5), 0, rng.uniform(0.9, 1.4)])
    joints = pose_joints(person.body, stand(rng, frames, ground, rng.uniform(-1, 1), recipe["stand"]))
    empty = [None] * frames
    return Performance(
        np.concatenate([performance.joints, joints[None]]),
        [*performance.heights, person.body["height"]],
        [*performance.grips, (empty, empty)],
    )


def _write_video(
    path: Path, rng: np.random.Generator, performance: Performance, position: np.ndarray, recipe: dict
) -> None:
    image = recipe["image"]
    background = scene.paint_background(rng, image)
    looks = [scene.draw_look(rng) for _ in performance.heights]
    options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*image["quality"]))]  # so that sizes vary between clips
    encoded = []
    for picture in scene.film(performance, looks, position, lens_of(image), background):
        picture = scene.add_grain(picture, rng, image["grain"])
        encoded.append(cv2.imencode(".jpg", picture, options)[1].tobytes())
    write_avi(path, encoded, tuple(image["size"]), image["fps"])


def _tracks(rng: np.random.Generator, position: np.ndarray, recipe: dict, quirks: dict) -> list[Track]:
    """Tracks of all people and perhaps of a ghost, in random order."""
    lens = lens_of(recipe["image"])
    tracks = [sensor.measure(rng, person, lens, recipe["sensor"]) for person in position]
    if rng.random() < quirks["no_colour"]:
        tracks = [sensor.lose_colour(rng, track, quirks["no_colour_share"]) for track in tracks]
    if rng.random() < quirks["ghost"]:
        tracks.append(sensor.measure_ghost(rng, position.shape[1], lens, recipe["ghost"]))
    if rng.random() < quirks["no_body"]:
        tracks = sensor.hide_frames(rng, tracks, quirks["no_body_frames"])
    return sensor.shuffle(rng, tracks)
