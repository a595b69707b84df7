"""Windows at a fixed rate: by hand, and against the frames that are really nearest."""

import numpy as np
import pytest

from poseattn.inputs.windows import (
    Timeline,
    Windows,
    covering_windows,
    mirror_some,
    resample,
    scoring_windows,
    training_windows,
    validation_windows,
)


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


def test_windows_side_by_side_cover_a_clip_and_the_last_one_ends_with_it() -> None:
    assert covering_windows(WINDOWS, LINE, 0).frames.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert covering_windows(WINDOWS, LINE, 0).clips.tolist() == [0, 0, 0]
    assert covering_windows(WINDOWS, LINE, 1).frames.tolist() == [[0, 1, 2, 2]]
    assert covering_windows(WINDOWS, LINE, 2).frames.tolist() == [[0, 1, 2, 3]]
    assert covering_windows(WINDOWS | {"rate": 5.0, "frames": 3}, LINE, 0).frames.tolist() == [[0, 2, 4], [4, 6, 8]]


def test_half_of_the_windows_come_from_the_mirrored_twin() -> None:
    windows = Windows(np.arange(1000) % 4, np.zeros((1000, 3), np.int64))
    found = mirror_some(windows, np.array([4, 5, 2, 3]), np.random.default_rng(0))  # clips 2 and 3 have no twin
    assert (np.where(found.clips > 3, found.clips - 4, found.clips) == windows.clips).all()
    assert 210 < (found.clips > 3).sum() < 290  # a half of 500
    assert mirror_some(windows, None, np.random.default_rng(0)) is windows


def test_an_epoch_of_so_many_batches_draws_clips_with_replacement() -> None:
    """500 clips of 10: about 50 each, in an order of its own, and frames that lie in the clip."""
    run = {"sampling": "consecutive", "frames": 2, "iterations": 100, "batch": 5}
    line, clips = Timeline(list("abcdefghijkl"), np.arange(3, 15), []), np.arange(2, 12)
    drawn = training_windows(run, line, clips, np.random.default_rng(0))
    counts = np.bincount(drawn.clips, minlength=12)
    assert counts.sum() == 500 and not counts[:2].any() and 25 < counts[2:].min() and counts[2:].max() < 80
    assert (np.diff(drawn.clips) < 0).mean() > 0.3 and (drawn.clips[1:] == drawn.clips[:-1]).any()
    assert drawn.frames.shape == (500, 2) and (drawn.frames < line.length[drawn.clips][:, None]).all()
    again = training_windows(run, line, clips, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn.clips, again.clips)


@pytest.mark.parametrize("run", [WINDOWS, WINDOWS | {"rate": 4.0}, WINDOWS | {"rate": None}])
def test_windows_take_the_nearest_healthy_frame_of_the_clip(run: dict) -> None:
    """Frame for frame those of the whole clip, each damaged one replaced; the earlier of two equally near ones."""
    healthy = [np.array([0, 1, 1, 0, 0, 1, 1, 1, 0, 1]), None, np.array([1, 0, 0, 1])]
    line, clips = LINE._replace(healthy=healthy), np.array([0, 1, 2])

    def replaced(windows: Windows) -> list[list[int]]:
        rows = []
        for clip, frames in zip(windows.clips.tolist(), windows.frames.tolist(), strict=True):
            good = range(LINE.length[clip]) if healthy[clip] is None else np.flatnonzero(healthy[clip]).tolist()
            rows.append([min(good, key=lambda one: (abs(one - frame), one)) for frame in frames])  # noqa: B023
        return rows

    found, plain = scoring_windows(run, line, clips), scoring_windows(run, LINE, clips)
    assert found.frames.tolist() == replaced(plain) and (found.clips == plain.clips).all()
    found, plain = (training_windows(run, one, clips, np.random.default_rng(3)) for one in (line, LINE))
    assert found.frames.tolist() == replaced(plain)
    for clip in clips.tolist():
        assert covering_windows(run, line, clip).frames.tolist() == replaced(covering_windows(run, LINE, clip))


def test_sub_sequences_of_all_kinds_are_drawn_of_healthy_rows() -> None:
    healthy = [np.array([0, 1, 1, 0, 0, 1, 1, 1, 0, 1]), None, np.array([1, 0, 0, 1])]
    line, clips = LINE._replace(healthy=healthy), np.array([2, 0, 0, 1])
    for sampling in ("segments", "consecutive", "even"):
        run = {"sampling": sampling, "frames": 4, "test_draws": 3}
        for found in (training_windows(run, line, clips, np.random.default_rng(0)), scoring_windows(run, line, clips)):
            for clip, frames in zip(found.clips.tolist(), found.frames, strict=True):
                assert healthy[clip] is None or healthy[clip][frames].all()


def test_a_clip_of_years_costs_nobody_the_memory() -> None:
    """A video that states 5e-10 frames a second made this allocate 1.4 TiB."""
    with pytest.raises(ValueError, match=r"^a clip lasts 6e\+09 s: 1\.8e\+11 ticks at 30/s, at most 1e\+07$"):
        resample(np.array([0, 2e9, 4e9]), 30)
