"""Objects that figures hold, as vector drawings: what an object is shows in its shape, never in its colour."""

from typing import NamedTuple

import cv2
import numpy as np

SUBPIXEL = 4  # bits after the point that OpenCV takes in polygon coordinates
HANDS_ONLY = "empty"

Patch = tuple[str, np.ndarray]


class Prop(NamedTuple):
    """One held object: its kind, longest side in metres, rotation in the image (radians) and colours by role (BGR)."""

    kind: str
    size: float
    angle: float
    colors: dict[str, tuple[int, ...]]


class Picture(NamedTuple):
    """An image, (row, col, rgb) uint8, and the kind of object in it."""

    image: np.ndarray
    kind: str


def draw_prop(rng: np.random.Generator, kind: str, recipe: dict) -> Prop:
    """Random object of a kind.

    Args:
        rng: Random state.
        kind: A key of `SHAPES`.
        recipe: Range of `size` in metres and largest `rotation` to either side in radians.

    Returns:
        The object, each colour of which is drawn without regard to the kind.

    Raises:
        ValueError: There is no drawing of that kind.
    """
    if kind not in SHAPES:
        raise ValueError(f"no drawing of an object {kind!r}; there are {', '.join(SHAPES)}")
    hue, step = rng.integers((0, 50), (180, 130)).tolist()
    strong = rng.integers((110, 130), 256, (2, 2)).tolist()  # saturation and value
    colors = {
        "main": _bgr(hue, *strong[0]),
        "trim": _bgr((hue + step) % 180, *strong[1]),
        "dark": _bgr(hue, 120, int(rng.integers(25, 70))),
        "pale": _bgr(hue, 25, 235),
    }
    return Prop(kind, rng.uniform(*recipe["size"]), rng.uniform(-1, 1) * recipe["rotation"], colors)


def paint_prop(image: np.ndarray, prop: Prop, center: np.ndarray, pixels: float) -> None:
    """Draw an object into an image.

    Args:
        image: BGR image, (row, col, 3) uint8, changed in place.
        prop: What to draw.
        center: Where, (x, y) pixels.
        pixels: Pixels per metre at that place.
    """
    sin, cos = np.sin(prop.angle), np.cos(prop.angle)
    turn = np.array([[cos, sin], [-sin, cos]]) * (prop.size * pixels * 2**SUBPIXEL)
    center = np.asarray(center) * 2**SUBPIXEL
    for role, outline in SHAPES[prop.kind]:
        points = np.rint(outline @ turn + center).astype(np.int32)
        cv2.fillPoly(image, [points], prop.colors[role], cv2.LINE_AA, SUBPIXEL)


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """Send a BGR image through JPEG, as the frames of a video go, and return it in RGB."""
    data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


def _bgr(hue: int, saturation: int, value: int) -> tuple[int, ...]:
    pixel = np.uint8([[[hue, saturation, value]]])
    return tuple(cv2.cvtColor(pixel, cv2.COLOR_HSV2BGR)[0, 0].tolist())


def _box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)])


def _arc(center: tuple[float, float], radius: float, width: float, turns: tuple[float, float]) -> np.ndarray:
    """Band of a ring between two angles (in turns); a disc where `width` is the radius."""
    angle = 2 * np.pi * np.linspace(*turns, 20)
    ray = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    band = np.concatenate([ray * radius, ray[::-1] * (radius - width)])
    return band + center


def _blob(radius: float, wave: float, lobes: int) -> np.ndarray:
    angle = 2 * np.pi * np.linspace(0, 1, 48, endpoint=False)
    distance = radius + wave * np.sin(lobes * angle)
    return np.stack([np.cos(angle) * distance, np.sin(angle) * distance], axis=-1)


def _star(outer: float, inner: float, points: int) -> np.ndarray:
    angle = np.pi * (np.arange(2 * points) / points - 0.5)
    distance = np.where(np.arange(2 * points) % 2, inner, outer)
    return np.stack([np.cos(angle) * distance, np.sin(angle) * distance], axis=-1)


