"""Samplers against literal loops, and the promises of test draws."""

import math

import numpy as np
import pytest

from poseattn.sampling import (
    Timeline,
    resample,
    sample_consecutive,
    sample_segments,
    sample_test,
    sample_training,
    scoring_windows,
    training_windows,
    validation_windows,
)

LENGTHS = np.array([1, 3, 19, 20, 21, 40, 73, 300])


def test_segments_equal_a_literal_loop():
    uniform = np.random.default_rng(0).random((len(LENGTHS), 20))
    frames = sample_segments(LENGTHS, uniform)
    for clip, length in enumerate(LENGTHS):
        for segment in range(20):
            first, end = segment * length / 20, (segment + 1) * length / 20
            assert frames[clip, segment] == math.floor(first + uniform[clip, segment] * (end - first))


def test_segments_of_forty_frames_hold_two_frames_each():
    rng = np.random.default_rng(1)
    drawn = np.concatenate([sample_training("segments", np.array([40]), 20, rng) for _ in range(300)])
    for segment in range(20):
        assert set(drawn[:, segment]) == {2 * segment, 2 * segment + 1}


def test_segments_take_every_frame_equally_often():
    frames = sample_training("segments", np.full(4000, 27), 20, np.random.default_rng(2))
    counts = np.bincount(frames.ravel(), minlength=27)
    assert np.abs(counts / (4000 * 20 / 27) - 1).max() < 0.06


def test_numbers_next_to_one_stay_inside_the_clip():
    nearly = np.full((len(LENGTHS), 20), np.nextafter(1, 0))
    assert (sample_segments(LENGTHS, nearly) < LENGTHS[:, None]).all()
    assert (sample_consecutive(LENGTHS, nearly) < LENGTHS[:, None]).all()


def test_short_clips_repeat_frames_in_order():
    for sampling in ("segments", "consecutive"):
        frames = sample_training(sampling, np.array([7]), 20, np.random.default_rng(3))[0]
        assert (np.diff(frames) >= 0).all()
        assert set(frames) == set(range(7))


def test_consecutive_frames_follow_each_other_from_every_start():
    starts = set()
    for frames in sample_training("consecutive", np.full(500, 23), 20, np.random.default_rng(4)):
        assert frames.tolist() == list(range(frames[0], frames[0] + 20))
        starts.add(frames[0])
    assert starts == {0, 1, 2, 3}


def test_consecutive_test_draws_start_evenly_spread():
    starts = [sample_test("consecutive", ["clip"], np.array([60]), 20, draw, 5)[0, 0] for draw in range(5)]
    assert starts == [0, 10, 20, 30, 40]
    assert sample_test("consecutive", ["clip"], np.array([60]), 20, 0, 1)[0, 0] == 20


def test_draws_of_a_clip_depend_on_nothing_but_its_name_and_length():
    together = sample_test("segments", ["a", "b", "c"], np.array([70, 55, 70]), 20, 2, 5)
    reversed_order = sample_test("segments", ["c", "b"], np.array([70, 55]), 20, 2, 5)
    assert (together[[2, 1]] == reversed_order).all()
    assert (together[0] != together[2]).any()


def test_draws_of_a_clip_differ():
    draws = {sample_test("segments", ["a"], np.array([200]), 20, draw, 5).tobytes() for draw in range(5)}
    assert len(draws) == 5


def test_draws_are_the_same_on_every_machine():
    """Computed by hand from the first eight bytes of SHAKE-256 of "a 0"."""
    import hashlib

    first = int.from_bytes(hashlib.shake_256(b"a 0").digest(8), "little") >> 11
    assert sample_test("segments", ["a"], np.array([2000]), 20, 0, 5)[0, 0] == first * 100 // 2**53


@pytest.mark.parametrize("sampling", ["segments", "consecutive"])
def test_no_clips_give_no_frames(sampling):
    assert sample_test(sampling, [], np.array([], dtype=np.int64), 20, 0, 5).shape == (0, 20)


def _times(length: int, fps: float) -> np.ndarray:
    return np.arange(length) / fps


def test_six_frames_a_second_of_thirty_are_every_fifth() -> None:
    assert resample(_times(150, 30), 6).tolist() == list(range(0, 150, 5))
    assert resample(_times(30, 6), 6).tolist() == list(range(30))
    assert resample(_times(150, 30), None).tolist() == list(range(150))


@pytest.mark.parametrize(("fps", "rate", "length"), [(25, 30, 201), (23.976, 30, 100), (29.97, 30, 151), (30, 6, 72)])
def test_resampling_takes_the_nearest_frame(fps: float, rate: float, length: int) -> None:
    time = _times(length, fps)
    frames = resample(time, rate)
    assert len(frames) == round(length / fps * rate)
    for tick, frame in enumerate(frames):
        assert abs(time[frame] - tick / rate) <= np.abs(time - tick / rate).min() + 1e-6


def test_short_and_shifted_clips_can_be_resampled() -> None:
    assert resample(np.array([0.0]), 6).tolist() == [0]
    assert resample(np.array([3.0, 3.04]), 6).tolist() == [0]
    assert resample(7.5 + _times(60, 30), 30).tolist() == list(range(60))


WINDOWS = {"sampling": "windows", "frames": 4, "rate": 10.0, "training_stride": 3, "test_stride": 2}
LINE = Timeline(["a", "b", "c"], np.array([10, 3, 4]), [_times(10, 10), _times(3, 10), _times(4, 10)])


def test_windows_slide_and_short_clips_repeat_their_last_frame() -> None:
    found = scoring_windows(WINDOWS, LINE, np.array([0, 1, 2]))
    assert found.clips.tolist() == [0, 0, 0, 0, 1, 2]
    expected = [[0, 1, 2, 3], [2, 3, 4, 5], [4, 5, 6, 7], [6, 7, 8, 9], [0, 1, 2, 2], [0, 1, 2, 3]]
    assert found.frames.tolist() == expected
    assert validation_windows(WINDOWS, LINE, np.array([0])).frames[:, 0].tolist() == [0, 3, 6]


def test_an_epoch_has_every_window_once_in_random_order() -> None:
    drawn = training_windows(WINDOWS, LINE, np.array([0, 2]), np.random.default_rng(0))
    found = sorted(zip(drawn.clips.tolist(), drawn.frames[:, 0].tolist(), strict=True))
    assert found == [(0, 0), (0, 3), (0, 6), (2, 0)]
    orders = {
        tuple(training_windows(WINDOWS, LINE, np.array([0, 2]), np.random.default_rng(seed)).frames[:, 0])
        for seed in range(9)
    }
    assert len(orders) > 1


def test_six_frames_a_second_are_windows_of_a_sparser_clip() -> None:
    """A clip of 150 frames at 6 fps has the windows of its every-fifth-frame copy."""
    run = WINDOWS | {"rate": 6.0, "frames": 30}
    dense = scoring_windows(run, Timeline(["a"], np.array([150]), [_times(150, 30)]), np.array([0]))
    sparse = scoring_windows(run, Timeline(["a"], np.array([30]), [_times(30, 6)]), np.array([0]))
    assert (dense.frames == 5 * sparse.frames).all()


def test_no_clips_have_no_windows() -> None:
    none = scoring_windows(WINDOWS, LINE, np.array([], int))
    assert none.frames.shape == (0, 4) and none.clips.shape == (0,)
