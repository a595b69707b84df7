"""Small videos in many codecs and containers, rendered for tests; every frame shows its number."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

X264 = {"crf": "18", "preset": "veryfast"}
_BARS = 8


def scene(count: int, width: int = 96, height: int = 64) -> Iterator[np.ndarray]:
    """Frames (row, col, bgr) whose lower half shows their number as eight bars, over a pattern that moves."""
    rows, cols = np.mgrid[:height, :width]
    for number in range(count):
        image = np.stack([cols * 2 + number, rows * 3, cols + rows + 5 * number], axis=-1) % 200 + 20
        for bar in range(_BARS):
            level = 235 if number >> bar & 1 else 16
            image[height // 2 :, bar * width // _BARS : (bar + 1) * width // _BARS] = level
        yield image.astype(np.uint8)


def number_of(image: np.ndarray) -> int:
    """The number that a frame shows."""
    height, width = image.shape[:2]
    bars = image[height // 2 + 4 : height - 4].reshape(-1, _BARS, width // _BARS, 3)[:, :, 3:-3].mean(axis=(0, 2, 3))
    return sum(1 << bar for bar, level in enumerate(bars) if level > 125)


def render(
    path: Path,
    codec: str = "libx264",
    count: int = 30,
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    **more: Any,
) -> Path:
    """Write a video.

    Args:
        path: File to write; its suffix says the container unless `format` does.
        codec: FFmpeg's name of the encoder.
        count: Frames.
        options: Of the encoder.
        times: Milliseconds at which the frames are shown; 25 a second if none are given.
        more: `format`, `container_options`, `pixels`, `size`, `gop`, `frames`, `range`, `space`, `turn` (degrees).

    Returns:
        The file.
    """
    width, height = more.get("size", (96, 64))
    with av.open(
        str(path), "w", format=more.get("format"), container_options=more.get("container_options", {})
    ) as container:
        stream = container.add_stream(codec, rate=more.get("rate", 25), options=options or {})
        stream.width, stream.height, stream.pix_fmt = width, height, more.get("pixels", "yuv420p")
        stream.codec_context.thread_count = 1
        stream.codec_context.gop_size = more.get("gop", 12)
        stream.codec_context.color_range = more.get("range", 0)
        stream.codec_context.colorspace = more.get("space", 2)
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if "turn" in more:
            stream.set_display_rotation(more["turn"])
        for number, image in enumerate(more.get("frames", scene(count, width, height))):
            picture = image if isinstance(image, av.VideoFrame) else av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts = number if times is None else times[number]
            if times is not None:
                picture.time_base = Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def remux(path: Path, out: Path, kept: Any = lambda number: True, **more: Any) -> Path:
    """Copy the packets of a video that are to be kept, without decoding them.

    Args:
        path: The video.
        out: File to write.
        kept: Whether packet i is kept, in the order of the file.
        more: `format` of the new file.

    Returns:
        The new file.
    """
    with av.open(str(path)) as source, av.open(str(out), "w", format=more.get("format")) as container:
        track = container.add_stream_from_template(source.streams.video[0], opaque=True)
        for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.size):
            if kept(number):
                packet.stream = track
                container.mux(packet)
    return out


_CODECS = {
    "MJPG": ("mjpeg", "yuvj420p"),
    "FFV1": ("ffv1", "bgr0"),
    "mp4v": ("mpeg4", "yuv420p"),
    "MPG1": ("mpeg1video", "yuv420p"),
    "VP80": ("libvpx", "yuv420p"),
}


class Writer:
    """A small video, written picture by picture.

    Args:
        path: File to write.
        codec: A key of `_CODECS`.
        fps: Frames per second.
        size: Width and height, pixels.
    """

    def __init__(self, path: Path | str, codec: str, fps: float, size: tuple[int, int]) -> None:
        encoder, pixels = _CODECS[codec]
        self._container = av.open(str(path), "w")
        options = {"flags": "+qscale", "global_quality": "236"} if encoder != "ffv1" else {}
        self._stream = self._container.add_stream(encoder, rate=Fraction(fps).limit_denominator(1001), options=options)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt, self._stream.codec_context.thread_count = pixels, 1
        self._count = 0

    def write(self, image: np.ndarray) -> None:
        """Add a picture (row, col, bgr) uint8."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
        picture.pts, self._count = self._count, self._count + 1
        self._container.mux(self._stream.encode(picture))

    def release(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode())
        self._container.close()
