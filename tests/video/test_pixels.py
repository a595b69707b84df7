"""Colours and sizes of decoded frames: stored pixels, colours as tagged, and as OpenCV showed them before."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from tests.video.rendered import X264, number_of, render, scene

_LOSSLESS = {"crf": "0", "preset": "ultrafast", "qp": "0"}
_RED_AND_BLUE = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}  # weights of a matrix (ITU-T H.273)


def _first(path: Path) -> np.ndarray:
    with Video(path) as video:
        return next(iter(video.frames())).image


@pytest.mark.parametrize(
    ("suffix", "codec", "options"),
    [
        (".mp4", "libx264", X264),
        (".mp4", "libx265", {"x265-params": "log-level=none:pools=none"}),
        (".webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
        (".webm", "libvpx", {"deadline": "realtime", "cpu-used": "8"}),
        (".avi", "mpeg4", {"flags": "+qscale", "global_quality": "236"}),
        (".mpg", "mpeg1video", {"flags": "+qscale", "global_quality": "236"}),
        (".avi", "mjpeg", {"flags": "+qscale", "global_quality": "236"}),
    ],
)
@pytest.mark.parametrize("size", [(96, 64), (98, 66)])
def test_untagged_eight_bits_are_what_opencv_shows(
    tmp_path: Path, suffix: str, codec: str, options: dict[str, str], size: tuple[int, int]
) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = render(tmp_path / f"a{suffix}", codec, 10, options, size=size, pixels=pixels)
    capture, frames = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1]), 0
    with Video(path) as video:
        for frame in video.frames():
            expected = capture.read()[1]
            assert frame.image.shape == expected.shape == (size[1], size[0], 3)
            assert np.abs(frame.image.astype(int) - expected).max() <= 2
            frames += 1
    assert frames == 10 and not capture.grab()


def _planes(
    format_name: str, levels: tuple[int, int, int], size: tuple[int, int] = (96, 64)
) -> Iterator[av.VideoFrame]:
    """Two frames of one colour, given as Y, U, V."""
    for _ in range(2):
        frame = av.VideoFrame(*size, format_name)
        for plane, level in zip(frame.planes, levels, strict=False):
            wide = "10" in format_name or "12" in format_name
            plane.update(np.full(plane.buffer_size // (1 + wide), level, "<u2" if wide else "u1").tobytes())
        yield frame


def _expected(levels: tuple[float, float, float], space: int, full: bool) -> np.ndarray:
    """Blue, green and red of a colour in Y, U, V of 8 bits."""
    luma, blue, red = levels
    luma, blue, red = (
        (luma / 255, (blue - 128) / 255, (red - 128) / 255)
        if full
        else ((luma - 16) / 219, (blue - 128) / 224, (red - 128) / 224)
    )
    of_red, of_blue = _RED_AND_BLUE[space]
    r, b = luma + 2 * (1 - of_red) * red, luma + 2 * (1 - of_blue) * blue
    g = (luma - of_red * r - of_blue * b) / (1 - of_red - of_blue)
    return np.clip(np.array([b, g, r]) * 255, 0, 255)


@pytest.mark.parametrize("space", [1, 5, 9])
@pytest.mark.parametrize("full", [False, True])
def test_matrix_and_range_are_those_that_are_tagged(tmp_path: Path, space: int, full: bool) -> None:
    levels = (120, 90, 170)
    path = render(
        tmp_path / "a.mp4", options=_LOSSLESS, frames=_planes("yuv420p", levels), space=space, range=2 if full else 1
    )
    np.testing.assert_allclose(_first(path).mean((0, 1)), _expected(levels, space, full), atol=2)


@pytest.mark.parametrize(
    ("codec", "pixels", "shift", "suffix"),
    [
        ("libx264", "yuv420p10le", 2, ".mp4"),
        ("libx264", "yuv444p", 0, ".mp4"),
        ("libx264", "yuv422p", 0, ".mp4"),
        ("libx265", "yuv420p12le", 4, ".mp4"),
        ("prores_ks", "yuv422p10le", 2, ".mov"),
        ("ffv1", "yuva420p", 0, ".mkv"),
        ("ffv1", "yuv420p", 0, ".mkv"),
    ],
)
def test_depths_and_samplings(tmp_path: Path, codec: str, pixels: str, shift: int, suffix: str) -> None:
    levels = (120, 90, 170, 255)
    coded = tuple(level << shift for level in levels)
    options = {"x265-params": "log-level=none:pools=none:lossless=1"} if codec == "libx265" else {}
    options = _LOSSLESS | {"qp": "0"} if codec == "libx264" else options
    path = render(tmp_path / f"a{suffix}", codec, options=options, pixels=pixels, frames=_planes(pixels, coded))
    np.testing.assert_allclose(_first(path).mean((0, 1)), _expected(levels[:3], 5, False), atol=3)


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "most"),
    [
        ("a.mkv", "ffv1", "gray", 2),
        ("a.mov", "png", "rgb24", 0),
        ("a.mov", "png", "rgba", 0),
        ("a.gif", "gif", "rgb8", 90),  # 3, 3 and 2 bits
        ("a.avi", "huffyuv", "yuv422p", 60),
    ],
)
def test_grey_palettes_and_rgb(tmp_path: Path, name: str, codec: str, pixels: str, most: int) -> None:
    images = [np.full((64, 96, 3), 120, np.uint8)] * 2 if pixels == "gray" else list(scene(2))
    path = render(tmp_path / name, codec, pixels=pixels, frames=images)
    image = _first(path).astype(int)
    assert np.abs(image - images[0]).max() <= most and abs(image.mean() - images[0].mean()) < 20


def test_pixels_are_never_stretched(tmp_path: Path) -> None:
    """A sample aspect ratio changes how a player shows a video, never what is stored."""
    path = render(tmp_path / "a.mp4", options=X264 | {"aspect": "2"})
    with av.open(str(path)) as container:
        assert container.streams.video[0].sample_aspect_ratio not in (None, 1)
    assert _first(path).shape == (64, 96, 3)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_pictures_are_turned_as_opencv_turns_them(tmp_path: Path, turn: int) -> None:
    path = render(tmp_path / "a.mp4", options=X264, count=3, turn=turn)
    capture = cv2.VideoCapture(str(path))
    expected = capture.read()[1]
    with Video(path) as video:
        assert (video.height, video.width) == expected.shape[:2] == ((96, 64) if turn % 180 else (64, 96))
        image = next(iter(video.frames())).image
    assert np.abs(image.astype(int) - expected).max() <= 2


def test_a_size_that_changes_is_refused(tmp_path: Path) -> None:
    small = render(tmp_path / "a.h264", options=X264, count=5, format="h264")
    large = render(tmp_path / "b.h264", options=X264, count=5, size=(128, 96), format="h264")
    (tmp_path / "c.h264").write_bytes(small.read_bytes() + large.read_bytes())
    with (
        Video(tmp_path / "c.h264") as video,
        pytest.raises(VideoError, match=r"^frame 5 has 128 x 96 pixels, .* 96 x 64$"),
    ):
        list(video.frames())


def test_an_interlaced_video_is_read_whole(tmp_path: Path) -> None:
    """OpenCV 5 shows memory that nothing was written to."""
    path = render(tmp_path / "a.mp4", options=X264 | {"x264-params": "interlaced=1", "flags": "+ildct+ilme"}, count=40)
    with Video(path) as video:
        assert [number_of(frame.image) for frame in video.frames()] == list(range(40))


def test_av1_is_read(tmp_path: Path) -> None:
    path = render(tmp_path / "a.mp4", "libsvtav1", 20, {"preset": "12", "crf": "20", "svtav1-params": "lp=1"})
    with Video(path) as video:
        assert [number_of(frame.image) for frame in video.frames()] == list(range(20))
