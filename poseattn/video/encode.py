"""Videos, written by PyAV (FFmpeg) under a temporary name, read back, and only then given their name."""

import errno
import os
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.codec.context import Flags

from poseattn.video.decode import Video
from poseattn.video.frames import VideoError

_FINEST = 100_000  # largest denominator of a frame rate


class Format(NamedTuple):
    """How a video is coded: FFmpeg's names of container, codec and pixel format, and options of the codec."""

    container: str
    codec: str
    pixels: str
    options: dict[str, str]


VP9 = Format("mp4", "libvpx-vp9", "yuv420p", {"crf": "24", "deadline": "realtime", "cpu-used": "5", "row-mt": "0"})


def write_video(path: Path, frames: Iterable[np.ndarray], fps: float, form: Format = VP9) -> None:
    """Write a video that appears complete or not at all; the same frames give the same bytes.

    Args:
        path: File to write.
        frames: Pictures of one even size (row, col, bgr) uint8, at least one.
        fps: Frames per second.
        form: How it is coded: VP9 in MP4, which browsers play, if nothing else is said.

    Raises:
        ValueError: There is no frame.
        OSError: The file cannot be written, or not be read back as it was written.
    """
    part = path.with_name(f"{path.name}.part{path.suffix}")
    try:
        with open(part, "wb") as file:
            sink = _Sink(file)
            with av.logging.Capture():  # what FFmpeg says is not for the log: errors are raised
                count = sink.checked(lambda: _encode(sink, frames, fps, form))
            file.flush()
            os.fsync(file.fileno())
        _read_back(part, path, count)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


class _Sink:
    """A file as PyAV writes it; an error of the system is kept, whatever FFmpeg makes of it."""

    def __init__(self, file: Any) -> None:
        self._file, self._error = file, None
        self.seek, self.tell = file.seek, file.tell

    def write(self, content: bytes) -> int:
        """Write all of it."""
        try:
            return self._file.write(content)
        except OSError as error:
            self._error = self._error or error
            raise

    def checked(self, work: Any) -> int:
        """Result of some work, unless the file could not be written meanwhile."""
        try:
            result = work()
        except av.FFmpegError as error:
            raise self._error or OSError(errno.EIO, f"FFmpeg cannot write the video: {error}") from error
        if self._error is not None:
            raise self._error
        return result


def _encode(sink: _Sink, frames: Iterable[np.ndarray], fps: float, form: Format) -> int:
    """Write all frames; their number."""
    count, stream = 0, None
    with av.open(sink, "w", format=form.container, container_options={"fflags": "+bitexact"}) as container:
        for image in frames:
            if stream is None:
                rate = Fraction(fps).limit_denominator(_FINEST)
                stream = container.add_stream(form.codec, rate=rate, options=form.options)
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = form.pixels
                stream.codec_context.thread_count = 1
                stream.codec_context.flags |= int(Flags.bitexact)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            picture = picture.reformat(format=form.pixels, dst_colorspace="ITU601", dst_color_range="MPEG", threads=1)
            picture.pts, picture.time_base = count, 1 / rate
            container.mux(stream.encode(picture))
            count += 1
        if stream is None:
            raise ValueError("there is no frame to write")
        container.mux(stream.encode())
    return count


def _read_back(part: Path, path: Path, count: int) -> None:
    try:
        with Video(part) as video:
            found = sum(1 for _ in video.frames([]))
    except VideoError as error:
        raise OSError(errno.EIO, f"the video was not written whole: {error}", str(path)) from error
    if found != count:
        raise OSError(errno.EIO, f"the video was not written whole: {found} of {count} frames can be read", str(path))
