"""Frames for people to see: a lost one says so, and a steady rate goes by time stamps."""

from pathlib import Path

import cv2
import numpy as np

from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY
from poseattn.video.frames import Frame
from poseattn.video.shown import shown_frames, steady
from tests.frames import lose


def _at(*times: float) -> list[Frame]:
    return [Frame(number, None, time, healthy=True) for number, time in enumerate(times)]


def _shown(frames: list[Frame], fps: float) -> list[int]:
    return [frame.number for frame in steady(frames, fps)]


def test_a_steady_video_is_shown_frame_by_frame() -> None:
    for begin in (0.0, 2.0, 17.3):
        assert _shown(_at(*(begin + number / 29.97 for number in range(90))), 29.97) == list(range(90))
        rounded = _at(*(begin + round(number / 29.97, 3) for number in range(90)))
        assert _shown(rounded, 29.97) == list(range(90))


def test_a_frame_is_shown_until_the_next_one_comes() -> None:
    """At 10 ticks a second: frame 1 from tick 1 to 4; frames 3 and 4 are gone before a tick comes, frame 5 is not."""
    assert _shown(_at(0, 0.1, 0.5, 0.601, 0.602, 0.603, 0.7), 10.0) == [0, 1, 1, 1, 1, 2, 5, 6]
    assert _shown(_at(3.0), 25.0) == [0] and _shown([], 25.0) == []


def test_every_tick_shows_the_frame_of_its_time() -> None:
    """A literal loop over ticks; half a tick is rounding."""
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.005, 0.2, 60)).tolist()
    found = _shown(_at(*times), 30.0)
    for tick, number in enumerate(found):
        begun = [frame for frame, time in enumerate(times) if (time - times[0]) * 30 < tick + 0.5]
        assert number == begun[-1] or tick == len(found) - 1
    assert found[-1] == 59


def test_a_lost_frame_is_a_plain_picture_that_says_so(tmp_path: Path) -> None:
    writer = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 64))
    for number in range(6):
        writer.write(np.full((64, 160, 3), 40 * number, np.uint8))
    writer.release()
    lose(tmp_path / "a.avi", {2})
    frames = list(shown_frames(ClipFrames(tmp_path, "a.avi", decoding=ANY)))
    assert [frame.number for frame in frames] == list(range(6)) and not frames[2].healthy
    levels = [int(np.median(frame.image)) for frame in frames]
    assert levels == [0, 40, 160, 120, 160, 200] or np.allclose(levels, [0, 40, 160, 120, 160, 200], atol=2)
    assert frames[2].image.shape == (64, 160, 3) and (frames[2].image < 100).any() and not (frames[2].image < 30).any()
