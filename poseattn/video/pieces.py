"""Pieces of a clip: some successive frames, every so many frames, cut while the clip is decoded.

Torabi and Sigal 2017 (arXiv 1708.09522), Sec. 3: a chunk of 192 frames is 12 pieces of 16 frames.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from poseattn.video.clip_frames import some_frames, squash


class Pieces:
    """Pieces of one clip, for a single pass over it; each frame is decoded once, however many pieces have it.

    Piece r begins at frame r * stride. A clip of n frames has n // stride pieces; where the last of them would go
    beyond its end, which only pieces longer than the stride do, its last frame is repeated. So it is in a clip of fewer
    frames than the stride, which has one piece: it is not a bad clip, but perhaps too short for a protocol.

    Args:
        root: Folder of the data set.
        path: File or folder of the clip in it; empty if there is none.
        start: Seconds from which on frames are taken, as text (see `poseattn.video.clip_frames.clip_frames`).
        end: Seconds before which frames are taken.
        grid: `length` of a piece and `stride` between two of them (frames); `size` to which frames are squashed, an
            edge or rows and columns in pixels; and `at_least`: the frames up to which a shorter clip is prolonged by
            its last one, or None.

    Attributes:
        n_frames: How many frames of the clip are decoded so far.

    Raises:
        ValueError: Length or stride is below 1.
    """

    n_frames: int

    def __init__(self, root: Path, path: str, start: str, end: str, grid: dict[str, Any]) -> None:
        for key in ("length", "stride"):
            if grid[key] < 1:
                raise ValueError(f"recipe: {key} is {grid[key]} frames, expected at least 1")
        self._grid, self.n_frames = grid, 0
        self._source = some_frames(root, path, start, end, self._is_needed)

    def __iter__(self) -> Iterator[tuple[np.ndarray, float]]:
        """Each piece and the seconds at which its first frame is shown, counted from the beginning of the file.

        Yields:
            Images (frame, row, col, rgb) uint8, or one image (row, col, rgb) where a piece is a single frame.

        Raises:
            VideoError: As for `poseattn.video.clip_frames.clip_frames`.
        """
        length, stride = self._grid["length"], self._grid["stride"]
        waiting: list[tuple[np.ndarray | None, float]] = []  # frames from the beginning of the next piece on
        for frame in self._frames():
            waiting.append(frame)
            if len(waiting) >= max(length, stride):
                yield self._piece(waiting)
                del waiting[:stride]
        while len(waiting) >= stride:
            yield self._piece(waiting + [waiting[-1]] * (length - len(waiting)))
            del waiting[:stride]

    def _is_needed(self, number: int) -> bool:
        """Whether a piece has a frame, or the frame may be the last one of a clip that is prolonged."""
        return number % self._grid["stride"] < self._grid["length"] or number < (self._grid["at_least"] or 0)

    def _frames(self) -> Iterator[tuple[np.ndarray | None, float]]:
        """Squashed frames, None for those that no piece has; then the last one as often as the clip is prolonged."""
        image, time = None, 0.0
        for image, time in self._source:
            self.n_frames += 1
            image = image if image is None else squash(image, self._grid["size"])
            yield image, time
        at_least = max(self._grid["at_least"] or 0, self._grid["stride"])
        yield from repeat((image, time), max(at_least - self.n_frames, 0))

    def _piece(self, frames: list[tuple[np.ndarray | None, float]]) -> tuple[np.ndarray, float]:
        length, time = self._grid["length"], frames[0][1]
        images = [image for image, _ in frames[:length]]
        return (np.stack(images) if length > 1 else images[0]), time


def draw_pieces(
    frames: Iterable[tuple[np.ndarray, float]], length: int, count: int, rng: np.random.Generator
) -> list[tuple[np.ndarray, float]]:
    """Random pieces of a clip, which may share frames; all are equally likely, however long the clip is.

    Its length shows only at its end, so that pieces are kept and replaced on the way (algorithm R of Vitter 1985,
    ACM Transactions on Mathematical Software 11): no more frames are held than the pieces have.

    Args:
        frames: All frames of the clip, each (row, col, rgb) uint8 or in any other form, and their times in seconds.
        length: Frames of a piece.
        count: How many pieces; of a clip with fewer of them all.
        rng: Random state of the clip.

    Returns:
        Frames of one piece after the other, each piece in order. Of a clip with fewer frames than a piece, the last one
        is repeated.
    """
    latest: deque[tuple[np.ndarray, float]] = deque(maxlen=length)
    kept: list[list[tuple[np.ndarray, float]]] = []
    n_seen = 0
    for frame in frames:
        latest.append(frame)
        if len(latest) == length:
            n_seen += 1
            place = len(kept) if len(kept) < count else int(rng.integers(n_seen))
            if place < count:
                kept[place : place + 1] = [list(latest)]
    if not kept:
        kept = [[*latest, *repeat(latest[-1], length - len(latest))]]
    return [frame for piece in kept for frame in piece]
