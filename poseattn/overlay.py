"""Overlay videos: a clip with what a model attends to drawn into every frame. VP9 in MP4, which browsers play."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.video import cv2

_HEIGHT, _STRIP = 480, 72  # pixels of the picture and of what is below it
_COLORS = ((178, 114, 0), (0, 94, 213), (115, 158, 0), (167, 121, 204))  # those of poseattn/figures.py, bgr
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
        weights: (step, hand).
        frame: Frame number of each step (step), ascending.
        n_frames: Frames of the clip.

    Returns:
        (frame, hand); sums to 1 over the hands if the weights of each step do.
    """
    return np.stack([np.interp(np.arange(n_frames), frame, hand) for hand in weights.T], axis=1)


def draw_overlay(views: Iterable[np.ndarray], attention: Attention) -> Iterator[np.ndarray]:
    """Draw boxes around the hands, the bolder the more weight, and below the weights of hands and steps.

    Args:
        views: The part of each frame to show (row, col, bgr) uint8, one for each frame of the attention.
        attention: What to draw.

    Yields:
        Frames of equal, even size (row, col, bgr) uint8.
    """
    for number, (view, corners, weights) in enumerate(zip(views, attention.corners, attention.spatial, strict=True)):
        scale = _HEIGHT / len(view)
        width = round(view.shape[1] * scale / 2) * 2
        picture = cv2.resize(view, (width, _HEIGHT), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        for hand in np.argsort(weights).tolist():
            if np.isfinite(corners[hand]).all():
                _draw_box(picture, corners[hand] * scale, attention.size * scale, _COLORS[hand], float(weights[hand]))
        yield np.vstack([picture, _strip(width, weights, attention.temporal, (number + 0.5) / len(attention.spatial))])


def write_mp4(path: Path, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write a video that appears complete or not at all; the same frames give the same bytes.

    Args:
        path: File to write.
        frames: Pictures of one even size (row, col, bgr) uint8.
        fps: Frames per second.

    Raises:
        OSError: This OpenCV cannot write VP9, or the file cannot be written.
    """
    part = path.with_name(path.name + ".part.mp4")
    writer = None
    try:
        for frame in frames:
            if writer is None:
                writer = cv2.VideoWriter(
                    str(part), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"vp09"), fps, frame.shape[1::-1]
                )
            if not writer.isOpened():
                raise OSError(f"{path}: OpenCV {cv2.__version__} cannot write this video as VP9 in MP4")
            writer.write(frame)
        if writer is not None:
            writer.release()
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


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
