"""What a player shows of a file, by plain PyAV, and whether a damage is visible."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np

LEVELS = 16  # change of a block on average from which on it is visible
_FORMATS = ("yuv420p", "yuvj420p")


class Change(NamedTuple):
    """What a damage does to what is shown: frames that are missing, and numbers of frames with a changed block."""

    lost: int
    changed: tuple[int, ...]

    @property
    def is_visible(self) -> bool:
        """Whether a frame is lost or a shown one changed."""
        return self.lost > 0 or bool(self.changed)


def shown(path: Path, most: int | None = None) -> Iterator[np.ndarray]:
    """Decode a file as players do: errors are concealed or skipped.

    Args:
        path: The file.
        most: How many frames at most.

    Yields:
        Luma and colour of each frame: planes one below the other, (3 / 2 rows, col) uint8, as most files have them;
        of odd sizes (plane, row, col) uint8.
    """
    number = 0
    try:
        with av.logging.Capture(), av.open(str(path), metadata_errors="replace") as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            for packet in _packets(container, stream):
                for frame in _decoded(packet):
                    if number == most:
                        return
                    yield frame.to_ndarray(format=_format(frame))
                    number += 1
    except (av.FFmpegError, IndexError, ValueError):
        return  # no video at all


def _format(frame: av.VideoFrame) -> str:
    if frame.width % 2 or frame.height % 4:
        return "yuv444p"
    return frame.format.name if frame.format.name in _FORMATS else _FORMATS[0]


def _packets(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.Packet]:
    """All packets; errors between them are skipped."""
    for _ in range(100):
        try:
            yield from container.demux(stream)
            return
        except (av.FFmpegError, IndexError):  # IndexError: of PyAV, where a stream turns up on the way
            continue


def _decoded(packet: av.Packet) -> list[av.VideoFrame]:
    try:
        return packet.decode()
    except av.FFmpegError:
        return []


def change(intact: list[np.ndarray], damaged: Path) -> Change:
    """Compare what two files show, frame by frame.

    Args:
        intact: Frames of the intact file.
        damaged: The damaged file.

    Returns:
        What has changed. Frames are the same by their number, as a video without gaps numbers them.
    """
    changed, count = [], 0
    for number, frame in enumerate(shown(damaged, len(intact))):
        if _differs(frame, intact[number]):
            changed.append(number)
        count += 1
    return Change(len(intact) - count, tuple(changed))


def _differs(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether a block of 16 x 16 shown pixels differs by more than the levels on average, in luma or colour."""
    if one.shape != other.shape:
        return True
    apart = cv2.absdiff(one, other)
    if not apart.any():
        return False
    if apart.ndim == 3:
        return any(_strongest(plane, 16) > LEVELS for plane in apart)
    height = one.shape[0] * 2 // 3
    colours = apart[height:].reshape(2, -1, one.shape[1] // 2)
    return _strongest(apart[:height], 16) > LEVELS or any(_strongest(plane, 8) > LEVELS for plane in colours)


def _strongest(apart: np.ndarray, size: int) -> float:
    """Largest mean of a whole square block."""
    rows, cols = (length // size for length in apart.shape)
    blocks = apart[: rows * size, : cols * size].reshape(rows, size, cols, size)
    return float(blocks.sum((1, 3), dtype=np.uint32).max(initial=0)) / size**2
