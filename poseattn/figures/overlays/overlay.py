"""Overlay videos: a clip with what a model attends to drawn into every frame. VP9 in MP4, which browsers play."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from poseattn.figures.drawing.strips import light
from poseattn.video.frames import Frame
from poseattn.video.opencv import cv2

_HEIGHT, _WIDEST, _STRIP = 480, 1280, 72  # pixels of the picture and of what is below it
_COLORS = (
    (178, 114, 0),
    (0, 94, 213),
    (115, 158, 0),
    (167, 121, 204),
)  # bgr of poseattn/figures/drawing/hands.py
_DARKEST = 0.25  # share of the light that falls on a place without attention
_ANSWERS = 3  # classes that are named below the picture
_HANDS = ("main L", "main R", "second L", "second R")
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Attention(NamedTuple):
    """Where a model looked, frame by frame.

    Attributes:
        corners: Upper left corner of each hand crop (frame, hand, xy), pixels of the view; NaN if it is not there.
        spatial: p_t, weight of each hand (frame, hand).
        temporal: p', weight of each step (step); None for a model without temporal attention.
        size: Side of a crop in pixels of the view.
    """

    corners: np.ndarray
    spatial: np.ndarray
    temporal: np.ndarray | None
    size: int


def spread(weights: np.ndarray, frame: np.ndarray, n_frames: int) -> np.ndarray:
    """Weights of every frame from those of the steps: straight lines from step to step.

    Args:
        weights: Of each step (step, hand) or (step, place).
        frame: Frame number of each step (step), ascending.
        n_frames: Frames of the clip.

    Returns:
        (frame, hand) or (frame, place); sums to 1 over the second axis if the weights of each step do.
    """
    return np.stack([np.interp(np.arange(n_frames), frame, column) for column in weights.T], axis=1)


def choose_view(xy: np.ndarray, width: int, height: int) -> tuple[slice, slice]:
    """Choose the part of the image to show: all bodies in all frames, with a margin, between 3:4 and 4:3.

    Args:
        xy: Joints (..., xy), pixels; NaN where unknown.
        width: Pixels in a row of the image.
        height: Pixels in a column.

    Returns:
        Rows and columns of the image.
    """
    size = np.array((width, height))
    inside = xy[((xy >= 0) & (xy < size)).all(axis=-1)]  # neither is true of NaN
    low, high = (inside.min(axis=0), inside.max(axis=0)) if len(inside) else (np.zeros(2), size)
    extent = 1.15 * (high - low) + 0.05 * height
    extent = np.minimum(np.maximum(extent, 0.75 * extent[::-1]), size).astype(int)
    left, top = np.clip((low + high - extent) / 2, 0, size - extent).astype(int).tolist()
    return slice(top, top + int(extent[1])), slice(left, left + int(extent[0]))


def draw_hands(views: Iterable[np.ndarray], attention: Attention) -> Iterator[np.ndarray]:
    """Draw boxes around the hands, the bolder the more weight, and below the weights of hands and steps.

    Args:
        views: The part of each frame to show (row, col, bgr) uint8, one for each frame of the attention.
        attention: What to draw.

    Yields:
        Frames of equal, even size (row, col, bgr) uint8.
    """
    for number, (view, corners, weights) in enumerate(zip(views, attention.corners, attention.spatial, strict=True)):
        picture, scale = resize(view, _HEIGHT)
        for hand in np.argsort(weights).tolist():
            if np.isfinite(corners[hand]).all():
                _draw_box(picture, corners[hand] * scale, attention.size * scale, _COLORS[hand], float(weights[hand]))
        done = (number + 0.5) / len(attention.spatial)
        yield np.vstack([picture, _strip(picture.shape[1], weights, attention.temporal, done)])


def draw_places(
    frames: Iterable[Frame], location: np.ndarray, answers: Sequence[tuple[str, float]]
) -> Iterator[np.ndarray]:
    """Light every frame the brighter the more attention a place gets, and say below what the clip is taken for.

    Where the figures of the paper lay attention over in white, a video stays readable even if attention is even.

    Args:
        frames: With images (row, col, bgr) uint8; the places tile them evenly.
        location: l_t, weight of each place (frame, row, col), by the number of the frame.
        answers: Names and scores, at most 1, of the likeliest classes, the likeliest first.

    Yields:
        Frames of equal, even size (row, col, bgr) uint8.
    """
    for frame in frames:
        picture, _ = resize(frame.image, min(max(len(frame.image), _HEIGHT // 2), _HEIGHT))
        weights = location[frame.number]
        brightness = _DARKEST + (1 - _DARKEST) * light(weights, picture.shape[1::-1])
        picture = np.rint(picture * brightness[..., None]).astype(np.uint8)
        strip = np.full((_STRIP, picture.shape[1], 3), 255, np.uint8)
        for row, (name, score) in enumerate(answers[:_ANSWERS]):
            right, top = round(picture.shape[1] * score), 6 + row * 20
            cv2.rectangle(strip, (0, top), (right, top + 16), (235, 206, 135), cv2.FILLED)
            cv2.putText(strip, f"{name} {score:.2f}", (6, top + 13), _FONT, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
        done = round((frame.number + 1) / len(location) * picture.shape[1])
        cv2.rectangle(strip, (0, _STRIP - 4), (done, _STRIP), (40, 40, 40), cv2.FILLED)
        yield np.vstack([picture, strip])


def resize(view: np.ndarray, height: int) -> tuple[np.ndarray, float]:
    """A picture of about a height and of even size, but not wider than it may be.

    Args:
        view: (row, col, bgr) uint8.
        height: Pixels.

    Returns:
        The picture, and by what it was enlarged.
    """
    scale = min(height / len(view), _WIDEST / view.shape[1])
    size = tuple(max(round(side * scale / 2), 1) * 2 for side in view.shape[1::-1])
    return cv2.resize(view, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), scale


def _draw_box(picture: np.ndarray, corner: np.ndarray, size: float, color: tuple[int, int, int], weight: float) -> None:
    first, last = (tuple(np.rint(corner + shift).astype(int).tolist()) for shift in (0, size))
    thickness = 1 + round(4 * weight)
    cv2.rectangle(picture, first, last, (255, 255, 255), thickness + 2, cv2.LINE_AA)
    cv2.rectangle(picture, first, last, color, thickness, cv2.LINE_AA)


def _strip(width: int, weights: np.ndarray, temporal: np.ndarray | None, done: float) -> np.ndarray:
    """Weights of the hands as bars with numbers, below them those of the steps and where in the clip we are."""
    strip = np.full((_STRIP, width, 3), 255, np.uint8)
    for hand, (name, weight) in enumerate(zip(_HANDS, weights.tolist(), strict=True)):
        left, room = hand * width // 4 + 4, width // 4 - 8
        cv2.putText(strip, f"{name} {weight:.2f}", (left, 14), _FONT, 0.36, _COLORS[hand], 1, cv2.LINE_AA)
        cv2.rectangle(strip, (left, 19), (left + round(room * weight), 26), _COLORS[hand], cv2.FILLED)
    steps = [] if temporal is None else (temporal / temporal.max()).tolist()
    for step, height in enumerate(steps):
        left, right = (round((step + shift) * width / len(steps)) for shift in (0.1, 0.9))
        here = int(done * len(steps)) == step
        gray = (40, 40, 40) if here else (170, 170, 170)
        cv2.rectangle(strip, (left, _STRIP - 2 - round(38 * height)), (right, _STRIP - 2), gray, cv2.FILLED)
    return strip
