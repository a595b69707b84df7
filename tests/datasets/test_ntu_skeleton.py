"""Skeleton files: what a good one gives, and one clear line for each way to be broken. Real files where available."""

from pathlib import Path

import numpy as np
import pytest

from poseattn.datasets.ntu_skeleton import read_skeleton
from poseattn.pose.tracks import choose_people
from tests.pose.test_tracks import RULE
from tests.skeletons import color_of, ghost, person, skeleton_text, write_skeleton

IDS = ("72057594037931101", "72057594037931102")  # beyond 2**53: the same number as a float


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_comes_back_as_written(tmp_path: Path, newline: str) -> None:
    bodies = person(5), ghost(5)
    path = write_skeleton(tmp_path / "a.skeleton", *zip(IDS, bodies, strict=True), newline=newline)
    n_frames, tracks = read_skeleton(path)
    assert n_frames == 5
    assert [track.body_id for track in tracks] == list(IDS)
    for track, xyz in zip(tracks, bodies, strict=True):
        np.testing.assert_array_equal(track.frame, np.arange(5))
        np.testing.assert_allclose(track.xyz, xyz, rtol=1e-6)
        np.testing.assert_allclose(track.color_xy, color_of(xyz), rtol=1e-6)
        assert track.xyz.dtype == track.color_xy.dtype == np.float32


def test_bodies_are_joined_by_id_over_frames_with_nobody_and_in_any_order(tmp_path: Path) -> None:
    a, b, c = (person(6, x) for x in (-1, 0, 1))
    frames = [[], [("a", a[1]), ("b", b[1])], [("b", b[2]), ("c", c[2]), ("a", a[2])], [], [("a", a[4])], []]
    (tmp_path / "a.skeleton").write_text(skeleton_text(frames))
    n_frames, tracks = read_skeleton(tmp_path / "a.skeleton")
    assert n_frames == 6
    assert {track.body_id: list(track.frame) for track in tracks} == {"a": [1, 2, 4], "b": [1, 2], "c": [2]}
    np.testing.assert_allclose(tracks[0].xyz, a[[1, 2, 4]], rtol=1e-6)
    np.testing.assert_allclose(tracks[2].xyz, c[[2]], rtol=1e-6)


@pytest.mark.parametrize("word", ["NaN", "nan", "-inf", "Infinity", "-1.#IND", "1.#QNAN", "-1.#INF"])
def test_unknown_pixels_become_nan_and_nothing_else_does(tmp_path: Path, word: str) -> None:
    lines = skeleton_text([[("a", person(1)[0])]]).splitlines()
    values = lines[4 + 7].split()
    values[5] = word
    lines[4 + 7] = " ".join(values)
    (tmp_path / "a.skeleton").write_text("\n".join(lines))
    track = read_skeleton(tmp_path / "a.skeleton")[1][0]
    assert np.isnan(track.color_xy[0, 7, 0])
    assert np.isnan(track.color_xy).sum() == 1
    assert np.isfinite(track.xyz).all()


def _edited(edit: dict[int, str | None], n_frames: int = 2) -> str:
    """A file of two bodies a frame with some lines (from 1) replaced, or left out where the text is None."""
    frames = [list(zip(IDS, bodies, strict=True)) for bodies in zip(person(n_frames), ghost(n_frames), strict=True)]
    lines: list[str | None] = [*skeleton_text(frames).splitlines()]
    for number, text in edit.items():
        lines[number - 1] = text
    return "\n".join(line for line in lines if line is not None)


def _joint(line: int, value: int, word: str) -> dict[int, str | None]:
    """One value (from 1) of one joint line replaced."""
    values = _edited({}).splitlines()[line - 1].split()
    values[value - 1] = word
    return {line: " ".join(values)}


