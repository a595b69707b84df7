"""Squashed frames: both sides, nothing cut off, RGB, every frame once with its time, or a part of them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from poseattn.video.clip_frames import ClipFrames, squash, squashed
from poseattn.video.damage import Decoding
from poseattn.video.decode import Video
from poseattn.video.frames import Frame, VideoError
from tests.frames import lose, write_at
from tests.video.rendered import Writer, number_of, remux, render


def _write(path: Path, n_frames: int, fps: float = 25) -> Path:
    """Flat frames of 96 x 64 pixels; frame i has blue 40, green 4 i, red 200."""
    writer = Writer(path, "MJPG", fps, (96, 64))
    for number in range(n_frames):
        writer.write(np.full((64, 96, 3), (40, 4 * number, 200), np.uint8))
    writer.release()
    return path


def squashed_frames(root: Path, path: str, size: int, start: str = "", end: str = "") -> Iterator[Frame]:
    return squashed(ClipFrames(root, path, start, end), size)


def test_areas_are_averaged_where_a_side_shrinks() -> None:
    image = np.random.default_rng(0).integers(0, 256, (12, 30, 3), np.uint8)
    found = squash(image, 6)
    blocks = image[:, :, ::-1].reshape(6, 2, 6, 5, 3).mean((1, 3))
    assert found.shape == (6, 6, 3) and found.dtype == np.uint8
    np.testing.assert_allclose(found, blocks, atol=0.51)


def test_each_side_is_resized_for_itself() -> None:
    """Wide and low: columns are averaged over areas although rows grow, so no column goes unseen."""
    image = np.zeros((2, 40, 3), np.uint8)
    image[:, ::10] = 200
    found = squash(image, 4)
    np.testing.assert_allclose(found, 20, atol=1)


def test_rows_and_columns_are_asked_for_in_this_order() -> None:
    image = np.random.default_rng(0).integers(0, 256, (12, 30, 3), np.uint8)
    found = squash(image, [4, 15])
    blocks = image[:, :, ::-1].reshape(4, 3, 15, 2, 3).mean((1, 3))
    np.testing.assert_allclose(found, blocks, atol=0.51)
    assert squash(image, [24, 10]).shape == (24, 10, 3)


def test_small_images_are_interpolated_linearly() -> None:
    image = np.repeat(np.array([[0, 100]], np.uint8)[..., None], 3, axis=2)
    assert squash(image, 4)[0, :, 0].tolist() == [0, 25, 75, 100]


def test_an_image_of_the_right_size_only_changes_its_colour_order() -> None:
    image = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    np.testing.assert_array_equal(squash(image, 8), image[:, :, ::-1])


def test_nothing_is_cut_off() -> None:
    image = np.zeros((100, 300, 3), np.uint8)
    image[:20, :60] = (255, 0, 0)
    image[-20:, -60:] = (0, 0, 255)
    found = squash(image, 50)
    np.testing.assert_array_equal(found[0, 0], (0, 0, 255))
    np.testing.assert_array_equal(found[-1, -1], (255, 0, 0))


def test_every_frame_with_its_time(tmp_path: Path) -> None:
    _write(tmp_path / "a.avi", 12)
    found = list(squashed_frames(tmp_path, "a.avi", 32))
    assert [frame.time for frame in found] == [number / 25 for number in range(12)]
    for number, frame in enumerate(found):
        assert frame.number == number and frame.healthy and frame.image.shape == (32, 32, 3)
        np.testing.assert_allclose(frame.image.mean((0, 1)), (200, 4 * number, 40), atol=4)


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [
        ("", "", range(30)),
        ("0", "", range(30)),
        ("0.4", "", range(10, 30)),
        ("", "0.4", range(10)),
        ("0.39", "0.41", range(10, 11)),
        ("0.2", "99", range(5, 30)),
    ],
)
def test_a_part_begins_with_its_first_frame_and_ends_before_its_end(
    tmp_path: Path, start: str, end: str, frames: range
) -> None:
    _write(tmp_path / "a.avi", 30)
    found = list(squashed_frames(tmp_path, "a.avi", 8, start, end))
    np.testing.assert_allclose([frame.time for frame in found], [number / 25 for number in frames])
    assert [frame.number for frame in found] == list(range(len(frames)))
    levels = [frame.image[..., 1].mean() for frame in found]
    np.testing.assert_allclose(levels, [4 * number for number in frames], atol=4)


def test_frames_that_nobody_wants_are_counted_from_the_first_of_the_part(tmp_path: Path) -> None:
    _write(tmp_path / "a.avi", 20)
    whole = list(ClipFrames(tmp_path, "a.avi", "0.2", "0.6"))
    found = list(ClipFrames(tmp_path, "a.avi", "0.2", "0.6", wanted={0, 3}.__contains__))
    assert [frame.time for frame in found] == [frame.time for frame in whole]
    assert [frame.number for frame in found if frame.image is not None] == [0, 3]
    np.testing.assert_array_equal(found[3].image, whole[3].image)


def test_times_that_are_multiples_of_a_third_of_a_second_cut_nothing_twice(tmp_path: Path) -> None:
    """0.7 s of 30 frames a second is frame 21, whatever the floats say."""
    _write(tmp_path / "a.avi", 40, fps=30)
    cuts = [f"{number / 10}" for number in range(11)]
    parts = [len(list(squashed_frames(tmp_path, "a.avi", 8, *pair))) for pair in zip(cuts, cuts[1:], strict=False)]
    assert parts == [3] * 10


@pytest.mark.parametrize(
    ("path", "start", "end", "reason"),
    [
        ("", "", "", "no video"),
        ("a.avi", "soon", "", "start is 'soon', expected seconds"),
        ("a.avi", "", "1:30", "end is '1:30', expected seconds"),
        ("a.avi", "7", "", "no frame from 7 s to its end, the last that was decoded is shown at 0.44 s"),
        ("a.avi", "0.3", "0.2", "no frame from 0.3 s to 0.2, .*"),
    ],
)
def test_what_cannot_be_had_is_told(tmp_path: Path, path: str, start: str, end: str, reason: str) -> None:
    _write(tmp_path / "a.avi", 12)
    with pytest.raises(VideoError, match=f"^{reason}$"):
        list(squashed_frames(tmp_path, path, 8, start, end))


def test_cuts_go_by_time_stamps_where_the_rate_varies(tmp_path: Path) -> None:
    """Frames every 33 ms, then every 100 ms: from 1 to 2 s these are frames 24 to 33, and the last is at 2.567 s."""
    times = [*(round(1000 * number / 30) for number in range(21)), *(767 + 100 * number for number in range(19))]
    write_at(tmp_path / "a.mp4", times)
    whole = list(ClipFrames(tmp_path, "a.mp4"))
    np.testing.assert_allclose([frame.time for frame in whole], np.array(times) / 1000, atol=1e-3)
    assert whole[-1].time == pytest.approx(2.567, abs=1e-3)
    part = list(ClipFrames(tmp_path, "a.mp4", "1.0", "2.0"))
    assert [int(frame.image.mean() / 6 + 0.5) for frame in part] == list(range(24, 34))
    assert [frame.time for frame in part] == [frame.time for frame in whole[24:34]]


def test_seconds_count_from_the_beginning_of_the_file(tmp_path: Path) -> None:
    """The picture begins 2 s after the sound: 2.5 to 3 s are its frames 13 to 24."""
    write_at(tmp_path / "a.mp4", [40 * number for number in range(40)], late=2000)
    part = list(ClipFrames(tmp_path, "a.mp4", "2.5", "3.0"))
    assert [int(frame.image.mean() / 6 + 0.5) for frame in part] == list(range(13, 25))
    assert part[0].time == pytest.approx(2.52, abs=1e-3) and [frame.number for frame in part] == list(range(12))


def test_time_stamps_in_milliseconds_cut_as_the_times_that_they_stand_for(tmp_path: Path) -> None:
    """Matroska rounds 1/30 s to 33 ms: a part that begins at 1/30 s begins with frame 1 all the same."""
    write_at(tmp_path / "a.mkv", [round(1000 * number / 30) for number in range(30)], "matroska")
    for first, last in ((1, 4), (7, 8), (2, 29)):
        part = list(ClipFrames(tmp_path, "a.mkv", f"{first / 30:.7f}", f"{last / 30:.7f}"))
        assert [int(frame.image.mean() / 6 + 0.5) for frame in part] == list(range(first, last))


def test_lost_frames_of_a_part_are_its_own(tmp_path: Path) -> None:
    _write(tmp_path / "a.avi", 50)
    lose(tmp_path / "a.avi", (3, 20, 21))
    assert [frame.number for frame in ClipFrames(tmp_path, "a.avi", "0.4", "0.8")] == list(range(10))  # 10 to 19
    with pytest.raises(VideoError, match="^frames 20 to 21 cannot be decoded: 2 of 10 from 0.8 s to 1.2$"):
        list(ClipFrames(tmp_path, "a.avi", "0.8", "1.2"))
    part = list(ClipFrames(tmp_path, "a.avi", "0.8", "1.2", Decoding(0.2)))
    assert [frame.number for frame in part if not frame.healthy] == [0, 1] and len(part) == 10
    with pytest.raises(VideoError, match="^frames 20 to 21 cannot be decoded: 2 of 2 from 0.8 s to 0.88$"):
        list(ClipFrames(tmp_path, "a.avi", "0.8", "0.88", Decoding(1.0)))
    wanted = ClipFrames(tmp_path, "a.avi", "0.8", "1.2", Decoding(0.2), {1, 2, 5}.__contains__)
    assert [frame.number for frame in wanted if frame.image is not None] == [2, 5]


@pytest.mark.parametrize(
    ("start", "end", "frames"),
    [
        ("0", "3", range(74)),  # a part with one jump
        ("3", "4", range(74, 99)),  # none, after a jump
        ("4", "6", range(99, 148)),  # one, and one before
        ("5.5", "", range(136, 200)),  # to the end of the file
    ],
)
@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "mpeg4"), ("a.webm", "libvpx-vp9")])
def test_frames_that_the_camera_left_out_cost_no_part(
    tmp_path: Path, name: str, codec: str, start: str, end: str, frames: range
) -> None:
    """The file is good as a whole: four jumps of its time stamps say that its rate varies."""
    times = [40 * (number + sum(number >= left_out for left_out in (50, 120, 160, 180))) for number in range(200)]
    options = {"deadline": "realtime", "cpu-used": "8"} if codec == "libvpx-vp9" else {}
    render(tmp_path / name, codec, 200, options, times)
    assert len(list(ClipFrames(tmp_path, name))) == 200
    part = ClipFrames(tmp_path, name, start, end)
    found = list(part)
    assert [number_of(frame.image) for frame in found] == list(frames)
    np.testing.assert_allclose([frame.time for frame in found], [times[number] / 1000 for number in frames], atol=2e-3)
    assert part.account.damaged == 0


def test_a_verdict_on_the_rate_of_a_video_waits_for_its_end(tmp_path: Path) -> None:
    render(tmp_path / "whole.mkv", "mpeg4", 40, gop=1)
    remux(tmp_path / "whole.mkv", tmp_path / "a.mkv", lambda number: number != 18)
    said = r"^1 of 40 frames are missing: the time stamps jump \(`damaged: keep` takes the others\)$"
    with pytest.raises(VideoError, match=said):
        list(ClipFrames(tmp_path, "a.mkv"))
    with Video(tmp_path / "a.mkv", 1.0) as video:
        frames = video.frames([])
        assert [next(frames).number for _ in range(30)] == list(range(30))
        frames.close()
        assert video.account.damaged == 0
    part = ClipFrames(tmp_path, "a.mkv", "0.4", "1.2")
    found = list(part)
    assert [number_of(frame.image) for frame in found] == [*range(10, 18), *range(19, 30)]
    np.testing.assert_allclose([frame.time for frame in found], [n / 25 for n in range(10, 30) if n != 18], atol=2e-3)


@pytest.mark.parametrize("n_frames", [1, 2])
def test_frames_that_are_minutes_apart_are_refused(tmp_path: Path, n_frames: int) -> None:
    times = [0, 30_000, *(90_000 * number for number in range(2, 2 + n_frames))]
    write_at(tmp_path / "a.mkv", times, "matroska")
    with pytest.raises(VideoError, match="^frame 2 is shown at 180 s, expected at least one a minute$"):
        list(ClipFrames(tmp_path, "a.mkv"))


@pytest.mark.data
def test_real_variable_rates_and_late_starts(samples: Path) -> None:
    """Every frame of a real video at its own time, which ascends."""
    times = [frame.time for frame in ClipFrames(samples, "activitynet/videos/v_ZNVhz7ctTq0.mp4")]
    assert len(times) == 420 and (np.diff(times) > 0).all() and times[-1] == pytest.approx(419 / 30, abs=0.01)