def _mirrored(*patches: Patch) -> list[Patch]:
    return [(role, outline * [sign, 1]) for sign in (-1, 1) for role, outline in patches]


# Kind -> filled outlines in drawing order; x right and y down, longest side 1. Drawn at about 36 pixels.
SHAPES: dict[str, list[Patch]] = {
    "cup": [
        ("main", _arc((0.2, 0.0), 0.27, 0.1, (-0.3, 0.3))),
        ("main", np.array([(-0.42, -0.42), (0.24, -0.42), (0.16, 0.45), (-0.34, 0.45)])),
        ("dark", _arc((-0.09, -0.4), 0.33, 0.33, (0.0, 1.0)) * [1, 0.3] + [0, -0.28]),
    ],
    "banana": [
        ("main", _arc((0.0, -0.38), 0.68, 0.3, (0.03, 0.47))),
        ("trim", _arc((0.0, -0.38), 0.52, 0.06, (0.08, 0.42))),
        ("dark", _box(-0.7, -0.36, -0.44, -0.2)),
    ],
    "book": _mirrored(
        ("main", np.array([(0, -0.26), (0.56, -0.4), (0.56, 0.3), (0, 0.44)])),
        ("pale", np.array([(0.03, -0.2), (0.5, -0.33), (0.5, 0.22), (0.03, 0.35)])),
        *[
            ("dark", np.array([(0.1, y), (0.42, y - 0.09), (0.42, y - 0.03), (0.1, y + 0.06)]))
            for y in (-0.1, 0.05, 0.2)
        ],
    ),
    "pen": [
        ("main", _box(-0.62, -0.08, 0.4, 0.08)),
        ("dark", np.array([(0.4, -0.08), (0.66, 0.0), (0.4, 0.08)])),
        ("trim", _box(-0.62, -0.08, -0.34, 0.08)),
    ],
    "phone": [
        ("main", _box(-0.28, -0.52, 0.28, 0.52)),
        ("dark", _box(-0.21, -0.4, 0.21, 0.32)),
        ("pale", _arc((0.0, 0.42), 0.07, 0.07, (0.0, 1.0))),
    ],
    "cloth": [
        ("main", _blob(0.42, 0.12, 5)),
        ("trim", _blob(0.3, 0.1, 5)),
        ("main", _blob(0.17, 0.07, 5)),
    ],
    "parcel": [
        ("main", _box(-0.4, -0.34, 0.4, 0.46)),
        ("trim", _box(-0.08, -0.34, 0.08, 0.46)),
        ("trim", _box(-0.4, -0.02, 0.4, 0.14)),
        *_mirrored(("trim", np.array([(0, -0.32), (0.26, -0.54), (0.3, -0.34)]))),
    ],
    "ball": [
        ("main", _arc((0.0, 0.0), 0.45, 0.45, (0.0, 1.0))),
        ("trim", _box(-0.44, -0.09, 0.44, 0.09)),
    ],
    "key": [
        ("main", _arc((-0.32, 0.0), 0.26, 0.12, (0.0, 1.0))),
        ("main", _box(-0.08, -0.06, 0.6, 0.06)),
        ("main", _box(0.26, 0.0, 0.36, 0.24)),
        ("main", _box(0.48, 0.0, 0.6, 0.24)),
    ],
    "hammer": [
        ("trim", _box(-0.08, -0.3, 0.08, 0.6)),
        ("main", np.array([(-0.34, -0.46), (0.2, -0.46), (0.42, -0.3), (0.2, -0.18), (-0.34, -0.18)])),
    ],
    "bottle": [
        ("main", np.array([(-0.2, -0.1), (0.2, -0.1), (0.2, 0.52), (-0.2, 0.52)])),
        ("main", np.array([(-0.07, -0.4), (0.07, -0.4), (0.2, -0.08), (-0.2, -0.08)])),
        ("trim", _box(-0.2, 0.12, 0.2, 0.34)),
        ("dark", _box(-0.09, -0.54, 0.09, -0.38)),
    ],
    "star": [
        ("main", _star(0.54, 0.21, 5)),
        ("trim", _star(0.26, 0.1, 5)),
    ],
}
