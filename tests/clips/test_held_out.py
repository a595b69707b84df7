"""Clips that are held out."""

import pytest

from poseattn.clips.held_out import draw_validation


def test_validation_is_a_seeded_share_that_ignores_the_order() -> None:
    clips = [f"S001C002P{subject:03d}R001A{action:03d}" for subject in range(1, 41) for action in range(1, 61)]
    drawn = draw_validation(clips, 0.05, 0)
    assert len(drawn) == 120
    assert drawn <= set(clips)
    assert drawn == draw_validation(clips[::-1], 0.05, 0)
    overlap = drawn & draw_validation(clips, 0.05, 1)
    assert len(overlap) < 20  # 6 are expected of two independent draws
    actions = {int(clip[-3:]) for clip in drawn}
    assert 45 <= len(actions) <= 60  # a uniform draw of 120 out of 60 classes leaves about 8 classes out


def test_validation_of_seed_zero_by_hand() -> None:
    # `printf "0 a" | sha256sum` and so on: cf6d..., 840f..., edc8..., f399...
    assert draw_validation(list("abcd"), 0.5, 0) == {"a", "b"}


@pytest.mark.parametrize(
    ("n_clips", "fraction", "count"), [(0, 0.05, 0), (1, 0.5, 0), (2, 0.05, 1), (8, 0.0, 0), (3, 1.0, 2)]
)
def test_validation_of_few_clips_leaves_some_of_both(n_clips: int, fraction: float, count: int) -> None:
    assert len(draw_validation([str(clip) for clip in range(n_clips)], fraction, 0)) == count


def test_a_validation_share_outside_0_1_is_refused() -> None:
    with pytest.raises(ValueError, match="validation is 5.0, expected a share between 0 and 1"):
        draw_validation(["a"], 5.0, 0)
