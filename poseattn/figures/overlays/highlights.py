"""Highlights: the moments of a whole video that a model attends to (Torabi, Sigal 2017, arXiv 1708.09522).

Weights of one chunk sum to 1, whatever is to be seen in it. To compare moments of several chunks, each weight counts
in units of what even attention would give it, times the probability that its chunk gives the class of the video: a
moment of a chunk that shows something else is no highlight, however much its chunk attends to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from poseattn.figures.overlays.overlay import resize
from poseattn.video.frames import Frame
from poseattn.video.opencv import cv2

_HEIGHT, _STRIP = 480, 76  # pixels of the picture and of what is below it
_MARKED, _PLAIN, _HERE = (115, 158, 0), (170, 170, 170), (40, 40, 40)  # bgr
_FONT = cv2.FONT_HERSHEY_SIMPLEX


class Highlight(NamedTuple):
    """Successive moments that count: the first, the one after the last, and the highest score among them."""

    first: int
    stop: int
    score: float


def compare_moments(
    weights: Float[np.ndarray, "chunk moment"],
    probability: Float[np.ndarray, " chunk"],
    rows: Int[np.ndarray, "chunk moment"],
) -> tuple[Float[np.ndarray, " row"], Float[np.ndarray, " row"]]:
    """Weights and scores of the moments of a video from those of its chunks.

    Args:
        weights: Of the moments of each chunk; they sum to 1 over these.
        probability: That each chunk gives the class of the video.
        rows: Which moment of the video each is, from 0; together they are all of them.

    Returns:
        Of each moment its weight, in units of that of even attention, and its score: that times the probability. Where
        chunks overlap, both are means.
    """
    relative = weights * weights.shape[1]
    count = np.bincount(rows.ravel())
    both = (relative, relative * probability[:, None])
    found, scores = (np.bincount(rows.ravel(), weights=values.ravel()) / count for values in both)
    return found, scores


def find_highlights(scores: Float[np.ndarray, " row"], share: float) -> list[Highlight]:
    """Moments that score at least a share of the highest score, those that follow each other as one.

    Args:
        scores: Of all moments, at least one above 0.
        share: Above 0, at most 1.

    Returns:
        The highlights in their order, at least one.

    Raises:
        ValueError: The share is out of range.
    """
    if not 0 < share <= 1:
        raise ValueError(f"share: found {share}, expected a number above 0 and at most 1")
    marked = np.concatenate([[False], scores >= share * scores.max(), [False]])
    edges = np.flatnonzero(marked[1:] != marked[:-1]).reshape(-1, 2).tolist()
    return [Highlight(first, stop, float(scores[first:stop].max())) for first, stop in edges]


def draw_timeline(
    frames: Iterable[Frame], moment: Sequence[int], scores: np.ndarray, found: Sequence[Highlight], text: str
) -> Iterator[np.ndarray]:
    """Draw the scores of all moments below every frame, and a frame around those of highlights.

    Args:
        frames: With images (row, col, bgr) uint8.
        moment: Number of the moment that each frame belongs to, by the number of the frame.
        scores: Of all moments.
        found: The highlights.
        text: What stands below the bars.

    Yields:
        Frames of equal, even size (row, col, bgr) uint8.
    """
    marked = np.zeros(len(scores), bool)
    for one in found:
        marked[one.first : one.stop] = True
    strip = None
    for frame in frames:
        here = moment[frame.number]
        picture, _ = resize(frame.image, min(max(len(frame.image), _HEIGHT // 2), _HEIGHT))
        if strip is None:
            strip = _draw_strip(picture.shape[1], scores, marked, text)
        if marked[here]:
            cv2.rectangle(picture, (3, 3), (picture.shape[1] - 4, len(picture) - 4), _MARKED, 6)
        below = strip.copy()
        middle = round((here + 0.5) * picture.shape[1] / len(scores))
        cv2.line(below, (middle, 0), (middle, _STRIP - 22), _HERE, 2)
        yield np.vstack([picture, below])


def _draw_strip(width: int, scores: np.ndarray, marked: np.ndarray, text: str) -> np.ndarray:
    """A bar for each moment, in colour for highlights, and the text below."""
    strip = np.full((_STRIP, width, 3), 255, np.uint8)
    floor = _STRIP - 22
    for number, height in enumerate((scores / scores.max()).tolist()):
        left, right = (round((number + shift) * width / len(scores)) for shift in (0, 1))
        color = _MARKED if marked[number] else _PLAIN
        top = floor - round((floor - 4) * height)
        cv2.rectangle(strip, (left, top), (max(right - 1, left), floor), color, cv2.FILLED)
    cv2.putText(strip, text, (6, _STRIP - 7), _FONT, 0.42, _HERE, 1, cv2.LINE_AA)
    return strip
