"""Frames of toy clips, as decoders give them."""

from collections.abc import Collection, Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from poseattn.shards.jpegs import read_frame, read_index
from poseattn.shards.shard import Shard
from poseattn.video.frames import Frame


def as_frames(images: Iterable[np.ndarray | None], fps: float = 25) -> Iterator[Frame]:
    """Images in their order as frames at a steady rate; None for a lost one."""
    for number, image in enumerate(images):
        yield Frame(number, image, number / fps, image is not None)


def stored_frames(shard: Shard, clip_id: str) -> Iterator[Frame]:
    """All frames of a clip in order, as `poseattn.video.clip_frames.squashed` gives them."""
    index = read_index(shard, clip_id)
    for number, (time, healthy) in enumerate(zip(index.time.tolist(), index.healthy.tolist(), strict=True)):
        yield Frame(number, read_frame(shard, clip_id, index, number) if healthy else None, time, bool(healthy))


def lose(path: Path, numbers: Collection[int]) -> None:
    """Overwrite some frames of an AVI file with zeros, as a disk does that lost its sectors."""
    content = bytearray(path.read_bytes())
    at, number = content.index(b"movi") + 4, 0
    while content[at : at + 4] == b"00dc":
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if number in numbers:
            content[at + 8 : at + 8 + length] = bytes(length)
        at, number = at + 8 + length + length % 2, number + 1
    assert number > max(numbers)
    path.write_bytes(content)


def write_at(path: Path, times: list[int], number_format: str = "mp4", late: int = 0) -> Path:
    """Frames at given milliseconds, perhaps so much later than the sound."""
    with av.open(path, "w", format=number_format) as container:
        stream = container.add_stream("mjpeg", rate=30, options={"qmax": "2"})
        stream.pix_fmt = "yuvj420p"
        stream.width, stream.height, stream.codec_context.time_base = 96, 64, Fraction(1, 1000)
        if late:
            sound = container.add_stream("aac", rate=48000, layout="mono")
            for number in range(2 * late // 20):
                samples = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), "fltp", "mono")
                samples.sample_rate, samples.pts, samples.time_base = 48000, 960 * number, Fraction(1, 48000)
                container.mux(sound.encode(samples))
            container.mux(sound.encode(None))
        for number, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((64, 96, 3), 6 * number, np.uint8), "bgr24")
            frame.pts, frame.time_base = late + time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
