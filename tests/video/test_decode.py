"""Decoding: frames are counted, not believed."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from tests.video.rendered import Writer

# Frames that really decode, counted by hand; `stated` is what the container claims where that is another number.
REAL = {
    "ntu_rgbd/nturgb+d_rgb/S001C001P001R001A001_rgb.avi": {"frames": 103, "width": 1920},
    "ucf101/UCF-101/Basketball/v_Basketball_g01_c01.avi": {"frames": 141, "width": 320},
    "ucf11/UCF11_updated_mpg/biking/v_biking_01/v_biking_01_01.mpg": {"frames": 151, "width": 320, "stated": 150},
    "hmdb51/hmdb51_org/wave/RATRACE_wave_f_nm_np1_fr_goo_37.avi": {"frames": 72, "width": 560, "stated": 73},
    "jhmdb/ReCompress_Videos/catch/Goal_Keeping_Tips_catch_f_cm_np1_fr_med_2.avi": {
        "frames": 40,
        "width": 320,
        "stated": 48,
    },
    "activitynet/videos/v_ZNVhz7ctTq0.mp4": {"frames": 420, "width": 480},
}


def _write(path: Path, n_frames: int) -> Path:
    """Flat frames of 96 x 64 pixels; frame i has blue 40, green 10 i, red 200."""
    writer = Writer(path, "MJPG", 25, (96, 64))
    for number in range(n_frames):
        writer.write(np.full((64, 96, 3), (40, 10 * number, 200), np.uint8))
    writer.release()
    return path


def _cut(path: Path, share: float) -> Path:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    return path


def test_frames_come_in_order_and_as_bgr(tmp_path: Path) -> None:
    with Video(_write(tmp_path / "a.avi", 12)) as video:
        images = [frame.image for frame in video.frames()]
        assert (video.fps, video.width, video.height) == (25, 96, 64)
    assert len(images) == 12
    for number, image in enumerate(images):
        assert image.shape == (64, 96, 3)
        np.testing.assert_allclose(image.mean((0, 1)), (40, 10 * number, 200), atol=4)


def test_only_wanted_frames_are_converted_and_all_are_counted(tmp_path: Path) -> None:
    with Video(_write(tmp_path / "a.avi", 12)) as video:
        images = [frame.image for frame in video.frames([False, True, False, True])]
    assert len(images) == 12
    assert [number for number, image in enumerate(images) if image is not None] == [1, 3]
    assert images[3][:, :, 1].mean() == pytest.approx(30, abs=4)
    with Video(tmp_path / "a.avi") as video:
        images = [frame.image for frame in video.frames(lambda number, time: number % 5 == 1 and time > 0.1)]
    assert [number for number, image in enumerate(images) if image is not None] == [6, 11]


def _no_frame(path: Path) -> Path:
    content = bytearray(_write(path, 3).read_bytes())
    start = content.index(b"movi") + 4
    content[start:] = bytes(len(content) - start)
    path.write_bytes(content)
    return path


def _text(path: Path) -> Path:
    path.write_text("frame one, frame two, frame three\n" * 50)
    return path


def _empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.parent, r".* is a folder, expected a file"),
        (_empty, "the file is empty"),
        (_text, "no video that FFmpeg can open: .*"),
        (_no_frame, "no frame of it can be decoded|no video that FFmpeg can open: .*"),
        (lambda path: _cut(_write(path, 12), 0.6), r"the file is cut off after \d+ of \d+ bytes"),
        (lambda path: _cut(_write(path, 12), 0.999), r"the file is cut off after \d+ of \d+ bytes"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(make: object, reason: str, tmp_path: Path) -> None:
    path = make(tmp_path / "a.avi")
    with pytest.raises(VideoError, match=f"^({reason})$"), Video(path) as video:
        list(video.frames())


def test_a_cut_mp4_is_refused_where_its_index_comes_first(tmp_path: Path) -> None:
    """With the index behind the frames, where it usually is, a cut file cannot be opened at all."""
    writer = Writer(tmp_path / "a.mp4", "mp4v", 25, (96, 64))
    for number in range(12):
        writer.write(np.full((64, 96, 3), 20 * number, np.uint8))
    writer.release()
    content = (tmp_path / "a.mp4").read_bytes()
    with Video(tmp_path / "a.mp4") as video:
        assert len(list(video.frames([]))) == 12
    media = content.index(b"mdat") - 4
    wide = content[:media] + (1).to_bytes(4, "big") + b"mdat" + (len(content) + 99).to_bytes(8, "big") + bytes(50)
    cut = content[:media] + (len(content) - media + 1).to_bytes(4, "big") + content[media + 4 :]
    for number, damaged in enumerate((cut, wide)):
        (tmp_path / f"{number}.mp4").write_bytes(damaged)
        with pytest.raises(VideoError, match=r"^the file is cut off after \d+ of \d+ bytes$"):
            Video(tmp_path / f"{number}.mp4")


def test_a_header_that_states_no_size_is_believed(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.avi", 12)
    content = bytearray(path.read_bytes())
    content[4:8] = bytes(4)
    path.write_bytes(content)
    with Video(path) as video:
        assert len(list(video.frames([]))) == 12


def test_missing_system_libraries_are_named(tmp_path: Path) -> None:
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open shared object file')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import poseattn.video.decode"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stderr.splitlines()[-1].startswith(
        "OSError: OpenCV needs libGL and glib: apt-get install libgl1 libglib2.0-0"
    )


@pytest.mark.data
@pytest.mark.parametrize("name", REAL)
def test_real_files_have_as_many_frames_as_decode(samples: Path, name: str) -> None:
    expected = REAL[name]
    capture = cv2.VideoCapture(str(samples / name))
    assert capture.get(cv2.CAP_PROP_FRAME_COUNT) == expected.get("stated", expected["frames"])
    with Video(samples / name) as video:
        assert video.width == expected["width"]
        assert len(list(video.frames([]))) == expected["frames"]


def test_an_mkv_that_lacks_bytes_is_refused_and_one_of_unknown_length_is_not(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a.mkv", "MJPG", 25, (96, 64))
    for number in range(12):
        writer.write(np.full((64, 96, 3), 20 * number, np.uint8))
    writer.release()
    content = (tmp_path / "a.mkv").read_bytes()
    with Video(tmp_path / "a.mkv") as video:
        assert len(list(video.frames([]))) == 12
    (tmp_path / "cut.mkv").write_bytes(content[:-1])
    message = f"^the file is cut off after {len(content) - 1} of {len(content)} bytes$"
    with pytest.raises(VideoError, match=message):
        Video(tmp_path / "cut.mkv")
    segment = content.index(b"\x18\x53\x80\x67") + 4
    (tmp_path / "live.mkv").write_bytes(content[:segment] + b"\x01" + b"\xff" * 7 + content[segment + 8 :])
    with Video(tmp_path / "live.mkv") as video:
        assert len(list(video.frames([]))) == 12


@pytest.mark.data
def test_a_real_video_cut_by_one_byte_or_one_frame_is_noticed(samples: Path, tmp_path: Path) -> None:
    content = (samples / "ntu_rgbd/nturgb+d_rgb/S001C001P001R001A001_rgb.avi").read_bytes()
    for missing in (1, 4000):
        (tmp_path / "cut.avi").write_bytes(content[:-missing])
        with pytest.raises(VideoError, match="cut off"):
            Video(tmp_path / "cut.avi")


@pytest.mark.data
@pytest.mark.parametrize("name", ["R6llTwEh07w.mp4", "WUzgd7C1pWA.mp4", "abseiling_k400.mp4"])
def test_a_real_mp4_cut_in_the_middle_is_noticed(samples: Path, tmp_path: Path, name: str) -> None:
    content = (samples / "kinetics_extra" / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(VideoError, match="cut off|no video that FFmpeg can open: .*"):
        Video(tmp_path / name)


@pytest.mark.data
def test_a_damaged_real_video_decodes_the_same_on_any_machine(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.avi"
    content = bytearray((samples / "ntu_rgbd/nturgb+d_rgb/S001C001P001R001A001_rgb.avi").read_bytes())
    for position in np.random.default_rng(0).integers(20_000, len(content) - 60_000, 12):
        content[position] ^= 0xFF
    path.write_bytes(content)
    digests = []
    for _ in range(2):
        with Video(path, most_damaged=1.0) as video:
            frames = [(frame.healthy, frame.image is not None and frame.image.sum()) for frame in video.frames()]
        digests.append(frames)
    assert digests[0] == digests[1] and not all(healthy for healthy, _ in digests[0])


def test_a_file_that_is_not_there_is_no_bad_video(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Video(tmp_path / "gone.avi")
