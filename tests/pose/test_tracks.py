"""People among the bodies of a clip, on hand-made bodies; `tests/datasets` has the real ones."""

import numpy as np
import pytest

from poseattn.pose.tracks import PersonRule, Track, choose_people, lay_out
from tests.skeletons import color_of, ghost, person

RULE = PersonRule(min_track=11, spread_ratio=0.8, max_bad_frames=0.69754, height_quantile=0.8, min_height=0.7)


def _track(body_id: str, xyz: np.ndarray, start: int = 0) -> Track:
    xyz = xyz.astype(np.float32)
    return Track(body_id, np.arange(start, start + len(xyz)), xyz, color_of(xyz).astype(np.float32))


def _chosen(*tracks: Track) -> list[str]:
    return [track.body_id for track in choose_people(tracks, RULE)]


@pytest.mark.parametrize("jitter", [0.001, 0.05, 0.1])
def test_a_ghost_is_refused_wherever_it_is_listed_and_however_it_jitters(jitter: float) -> None:
    actor, thing = _track("actor", person(60)), _track("ghost", ghost(60, jitter=jitter))
    assert _chosen(thing, actor) == _chosen(actor, thing) == ["actor"]
    moves = [np.var(track.xyz, axis=0).sum() for track in (actor, thing)]
    assert (moves[1] > moves[0]) == (jitter > 0.01)  # where "most motion" picks the ghost


def test_both_people_are_kept_and_the_one_who_moves_more_is_the_main_subject() -> None:
    still, moving = _track("still", person(60, -0.5, sway=0.02)), _track("moving", person(60, 0.5, sway=0.2))
    assert _chosen(still, moving) == _chosen(moving, still) == ["moving", "still"]


def test_size_is_no_motion() -> None:
    tall, small = person(60, sway=0.02), person(60, 1, sway=0.05)
    assert _chosen(_track("tall", 1.3 * tall), _track("small", small)) == ["small", "tall"]


def test_of_three_people_the_two_who_move_most_are_kept() -> None:
    tracks = [_track(f"sways {sway}", person(60, 2 * sway, sway=sway)) for sway in (0.1, 0.02, 0.3)]
    assert _chosen(*tracks) == ["sways 0.3", "sways 0.1"]


def test_a_short_track_is_noise_beside_a_long_one_only() -> None:
    long, short = _track("long", person(60)), _track("short", person(11, 1, sway=1.0))
    assert _chosen(long, short) == ["long"]
    assert _chosen(short) == ["short"]
    assert _chosen(long, _track("twelve", person(12, 1, sway=1.0))) == ["twelve", "long"]
    other = _track("other", person(8, -1, sway=0.1))
    assert _chosen(short, other) == ["short", "other"]  # a clip of a few frames has nothing longer


def _lying(n_frames: int) -> np.ndarray:
    return person(n_frames)[:, :, [1, 0, 2]]


def test_somebody_who_lies_down_is_still_a_person_if_most_frames_are_upright() -> None:
    falls = np.concatenate([person(60)[:30], _lying(60)[30:]])
    assert _chosen(_track("ghost", ghost(60, jitter=0.1)), _track("falls", falls)) == ["falls"]


def test_without_any_person_the_highest_body_is_taken() -> None:
    assert _chosen(_track("ghost", ghost(60))) == ["ghost"]
    assert _chosen(_track("ghost", ghost(60, jitter=0.01)), _track("lies", _lying(60))) == ["lies"]


def test_the_two_tests_worked_by_hand() -> None:
    body = np.zeros((10, 25, 3), np.float32) + np.float32([0, 0, 1])
    body[:, 0, 0], body[:, 1, 1] = 0.8, 1.0  # as wide as it may be
    assert RULE.is_person(_track("just", body))
    wide = body.copy()
    wide[:7, 0, 0] = 0.81  # 7 of 10 frames are more than 69.754 %
    assert not RULE.is_person(_track("wide", wide))
    wide[6, 0, 0] = 0.8
    assert RULE.is_person(_track("less often", wide))
    low = body * np.float32([0.69, 0.69, 1])
    assert not RULE.is_person(_track("low", low))
    low[7:, 1, 1] = 0.9  # heights 0.69 x 7 and 0.9 x 3: in all but a fifth of the frames at most 0.9
    assert RULE.height(_track("rises", low)) == pytest.approx(0.9)
    assert RULE.is_person(_track("rises", low))


def test_arrays_are_zero_and_unknown_where_nobody_is() -> None:
    first, second = _track("a", person(4), start=1), _track("b", person(2, 1), start=0)
    xyz, color_xy, presence = lay_out([first, second], 6)
    np.testing.assert_array_equal(presence, [[0, 1], [1, 1], [1, 0], [1, 0], [1, 0], [0, 0]])
    np.testing.assert_array_equal(xyz[1:5, 0], first.xyz)
    np.testing.assert_array_equal(color_xy[:2, 1], second.color_xy)
    assert not xyz[presence == 0].any()
    assert np.isnan(color_xy[presence == 0]).all()
    assert np.isfinite(color_xy[presence == 1]).all()
    assert xyz.dtype == color_xy.dtype == np.float32
