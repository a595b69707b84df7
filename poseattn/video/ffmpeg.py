"""How FFmpeg is set up for a video: which track is decoded, by which decoder, and which files it never opens."""

import ctypes
from functools import cache
from typing import Any

import av

from poseattn.video.frames import VideoError

# FFmpeg's own decoders of VP8 and VP9 do not see where the data of a picture is damaged; libvpx does.
_BETTER = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
# Options by which a decoder compares more: of HEVC the hash of each picture, where the encoder wrote one.
CHECKS = {"hevc": {"err_detect": "crccheck"}}
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_KEPT = 1 << 25  # bytes, the most that glibc takes; a picture of 4K video has 25 MB
TEXT_BYTES = 64  # of a file, which say whether it is one of these texts
_TEXTS = {
    b"#extm3u": "a playlist (m3u8)",
    b"ffconcat": "a list of videos (ffconcat)",
    b"v=0": "a session description (sdp)",
    b"[playlist]": "a playlist",
    b"[reference]": "a playlist",
    b"<": "an XML text",
}
_COVERS = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


def main_track(container: Any) -> Any:
    """Return the default video track of a file; a cover picture is none.

    Args:
        container: Of PyAV.

    Returns:
        The track.

    Raises:
        VideoError: The file has no video track, or FFmpeg has no decoder for it.
    """
    best = container.streams.best("video")
    tracks = [track for track in container.streams.video if not track.disposition & _COVERS]
    if not tracks:
        raise VideoError("no video track in the file")
    track = best if best in tracks else tracks[0]
    if track.codec_context is None:
        av.logging.set_level(av.logging.INFO)  # else FFmpeg says nothing about it
        codec = container.dumps_format().partition("Video: ")[2].partition(",")[0]
        av.logging.set_level(av.logging.ERROR)
        raise VideoError(f"FFmpeg has no decoder for its codec {codec}: encode it again, for example as H.264")
    return track


def decoder_of(context: Any) -> Any:
    """Return the decoder of a track, or another one of the same codec that sees more damage.

    Args:
        context: Decoder that FFmpeg takes by default.

    Returns:
        The decoder to use.

    Raises:
        OSError: This build of FFmpeg lacks it.
    """
    name = _BETTER.get(context.codec.canonical_name)
    if name is None or context.format is None or context.format.components[0].bits > 8:
        return context
    try:
        return av.CodecContext.create(name, "r")
    except av.codec.codec.UnknownCodecError as error:
        raise OSError(f"this PyAV has no {name}: install its wheel, pip install --only-binary :all: av") from error


@cache
def keep_freed_memory() -> None:
    """Let the C library keep the memory of a picture for the next picture, if it is glibc.

    Else it returns the memory to the system after each picture, and half of the time goes into getting it back.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for parameter in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            mallopt(parameter, _KEPT)


def kind_of_text(head: bytes) -> str:
    """Tell whether a file is a text that names videos, none of which is opened.

    Args:
        head: Its first `TEXT_BYTES` bytes.

    Returns:
        What it is; empty if it is something else.
    """
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for mark, kind in _TEXTS.items() if begin.startswith(mark)), "")
