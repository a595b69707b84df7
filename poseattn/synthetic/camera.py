"""Pinhole cameras around the scene: scene metres to camera metres to pixels."""

from typing import NamedTuple

import numpy as np


class Camera(NamedTuple):
    """A camera that looks at the middle of the scene, level.

    Attributes:
        yaw: Angle around the scene's vertical axis in radians; 0 looks along z.
        pan: Sideways shift of the scene in metres.
        height: Height of the lens above the floor in metres.
        distance: From the lens to the middle of the scene in metres.
    """

    yaw: float
    pan: float
    height: float
    distance: float


class Lens(NamedTuple):
    """Focal length and principal point in pixels."""

    focal: float
    center: tuple[float, float]


def lens_of(recipe: dict) -> Lens:
    """Lens of the colour camera, which looks through the middle of a picture of `size`; `focal` is in pixels."""
    width, height = recipe["size"]
    return Lens(recipe["focal"], (width / 2, height / 2))


def draw_camera(rng: np.random.Generator, recipe: dict, yaw: float, setup: dict) -> Camera:
    """Camera of one clip.

    Args:
        rng: Random state of the clip.
        recipe: Largest random change of `yaw` (radians), `height`, `distance` and `pan` (metres).
        yaw: Nominal angle in radians.
        setup: Nominal `height` and `distance` in metres.

    Returns:
        The camera.
    """
    change = {name: recipe[name] * rng.uniform(-1, 1) for name in ("yaw", "pan", "height", "distance")}
    height, distance = (setup[name] + change[name] for name in ("height", "distance"))
    return Camera(yaw + change["yaw"], change["pan"], height, distance)


def to_camera(scene: np.ndarray, camera: Camera) -> np.ndarray:
    """Positions in camera space, x right, y up, z away from the lens, metres; any shape (..., xyz)."""
    sin, cos = np.sin(camera.yaw), np.cos(camera.yaw)
    x, y, z = np.moveaxis(scene, -1, 0)
    turned = [x * cos + z * sin + camera.pan, y - camera.height, z * cos - x * sin + camera.distance]
    return np.stack(turned, axis=-1)


def project(position: np.ndarray, lens: Lens) -> np.ndarray:
    """Pixels (x right, y down) of positions in camera space, (..., xy)."""
    scale = lens.focal / position[..., 2]
    u = lens.center[0] + position[..., 0] * scale
    v = lens.center[1] - position[..., 1] * scale
    return np.stack([u, v], axis=-1)
