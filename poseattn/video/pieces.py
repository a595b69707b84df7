"""Pieces of a clip: some successive frames, every so many frames, cut while the clip is decoded.

Torabi and Sigal 2017 (arXiv 1708.09522), Sec. 3: a chunk of 192 frames is 12 pieces of 16 frames.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.damage import Decoding
from poseattn.video.frames import Account, Frame, VideoError

_WHOLE = Decoding()


class Pieces:
    """Pieces of one clip, for a single pass over it; each frame is decoded once, however many pieces have it.

    Piece r begins at frame r * stride. A clip of n frames has n // stride pieces; where the last of them would go
    beyond its end, which only pieces longer than the stride do, its last frame is repeated. So it is in a clip of fewer
    frames than the stride, which has one piece: it is not a bad clip, but perhaps too short for a protocol. A piece
    that has a damaged frame is left out: it keeps its place, without images.

    Args:
        root: Folder of the data set.
        path: File or folder of the clip in it; empty if there is none.
        start: Seconds from which on frames are taken, as text (see `poseattn.video.clip_frames.clip_frames`).
        end: Seconds before which frames are taken.
        grid: `length` of a piece and `stride` between two of them (frames); `size` to which frames are squashed, an
            edge or rows and columns in pixels; and `at_least`: the frames up to which a shorter clip is prolonged by
            its last one, or None.
        decoding: How the clip is decoded.

    Raises:
        ValueError: Length or stride is below 1.
    """

    def __init__(
        self, root: Path, path: str, start: str, end: str, grid: dict[str, Any], decoding: Decoding = _WHOLE
    ) -> None:
        for key in ("length", "stride"):
            if grid[key] < 1:
                raise ValueError(f"recipe: {key} is {grid[key]} frames, expected at least 1")
        self._grid = grid
        self._source = ClipFrames(root, path, start, end, decoding, self._is_needed)

    @property
    def n_frames(self) -> int:
        """How many frames of the clip are decoded so far."""
        return self._source.n_frames

    @property
    def account(self) -> Account:
        """What became of the frames of the file, as far as it is decoded."""
        return self._source.account

    def __iter__(self) -> Iterator[Frame]:
        """Each piece with its number, and the seconds at which its first frame is shown, from the file's beginning.

        Yields:
            Images (frame, row, col, rgb) uint8, or one image (row, col, rgb) where a piece is a single frame. A piece
            that has a damaged frame is not healthy and has no image.

        Raises:
            VideoError: As for `poseattn.video.clip_frames.ClipFrames`.
        """
        length, stride = self._grid["length"], self._grid["stride"]
        waiting: list[Frame] = []  # frames from the beginning of the next piece on
        number = 0
        for frame in self._frames():
            waiting.append(frame)
            if len(waiting) >= max(length, stride):
                yield self._piece(number, waiting)
                number += 1
                del waiting[:stride]
        while len(waiting) >= stride:
            yield self._piece(number, waiting + [waiting[-1]] * (length - len(waiting)))
            number += 1
            del waiting[:stride]

    def _is_needed(self, number: int) -> bool:
        """Whether a piece has a frame, or the frame may be the last one of a clip that is prolonged."""
        return number % self._grid["stride"] < self._grid["length"] or number < (self._grid["at_least"] or 0)

    def _frames(self) -> Iterator[Frame]:
        """Squashed frames, without images where no piece has them; then the last one until the clip is prolonged."""
        last: list[Frame] = []
        for frame in squashed(self._source, self._grid["size"]):
            last = [frame]
            yield frame
        at_least = max(self._grid["at_least"] or 0, self._grid["stride"])
        yield from last * max(at_least - self.n_frames, 0)

    def _piece(self, number: int, frames: list[Frame]) -> Frame:
        length = self._grid["length"]
        healthy = all(frame.healthy for frame in frames[:length])
        images = [frame.image for frame in frames[:length]] if healthy else [None]
        image = np.stack(images) if healthy and length > 1 else images[0]
        return Frame(number, image, frames[0].time, healthy)


def draw_pieces(frames: Iterable[Frame], length: int, count: int, rng: np.random.Generator) -> list[Frame]:
    """Random pieces of a clip, which may share frames; all are equally likely, however long the clip is.

    Its length shows only at its end, so that pieces are kept and replaced on the way (algorithm R of Vitter 1985,
    ACM Transactions on Mathematical Software 11): no more frames are held than the pieces have.

    Args:
        frames: All frames of the clip.
        length: Frames of a piece.
        count: How many pieces; of a clip with fewer of them all. A piece with a damaged frame is none.
        rng: Random state of the clip.

    Returns:
        Frames of one piece after the other, each piece in order. Of a clip with fewer frames than a piece, the last one
        is repeated.

    Raises:
        VideoError: Every piece has a damaged frame.
    """
    latest: deque[Frame] = deque(maxlen=length)
    kept: list[list[Frame]] = []
    n_seen = 0
    for frame in frames:
        latest.append(frame)
        if len(latest) == length and all(one.healthy for one in latest):
            n_seen += 1
            place = len(kept) if len(kept) < count else int(rng.integers(n_seen))
            if place < count:
                kept[place : place + 1] = [list(latest)]
    if not kept:
        if len(latest) == length or not all(frame.healthy for frame in latest):
            raise VideoError(f"no {length} successive frames are healthy")
        kept = [[*latest, *repeat(latest[-1], length - len(latest))]]
    return [frame for piece in kept for frame in piece]
