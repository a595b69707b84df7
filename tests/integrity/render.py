"""Videos with textured, moving pictures, in many codecs and containers, rendered by PyAV."""

import os
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

os.environ.setdefault("SVT_LOG", "1")  # errors only

SIZE = (288, 208)  # width and height in pixels
RATE = 25  # frames per second
SECONDS = 4


class Kind(NamedTuple):
    """One codec in one container.

    Attributes:
        suffix: Of the file.
        video: Encoder of the picture, as PyAV names it.
        options: Of that encoder.
        sound: Encoder of the sound; none if empty.
        pixels: Format of the pixels.
        tag: Four letters for the codec; those of the container if empty.
        size: Width and height in pixels.
        muxer: Options of the container.
        ticks: Units of time of one frame.
        times: Number of a frame -> its time in such units.
    """

    suffix: str
    video: str
    options: dict[str, str]
    sound: str = ""
    pixels: str = "yuv420p"
    tag: str = ""
    size: tuple[int, int] = SIZE
    muxer: dict[str, str] = {}
    ticks: int = 1
    times: Callable[[int], int] = int


_X264 = {"preset": "veryfast", "crf": "22", "bf": "3", "g": "50", "threads": "1"}
_X265 = {"preset": "veryfast", "crf": "24", "x265-params": "log-level=none:pools=none:frame-threads=1:keyint=50"}
_MPEG = {"qscale": "4", "flags": "+qscale", "bf": "2", "g": "15", "global_quality": str(4 * 118), "threads": "1"}
_VPX = {
    "deadline": "good",
    "cpu-used": "5",
    "crf": "18",
    "b": "2M",
    "g": "50",
    "auto-alt-ref": "1",
    "lag-in-frames": "16",
}
_VPX |= {"threads": "1"}
_SVT = {"preset": "10", "crf": "32", "g": "50", "svtav1-params": "lp=1"}
_XVID = _MPEG | {"g": "50"}

KINDS = {
    "h264-mp4": Kind(".mp4", "libx264", _X264, "aac"),
    "h264-mkv": Kind(".mkv", "libx264", _X264 | {"bf": "0"}),
    "h264-ts": Kind(".ts", "libx264", _X264, "mp2"),
    "h264-flv": Kind(".flv", "libx264", _X264, "aac"),
    "hevc-mp4": Kind(".mp4", "libx265", _X265, "aac", tag="hvc1"),
    "hevc-mkv": Kind(".mkv", "libx265", _X265),
    "vp9-webm": Kind(".webm", "libvpx-vp9", _VPX, "libopus"),
    "vp9-mp4": Kind(".mp4", "libvpx-vp9", _VPX),
    "av1-mp4": Kind(".mp4", "libsvtav1", _SVT),
    "av1-webm": Kind(".webm", "libsvtav1", _SVT, "libopus"),
    "vp8-webm": Kind(".webm", "libvpx", _VPX, "libopus"),
    "mpeg4-avi": Kind(".avi", "mpeg4", _XVID, "libmp3lame", tag="XVID"),
    "mpeg4-mp4": Kind(".mp4", "mpeg4", _MPEG | {"bf": "0"}),
    "mjpeg-avi": Kind(".avi", "mjpeg", {"qscale": "5", "flags": "+qscale", "threads": "1"}, pixels="yuvj420p"),
    "mpeg1-mpg": Kind(".mpg", "mpeg1video", _MPEG, "mp2"),
    "mpeg2-vob": Kind(".vob", "mpeg2video", _MPEG, "mp2"),
    "wmv2-wmv": Kind(".wmv", "wmv2", {"qscale": "4", "flags": "+qscale", "g": "50", "threads": "1"}),
}


def pictures(n_frames: int, size: tuple[int, int] = SIZE, seed: int = 0) -> Iterator[np.ndarray]:
    """Pictures of a textured ground that pans under textured squares, with one cut of the scene in the middle.

    Args:
        n_frames: How many.
        size: Width and height in pixels.
        seed: Of the textures.

    Yields:
        Images (row, col, rgb) uint8.
    """
    width, height = size
    grounds = [_texture(height + 96, width + 96, np.random.default_rng([seed, scene])) for scene in range(2)]
    things = [_texture(48, 48, np.random.default_rng([seed, 9, thing]), 120) for thing in range(4)]
    for number in range(n_frames):
        turn = 2 * np.pi * number / 60
        top, left = round(48 + 47 * np.sin(turn)), round(48 + 47 * np.cos(1.3 * turn))
        image = grounds[2 * number >= n_frames][top : top + height, left : left + width].copy()
        for place, thing in enumerate(things):
            row = round((height - 48) * (0.5 + 0.5 * np.sin(1.7 * turn + 1.5 * place)))
            col = round((width - 48) * (0.5 + 0.5 * np.cos(turn + 1.9 * place)))
            image[row : row + 48, col : col + 48] = thing
        yield image


def _texture(height: int, width: int, rng: np.random.Generator, middle: int = 110) -> np.ndarray:
    """Colour noise of three sizes of grain."""
    image = np.full((height, width, 3), float(middle))
    for grain, strength in ((24, 70), (6, 25), (1, 8)):
        noise = rng.uniform(-strength, strength, (height // grain + 1, width // grain + 1, 3))
        image += noise.repeat(grain, 0).repeat(grain, 1)[:height, :width]
    return image.clip(0, 255).astype(np.uint8)


def render(kind: Kind, path: Path, n_frames: int = RATE * SECONDS, moving: bool = True) -> Path:
    """Encode the pictures, with sound where the kind has any.

    Args:
        kind: Codec and container.
        path: File to write; left alone where it is there.
        n_frames: How many.
        moving: Whether the pictures move; else all are black.

    Returns:
        The file.
    """
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{os.getpid()}.part{path.suffix}")
    unit = Fraction(1, kind.ticks * RATE)  # seconds
    with av.open(str(part), "w", options=kind.muxer) as out:
        video = out.add_stream(kind.video, rate=RATE, options=kind.options)
        video.width, video.height, video.pix_fmt = *kind.size, kind.pixels
        video.codec_context.time_base = unit
        if kind.tag:
            video.codec_context.codec_tag = kind.tag
        sound = out.add_stream(kind.sound, rate=48000) if kind.sound else None
        tone = _tone(n_frames)
        for number, image in enumerate(pictures(n_frames, kind.size)):
            frame = av.VideoFrame.from_ndarray(image * moving, format="rgb24")
            frame.pts, frame.time_base = kind.times(number), unit
            out.mux(video.encode(frame))
            if sound and number % 5 == 0:
                out.mux(sound.encode(next(tone)))
        out.mux(video.encode())
        if sound:
            out.mux(sound.encode())
    os.replace(part, path)
    return path


def _tone(n_frames: int) -> Iterator[av.AudioFrame]:
    """Sound of five frames each."""
    length = 48000 * 5 // RATE
    for start in range(0, 48000 * n_frames // RATE + length, length):
        wave = 0.2 * np.sin(2 * np.pi * 440 * np.arange(start, start + length) / 48000)
        frame = av.AudioFrame.from_ndarray((32767 * wave).astype(np.int16)[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        yield frame
