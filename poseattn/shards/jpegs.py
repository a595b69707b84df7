"""Shards of kinds `jpegs` and `flow`: every frame or flow field of a clip as a JPEG file, a tenth of its pixels' size.

The rows are bytes. Those of a clip are its JPEG files one after the other and then, like the directory of a ZIP file,
an index: the length of each file, the time of each frame, and how many there are. So a clip can be written while it is
decoded, and a single frame read without the others. A frame that the decoder lost has a file of no bytes, which no
reader can take for a picture.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from poseattn.reading import system_fault
from poseattn.shards.shard import Shard, ShardError, ShardWriter
from poseattn.video.frames import Frame
from poseattn.video.opencv import cv2

HEADER: dict[str, Any] = {"kind": "jpegs", "axes": "byte", "units": "1"}
LAYOUT = "a clip: n JPEG files, <i8[n] bytes of each, <f8[n] seconds of each frame, <i8 n"
_TOGETHER = 32  # JPEG files written at once
_NUMBER = np.dtype("<i8").itemsize


class Index(NamedTuple):
    """Where the frames of a clip are: first byte of each and the one after the last (n + 1), seconds of each (n)."""

    offsets: np.ndarray
    time: np.ndarray

    @property
    def healthy(self) -> np.ndarray:
        """Which frames there are (n) uint8: 0 for a frame that the decoder lost."""
        return (np.diff(self.offsets) > 0).astype(np.uint8)


def write_clip(writer: ShardWriter, clip_id: str, frames: Iterable[Frame], quality: int) -> int:
    """Add a clip, frame by frame.

    Args:
        writer: Shard with `HEADER` and the attribute `layout`.
        clip_id: Name of the clip.
        frames: With images (row, col, rgb) or grey ones (row, col), uint8; a frame without an image is a lost one. If
            taking one fails, the shard has no such clip, and goes on.
        quality: Of the JPEG files, 1 to 100.

    Returns:
        Number of frames.
    """
    lengths, times = [], []
    waiting: list[np.ndarray] = []  # few large pieces cost less than many small ones
    try:
        for frame in frames:
            waiting.append(np.empty(0, np.uint8) if frame.image is None else _encode(frame.image, quality))
            lengths.append(len(waiting[-1]))
            times.append(frame.time)
            if len(waiting) >= _TOGETHER and any(map(len, waiting)):
                writer.extend(clip_id, np.concatenate(waiting))
                waiting.clear()
    except ValueError:
        writer.drop()
        raise
    parts = (np.array(lengths, "<i8"), np.array(times, "<f8"), np.array([len(lengths)], "<i8"))
    writer.extend(clip_id, np.concatenate([*waiting, *(part.view(np.uint8) for part in parts)]))
    writer.finish(clip_id)
    return len(lengths)


def read_index(shard: Shard, clip_id: str) -> Index:
    """Where the frames of a clip are, and when they are shown.

    Args:
        shard: Of kind `jpegs`.
        clip_id: Name of the clip.

    Returns:
        The index.

    Raises:
        ShardError: There is no such clip, or its index contradicts itself.
    """
    first, end = shard.offsets[shard.index(clip_id) :][:2].tolist()
    size = end - first
    n_frames = int(shard.part(clip_id, max(size - _NUMBER, 0), size).view("<i8")[0]) if size >= _NUMBER else -1
    begin = size - _NUMBER * (1 + 2 * n_frames)
    if n_frames < 0 or begin < 0:
        raise ShardError(f"{shard.path}: clip {clip_id!r} has no index of its frames")
    lengths, times = shard.part(clip_id, begin, size - _NUMBER).reshape(2, -1)
    offsets = np.concatenate([[0], np.cumsum(lengths.view("<i8"))])
    if offsets[-1] != begin:
        raise ShardError(f"{shard.path}: clip {clip_id!r}: its frames have {offsets[-1]} bytes, expected {begin}")
    return Index(offsets, times.view("<f8"))


def read_frame(shard: Shard, clip_id: str, index: Index, number: int) -> np.ndarray:
    """One frame of a clip.

    Args:
        shard: Of kind `jpegs`.
        clip_id: Name of the clip.
        index: What `read_index` says of it.
        number: Of the frame, from 0.

    Returns:
        Image (row, col, rgb) or, if it is grey, (row, col) uint8.

    Raises:
        ShardError: It is no JPEG file, or the frame was lost.
    """
    start, stop = index.offsets[number : number + 2].tolist()
    try:
        image = cv2.imdecode(shard.part(clip_id, start, stop), cv2.IMREAD_UNCHANGED)
    except cv2.error as error:  # no byte, or more pixels stated than any image has
        if fault := system_fault(error, shard.path):
            raise fault from error
        image = None
    if image is None or image.ndim == 3 and image.shape[-1] != 3:
        raise ShardError(f"{shard.path}: clip {clip_id!r}: frame {number} is no JPEG file")
    return image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _encode(image: np.ndarray, quality: int) -> np.ndarray:
    levels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, content = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"an image of the shape {image.shape} cannot be stored as JPEG")
    return content.reshape(-1)
