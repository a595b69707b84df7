"""Intact videos of odd kinds, which must be taken: turned, cut by an edit list, interlaced, packed, still, late ..."""

import os
from collections.abc import Callable
from pathlib import Path

from .remade import copied, late_sound, packed
from .render import KINDS, Kind, render

_X264, _X265, _VP9 = (KINDS[name].options for name in ("h264-mp4", "hevc-mkv", "vp9-webm"))
_LOSSLESS: dict[str, str] = {}
_ONE = {"threads": "1", "qscale": "4", "flags": "+qscale"}
_FIELDS = {"threads": "1", "qscale": "4", "flags": "+qscale+ilme+ildct"}


def _thirds(number: int) -> int:
    """20 frames at full rate, then every third only, in tenths of a frame."""
    return 10 * number if number < 20 else 200 + 30 * (number - 20)


def _shaky(number: int) -> int:
    """Times that shake by up to half a frame, as of a screen recorder, and a frame left out here and there."""
    return 10 * (number + number // 7 + number // 11) + number * 7 % 5


ENCODED = {
    "h264-alone": Kind(".h264", "libx264", _X264),
    "mpeg4-alone": Kind(".m4v", "mpeg4", KINDS["mpeg4-mp4"].options),
    "hevc10": Kind(".mp4", "libx265", _X265, pixels="yuv420p10le"),
    "h264-high10": Kind(".mp4", "libx264", _X264, pixels="yuv420p10le"),
    "h264-444": Kind(".mp4", "libx264", _X264, pixels="yuv444p"),
    "h264-422": Kind(".mov", "libx264", _X264, pixels="yuv422p"),
    "h264-gray": Kind(".mp4", "libx264", _X264, pixels="gray"),
    "h264-odd-size": Kind(".mp4", "libx264", _X264, pixels="yuv444p", size=(321, 241)),
    "h264-interlaced": Kind(".ts", "libx264", _X264 | {"flags": "+ilme+ildct", "x264-params": "tff=1"}),
    "h264-fragments": Kind(".mp4", "libx264", _X264, muxer={"movflags": "frag_keyframe+empty_moov"}),
    "h264-index-first": Kind(".mp4", "libx264", _X264, "aac", muxer={"movflags": "faststart"}),
    "h264-refresh": Kind(".mp4", "libx264", _X264 | {"x264-params": "intra-refresh=1", "bf": "0"}),
    "h264-slices": Kind(".ts", "libx264", _X264 | {"slices": "4"}),
    "h264-lossless": Kind(".mkv", "libx264", _X264 | {"qp": "0"}),
    "h264-open-gop": Kind(".mp4", "libx264", _X264 | {"x264-params": "open-gop=1", "g": "12"}),
    "h264-vfr": Kind(".mp4", "libx264", _X264, ticks=10, times=_thirds),
    "h264-vfr-mkv": Kind(".mkv", "libx264", _X264, ticks=10, times=_shaky),
    "h264-late": Kind(".mp4", "libx264", _X264, "aac", ticks=10, times=lambda number: 500 + 10 * number),
    "vp9-vfr": Kind(".webm", "libvpx-vp9", _VP9, ticks=10, times=_shaky),
    "vp9-hidden-frames": Kind(".webm", "libvpx-vp9", _VP9 | {"lag-in-frames": "25", "arnr-maxframes": "7"}),
    "vp8-alpha": Kind(".webm", "libvpx", _VP9 | {"auto-alt-ref": "0"}, pixels="yuva420p"),
    "vp8-live": Kind(".webm", "libvpx", _VP9, muxer={"live": "1"}, ticks=10, times=_shaky),
    "av1-vfr": Kind(".mp4", "libsvtav1", KINDS["av1-mp4"].options, ticks=10, times=_thirds),
    "prores": Kind(".mov", "prores_ks", _LOSSLESS, pixels="yuv422p10le"),
    "prores-alpha": Kind(".mov", "prores_ks", {"profile": "4444"}, pixels="yuva444p10le"),
    "mjpeg-odd-size": Kind(".avi", "mjpeg", _ONE, pixels="yuvj420p", size=(321, 241)),
    "gif": Kind(".gif", "gif", _LOSSLESS, pixels="rgb8"),
    "raw": Kind(".avi", "rawvideo", _LOSSLESS, pixels="bgr24"),
    "ffv1": Kind(".mkv", "ffv1", _LOSSLESS),
    "huffyuv": Kind(".avi", "huffyuv", _LOSSLESS, pixels="yuv422p"),
    "png": Kind(".mov", "png", _LOSSLESS, pixels="rgb24"),
    "flv1": Kind(".flv", "flv", _ONE),
    "msmpeg4": Kind(".avi", "msmpeg4", _ONE),
    "mpeg2-interlaced": Kind(".ts", "mpeg2video", _FIELDS, "mp2"),
    "mpeg2-mkv": Kind(".mkv", "mpeg2video", KINDS["mpeg2-vob"].options),
}
STILL = ("h264-mp4", "h264-mkv", "h264-ts", "hevc-mp4", "vp9-webm", "av1-mp4", "vp8-webm", "mpeg4-avi", "mpeg1-mpg")


def odd_videos(folder: Path, n_frames: int = 60) -> list[Path]:
    """Render all odd kinds into a folder, unless they are there."""
    paths = [render(kind, folder / f"{name}{kind.suffix}", n_frames) for name, kind in ENCODED.items()]
    for name in STILL:
        kind = KINDS[name]._replace(size=(1280, 720))
        paths.append(render(kind, folder / f"still-{name}{kind.suffix}", 30, moving=False))
    one, base = KINDS["h264-mp4"], render(KINDS["h264-mp4"], folder / "base.mp4", n_frames)
    paths.append(render(one, folder / "one-frame.mp4", 1))
    paths += [_made(folder / name, base, make) for name, make in _MADE.items()]
    flv = render(KINDS["h264-flv"], folder / "base.flv", 250)
    avi = KINDS["mpeg4-avi"]._replace(sound="", options=KINDS["mpeg4-avi"].options | {"bf": "1", "b_strategy": "0"})
    plain = render(avi, folder / "unpacked.avi", n_frames)
    made = [_made(folder / "packed.avi", plain, packed), _made(folder / "late-sound.flv", flv, late_sound)]
    return [*paths, base, plain, flv, *made]


def _made(path: Path, base: Path, make: Callable[[Path], bytes]) -> Path:
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_bytes(make(base))
        os.replace(part, path)
    return path


_MADE: dict[str, Callable[[Path], bytes]] = {
    "turned.mp4": lambda base: copied(base, "mp4", turn=90),
    "upside-down.mov": lambda base: copied(base, "mov", turn=180),
    "edit-list.mp4": lambda base: copied(base, "mp4", cut=0.6),
    "edit-list.mov": lambda base: copied(base, "mov", cut=0.6),
    "late.mkv": lambda base: copied(base, "matroska", cut=-5),
    "late.ts": lambda base: copied(base, "mpegts", cut=-5),
    "cover.mp4": lambda base: copied(base, "mp4", cover=True),
    "piped.mkv": lambda base: copied(base, "matroska", piped=True),
    "live.mkv": lambda base: copied(base, "matroska", {"live": "1"}),
    "clusters.mkv": lambda base: copied(base, "matroska", {"cluster_size_limit": "8000"}),
    "padded.ts": lambda base: copied(base, "mpegts", {"muxrate": "4000000"}),
    "bluray.m2ts": lambda base: copied(base, "mpegts", {"mpegts_m2ts_mode": "1"}),
}
