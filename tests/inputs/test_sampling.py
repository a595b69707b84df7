"""Samplers against literal loops, and the promises of test draws."""

import math

import numpy as np
import pytest

from poseattn.inputs.sampling import (
    central_frames,
    sample_consecutive,
    sample_even,
    sample_segments,
    sample_test,
    sample_training,
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


def test_even_frames_equal_the_rule_of_the_paper():
    """Interval floor(n / 8), offset one of 0 to n - 1 - 7 interval, all equally likely (Du et al. 2017)."""
    for length in (8, 15, 16, 23, 40, 663):
        interval, starts = length // 8, []
        for frames in sample_training("even", np.full(3000, length), 8, np.random.default_rng(5)):
            assert np.diff(frames).tolist() == [interval] * 7
            starts.append(frames[0])
        last = length - 1 - 7 * interval
        assert set(starts) == set(range(last + 1)) if last < 40 else max(starts) > 0.95 * last
        counts = np.bincount(starts, minlength=last + 1)
        assert last >= 40 or np.abs(counts / (3000 / (last + 1)) - 1).max() < 0.3


def test_even_test_frames_are_the_middle_of_equal_parts():
    lengths = np.array([8, 15, 18, 40, 663])
    expected = [[math.floor((k + 0.5) * n / 8) for k in range(8)] for n in lengths]
    np.testing.assert_array_equal(central_frames(lengths, 8), expected)
    np.testing.assert_array_equal(sample_test("even", list("abcde"), lengths, 8, 0, 1), expected)


def test_even_frames_of_a_clip_shorter_than_the_sequence():
    frames = sample_even(np.array([5, 1]), np.array([[0.99] * 8, [0.5] * 8]))
    assert frames[0].tolist() == [0, 0, 1, 1, 2, 3, 3, 4]
    assert frames[1].tolist() == [0] * 8


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


def test_the_middle_of_a_segment_is_that_of_exact_arithmetic():
    """(i + 1/2) / 25 of the length, rounded down; of 50 frames that is every odd one."""
    lengths = np.arange(1, 700)
    frames = sample_segments(lengths, np.full((len(lengths), 25), 0.5))
    exact = (2 * np.arange(25) + 1) * lengths[:, None] // 50
    np.testing.assert_array_equal(frames, exact)