# Lines: 1 frames; 2 bodies of frame 1; 3 body, 4 joints, 5-29; 30 body, 31 joints, 32-56; 57 bodies of frame 2; ...
BROKEN = {
    "empty": ("", "is empty"),
    "blank": (" \r\n \n", "is empty"),
    "cut_before_a_frame": (
        "\n".join(_edited({}).splitlines()[:56]),
        "ends at line 56, before the number of bodies in ",
    ),
    "cut_in_a_body": ("\n".join(_edited({}).splitlines()[:70]), "ends at line 70, in the middle of a body of frame 2"),
    "cut_in_a_line": (_edited({})[:-40], r"line 111 has \d+ values, expected the 12 of a joint"),
    "cut_at_the_last_value": (_edited({})[:-2], "line 111 has 11 values, expected the 12 of a joint"),
    "too_few_frames": (_edited({1: "1"}), "goes on for 55 lines after the last of its 1 frames"),
    "too_many_frames": (_edited({1: "3"}), "ends at line 111, before the number of bodies in frame 3 of 3"),
    "no_frames": ("0\n", "has no frames"),
    "nobody": ("3\n0\n0\n0\n", "has no body in any of its 3 frames"),
    "too_few_bodies": (_edited({2: "1"}), "line 30 has '72057594037931102 0 1 1 1 1 0 ' for the number of bodies in "),
    "too_many_bodies": (_edited({2: "3"}), "line 57 has 1 values, expected the 10 of a body"),
    "very_many_bodies": (_edited({2: "999999999"}), "line 57 has 1 values, expected the 10 of a body"),
    "too_few_joints": (_edited({4: "24"}), "line 4 announces 24 joints, expected 25"),
    "joint_left_out": (_edited({10: None}), "line 30 has 1 values, expected the 10 of a body"),
    "letters_for_frames": (_edited({1: "two"}), "line 1 has 'two' for the number of frames"),
    "negative_frames": (_edited({1: "-2"}), "line 1 has '-2' for the number of frames"),
    "letters_for_a_position": (_edited(_joint(12, 2, "0.1x")), "line 12 has '0.1x' for a number"),
    "letters_for_a_pixel": (_edited(_joint(40, 6, "abc")), "line 40 has 'abc' for a number"),
    "letters_for_a_turn": (_edited(_joint(40, 9, "abc")), "line 40 has 'abc' for a number"),
    "comma": (_edited(_joint(40, 1, "0,5")), "line 40 has '0,5' for a number"),
    "value_left_out": (_edited(_joint(40, 9, "")), "line 40 has 11 values, expected the 12 of a joint"),
    "value_too_many": (_edited(_joint(40, 9, "1 2")), "line 40 has 13 values, expected the 12 of a joint"),
    "value_too_many_at_once": (_edited(_joint(5, 9, "1 2")), "line 5 has 13 values, expected the 12 of a joint"),
    "blank_joint": (_edited({40: ""}), "line 40 has 0 values, expected the 12 of a joint"),
    "nan_position": (_edited(_joint(12, 2, "NaN")), "line 12 has a position that is no number, of joint hand_left"),
    "infinite_position": (
        _edited(_joint(32, 3, "-inf")),
        "line 32 has a position that is no number, of joint spine_base",
    ),
    "absurd_position": (_edited(_joint(5, 1, "1e300")), "line 5 has a position that is no number, of joint spine_base"),
    "same_body_twice": (_edited({30: f"{IDS[0]} 0 1 1 1 1 0 0 0 2"}), "has one body twice in frame 1, line 3"),
    "no_text": ("\0\x93\xff" * 500, "line 1 has .* for the number of frames"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_gives_one_line_that_names_it(tmp_path: Path, case: str) -> None:
    text, message = BROKEN[case]
    (tmp_path / "a.skeleton").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match=f"^a.skeleton {message}") as caught:
        read_skeleton(tmp_path / "a.skeleton")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 120


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"a\.skeleton"):
        read_skeleton(tmp_path / "a.skeleton")


@pytest.mark.data
def test_the_person_is_chosen_on_every_real_file(samples: Path) -> None:
    """The ghost of these recordings is the body around x = 2 m, 0.45 m high; in A050-A060 both bodies are people."""
    files = sorted((samples / "ntu_rgbd/nturgb+d_skeletons").glob("*.skeleton"))
    assert len(files) == 42
    kept: list[int] = []
    for path in files:
        n_frames, tracks = read_skeleton(path)
        assert n_frames == int(path.read_text().split()[0])
        expected = {track.body_id for track in tracks if track.xyz[:, :, 0].mean() < 1.7}
        chosen = choose_people(tracks, RULE)
        assert {track.body_id for track in chosen} == expected, path.name
        assert len(chosen) == (2 if int(path.stem[-3:]) >= 50 else 1), path.name
        assert all(len(track.frame) == n_frames for track in chosen)
        kept.append(len(chosen))
    assert kept.count(2) == 7


@pytest.mark.data
def test_the_rule_has_room_on_real_people_and_ghosts(samples: Path) -> None:
    people, ghosts = [], []
    for path in sorted((samples / "ntu_rgbd/nturgb+d_skeletons").glob("*.skeleton")):
        for track in read_skeleton(path)[1]:
            (people if track.xyz[:, :, 0].mean() < 1.7 else ghosts).append(track)
    assert (len(people), len(ghosts)) == (49, 4)
    assert min(RULE.height(track) for track in people) > 1.25 * RULE.min_height
    assert max(RULE.height(track) for track in ghosts) < 0.8 * RULE.min_height
    only_spread, only_height = RULE._replace(min_height=0), RULE._replace(max_bad_frames=1)
    for rule in (only_spread, only_height):
        assert all(rule.is_person(track) for track in people)
        assert not any(rule.is_person(track) for track in ghosts)
    assert all(RULE._replace(max_bad_frames=0.4).is_person(track) for track in people)
    assert not any(only_spread._replace(max_bad_frames=0.9).is_person(track) for track in ghosts)


@pytest.mark.data
def test_pixels_of_a_real_file_fall_on_the_person(samples: Path) -> None:
    path = samples / "ntu_rgbd/nturgb+d_skeletons/S001C001P001R001A001.skeleton"
    n_frames, (track,) = read_skeleton(path)
    assert n_frames == 103
    assert track.body_id == "72057594037931101"
    np.testing.assert_array_equal(track.xyz[0, 0], np.float32([0.2181153, 0.1725972, 3.785547]))
    np.testing.assert_array_equal(track.color_xy[0, 0], np.float32([1036.233, 519.1677]))
