"""Samplers that leave damaged frames aside, against literal loops."""

import math

import numpy as np
import pytest

from poseattn.inputs.sampling import (
    central_frames,
    nearest_healthy,
    sample_consecutive,
    sample_even,
    sample_segments,
    sample_test,
    sample_training,
)

LENGTHS = np.array([1, 3, 7, 19, 20, 21, 40, 73, 300])


def _masks(seed: int, share: float) -> list[np.ndarray]:
    """Which frames of the clips are healthy, at least one of each."""
    rng = np.random.default_rng(seed)
    masks = [(rng.random(length) >= share).astype(np.uint8) for length in LENGTHS]
    for mask in masks:
        mask[rng.integers(len(mask))] = 1
    return masks


def _nearest(frame: int, mask: np.ndarray, among: range) -> int:
    """Healthy frame of a range that is nearest, the earlier of two; of the clip where the range has none."""
    for candidates in (among, range(len(mask))):
        best = None
        for candidate in candidates:
            if mask[candidate] and (best is None or abs(candidate - frame) < abs(best - frame)):
                best = candidate
        if best is not None:
            return best
    raise AssertionError


@pytest.mark.parametrize(("seed", "share"), [(0, 0.1), (1, 0.5), (2, 0.97)])
def test_segments_take_the_nearest_healthy_frame_of_the_segment(seed: int, share: float) -> None:
    uniform, masks = np.random.default_rng(seed).random((len(LENGTHS), 20)), _masks(seed, share)
    found = sample_segments(LENGTHS, uniform, masks)
    for clip, (length, mask) in enumerate(zip(LENGTHS.tolist(), masks, strict=True)):
        for segment in range(20):
            first, end = segment * length / 20, (segment + 1) * length / 20
            frame = math.floor(first + uniform[clip, segment] * (end - first))
            among = range(segment * length // 20, math.ceil((segment + 1) * length / 20 - 1e-9))
            assert found[clip, segment] == _nearest(frame, mask, among), (length, segment)
        assert (np.diff(found[clip]) >= 0).all()


@pytest.mark.parametrize("sampler", [sample_consecutive, sample_even])
@pytest.mark.parametrize(("seed", "share"), [(3, 0.1), (4, 0.5), (5, 0.97)])
def test_other_samplers_take_the_nearest_healthy_frame_of_the_clip(sampler, seed: int, share: float) -> None:
    uniform, masks = np.random.default_rng(seed).random((len(LENGTHS), 20)), _masks(seed, share)
    drawn, found = sampler(LENGTHS, uniform), sampler(LENGTHS, uniform, masks)
    for clip, mask in enumerate(masks):
        expected = [_nearest(frame, mask, range(len(mask))) for frame in drawn[clip].tolist()]
        assert found[clip].tolist() == expected


def test_middle_frames_are_healthy_too() -> None:
    masks = _masks(6, 0.6)
    found = central_frames(LENGTHS, 8, masks)
    for clip, (row, mask) in enumerate(zip(central_frames(LENGTHS, 8).tolist(), masks, strict=True)):
        assert found[clip].tolist() == [_nearest(frame, mask, range(len(mask))) for frame in row]


def test_of_two_frames_equally_near_the_earlier_one_is_taken() -> None:
    mask = np.array([1, 0, 1, 0, 0, 1])
    assert nearest_healthy(np.arange(6)[None], [mask])[0].tolist() == [0, 0, 2, 2, 5, 5]


def test_without_damage_nothing_is_drawn_or_changed() -> None:
    """Masks change no random number, and clips whose frames are all healthy are as clips without a mask."""
    whole = [np.ones(length, np.uint8) for length in LENGTHS]
    for sampling in ("segments", "consecutive", "even"):
        plain, kept = (
            sample_training(sampling, LENGTHS, 20, np.random.default_rng(7), healthy) for healthy in (None, whole)
        )
        np.testing.assert_array_equal(plain, kept)
        names = [f"c{length}" for length in LENGTHS]
        plain, kept = (sample_test(sampling, names, LENGTHS, 20, 1, 3, healthy) for healthy in (None, whole))
        np.testing.assert_array_equal(plain, kept)
    some = [None] * (len(LENGTHS) - 1) + [whole[-1]]
    np.testing.assert_array_equal(nearest_healthy(plain, some), plain)


@pytest.mark.parametrize("sampling", ["segments", "consecutive", "even"])
def test_no_damaged_frame_is_ever_drawn(sampling: str) -> None:
    masks, rng = _masks(8, 0.7), np.random.default_rng(9)
    for draw in range(20):
        names = [f"c{length}" for length in LENGTHS]
        for found in (
            sample_training(sampling, LENGTHS, 20, rng, masks),
            sample_test(sampling, names, LENGTHS, 20, draw, 20, masks),
        ):
            assert all(mask[row].all() for mask, row in zip(masks, found, strict=True))


def test_a_clip_without_a_healthy_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="^none of 4 frames of a clip is healthy$"):
        sample_segments(np.array([4]), np.zeros((1, 2)), [np.zeros(4, np.uint8)])
