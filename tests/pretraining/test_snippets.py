"""Snippets of training clips: which frames, in which order, cropped and mirrored how."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from poseattn.pretraining.corner_crops import corner_crops
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.snippets import Snippets, TrainingClips, training_clips
from poseattn.shards.images import open_images
from poseattn.training.checkpoint import SideFile
from poseattn.video.flow_codes import as_grey
from tests.toy_pictures import CLASSES, EDGE, numbered, write_classes, write_clips, write_manifest

RECIPE = {"segments": 3, "scales": [1], "size": EDGE, "mirror": False, "seed": 0}


def _snippets(folder: Path, clips: dict[str, list[np.ndarray]], kind: str = "jpegs", **changes: Any) -> Snippets:
    path = write_clips(folder / "pictures.h5", kind, clips)
    listed = TrainingClips(list(clips), np.arange(len(clips)), CLASSES, "")
    return Snippets(open_images([path]), listed, RECIPE | changes)


def test_one_random_frame_of_each_equal_part(tmp_path: Path) -> None:
    """7 frames in 3 parts: frames 0-2, 2-4 and 4-6, a frame in two parts being half as likely in each."""
    snippets = _snippets(tmp_path, {"a": numbered(0, 7)})
    pictures, labels = snippets.read(0, 700)
    assert pictures.shape == (700, 3, EDGE, EDGE, 3) and not labels.any()
    found = pictures[:, :, 5, 5, 1]
    counts = np.array([np.bincount(found[:, part], minlength=7) for part in range(3)])
    shares = np.array([[3, 3, 1, 0, 0, 0, 0], [0, 0, 2, 3, 2, 0, 0], [0, 0, 0, 0, 1, 3, 3]]) / 7
    np.testing.assert_allclose(counts / 700, shares, atol=0.06)
    assert not counts[shares == 0].any()


def test_no_snippet_has_a_lost_frame(tmp_path: Path) -> None:
    """Frames 0, 3 and 4 of 7 are lost; of the three parts 0-2, 2-4 and 4-6 each gives its own healthy frames."""
    images = [None if number in (0, 3, 4) else image for number, image in enumerate(numbered(0, 7))]
    pictures, _ = _snippets(tmp_path, {"a": images, "b": numbered(1, 7)}).read(0, 200)
    found = pictures[pictures[:, 0, 0, 0, 0] < 20][:, :, 5, 5, 1]
    assert len(found) == 100
    assert [sorted(set(found[:, part].tolist())) for part in range(3)] == [[1, 2], [2], [5, 6]]


def test_a_clip_shorter_than_its_segments_repeats_frames(tmp_path: Path) -> None:
    pictures, _ = _snippets(tmp_path, {"a": numbered(0, 2)}, segments=4).read(0, 1)
    assert pictures[0, :, 0, 0, 0].tolist() == [0, 0, 1, 1]


def test_every_clip_once_in_each_round_in_another_order(tmp_path: Path) -> None:
    snippets = _snippets(tmp_path, {f"c{clip}": numbered(clip, 1) for clip in range(5)})
    pictures, labels = snippets.read(0, 30)
    assert (pictures[:, 0, 0, 0, 0] // 20 == labels).all()
    rounds = labels.reshape(6, 5).tolist()
    assert all(sorted(order) == list(range(5)) for order in rounds)
    assert len({tuple(order) for order in rounds}) > 3


def test_the_stream_is_the_same_from_anywhere(tmp_path: Path) -> None:
    clips = {f"c{clip}": numbered(clip, 9) for clip in range(4)}
    snippets = _snippets(tmp_path, clips, scales=[1, 0.5], mirror=True)
    whole, labels = snippets.read(0, 13)
    for first, count in ((6, 7), (0, 3), (3, 3)):
        piece, its_labels = snippets.read(first, count)
        np.testing.assert_array_equal(piece, whole[first : first + count])
        np.testing.assert_array_equal(its_labels, labels[first : first + count])
    assert not np.array_equal(_snippets(tmp_path, clips, seed=1).read(0, 13)[0], whole)


def test_the_snippets_of_a_clip_are_cropped_alike_and_anywhere(tmp_path: Path) -> None:
    """Frames of 16x32 with smooth ramps along both axes: what is at the border tells the crop."""
    ramp = np.stack(np.broadcast_arrays(4 * np.arange(32)[None], 10 * np.arange(16)[:, None], 0), -1)
    pictures, _ = _snippets(tmp_path, {"a": [ramp.astype(np.uint8)] * 3}, scales=[1, 0.5]).read(0, 400)
    np.testing.assert_array_equal(pictures, pictures[:, :1].repeat(3, axis=1))
    expected = {(4 * crop.left, 10 * crop.top) for crop in corner_crops(16, 32, [1, 0.5])}
    found = {tuple(corner) for corner in pictures[:, 0, 0, 0, :2].tolist()}
    close = {min(expected, key=lambda place: abs(place[0] - x) + abs(place[1] - y)) for x, y in found}
    assert close == expected
    assert max(min(abs(a - x) + abs(b - y) for a, b in expected) for x, y in found) < 8


def test_half_of_the_clips_are_mirrored_with_their_motion(tmp_path: Path) -> None:
    field = np.full((EDGE, EDGE, 2), 140, np.uint8)
    field[:, :8] = 120
    pictures, _ = _snippets(tmp_path, {"a": [as_grey(field)] * 6}, "flow", mirror=True).read(0, 300)
    mirrored = pictures[:, 0, 0, 0, 1] > 130  # motion along y: 120 on the left, 140 on the right
    assert 120 < mirrored.sum() < 180
    np.testing.assert_allclose(pictures[mirrored][:, :, 0, 0, 0], 256 - 140, atol=2)
    np.testing.assert_allclose(pictures[~mirrored][:, :, 0, 0, 0], 120, atol=2)


def test_a_clip_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="clip a: no picture in it"):
        _snippets(tmp_path, {"b": [as_grey(np.zeros((4, 4, 2), np.uint8))], "a": []}, "flow")


def _inputs(folder: Path, protocol: str = "only", **changes: list[str]) -> Inputs:
    manifest = write_manifest(folder / "toy.tsv", 6, 1, **changes)
    classes = write_classes(folder / "toy.classes.txt")
    return Inputs([], [], [manifest], [classes], protocol, 1, SideFile(folder / "side.pt", {}))


def test_training_clips_of_a_protocol(tmp_path: Path) -> None:
    stored = {f"c{number:02d}" for number in range(6)}
    clips = training_clips(_inputs(tmp_path), stored)
    assert clips.clip_ids == ["c00", "c01", "c02", "c03", "c04"]
    assert clips.labels.tolist() == [0, 1, 2, 0, 1]
    assert (clips.classes, clips.note) == (CLASSES, "")
    excluded = ["", "bad: cut off", "", "", "", ""]
    assert training_clips(_inputs(tmp_path, excluded=excluded), stored).clip_ids == ["c00", "c02", "c03", "c04"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    clips = training_clips(_inputs(tmp_path), {"c00", "c01", "c03", "c05"})
    assert clips.clip_ids == ["c00", "c01", "c03"]
    assert clips.note == "training clips without pictures: 2; no training clip of blue"


@pytest.mark.parametrize(
    ("protocol", "changes", "stored", "message"),
    [
        ("other", {}, {"c00"}, "protocol is 'other', expected one of only"),
        ("only", {}, {"c05"}, "no training clip in only: 5 in the manifest, none with pictures"),
        ("only", {"label": ["0", "0+1", "2", "0", "1", "2"]}, {"c01"}, r"clip c01: classes \[0, 1\], expected one"),
        ("only", {"label": ["3"] * 6}, {"c01"}, r"clip c01: classes \[3\], expected one below 3"),
    ],
)
def test_clips_that_cannot_be_trained_on(
    tmp_path: Path, protocol: str, changes: dict[str, list[str]], stored: set[str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        training_clips(_inputs(tmp_path, protocol, **changes), stored)
