"""Squashed frames: both sides, nothing cut off, RGB, every frame once with its time, or a part of them."""

from pathlib import Path

import numpy as np
import pytest

from poseattn.video.clip_frames import clip_frames, some_frames, squash, squashed_frames
from poseattn.video.decode import VideoError
from tests.video.rendered import Writer


def _write(path: Path, n_frames: int, fps: float = 25) -> Path:
    """Flat frames of 96 x 64 pixels; frame i has blue 40, green 4 i, red 200."""
    writer = Writer(path, "MJPG", fps, (96, 64))
    for number in range(n_frames):
        writer.write(np.full((64, 96, 3), (40, 4 * number, 200), np.uint8))
    writer.release()
    return path


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
    assert [time for _, time in found] == [number / 25 for number in range(12)]
    for number, (image, _) in enumerate(found):
        assert image.shape == (32, 32, 3)
        np.testing.assert_allclose(image.mean((0, 1)), (200, 4 * number, 40), atol=4)


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
    np.testing.assert_allclose([time for _, time in found], [number / 25 for number in frames])
    np.testing.assert_allclose([image[..., 1].mean() for image, _ in found], [4 * number for number in frames], atol=4)


def test_frames_that_nobody_wants_are_counted_from_the_first_of_the_part(tmp_path: Path) -> None:
    _write(tmp_path / "a.avi", 20)
    whole = dict((time, image) for image, time in clip_frames(tmp_path, "a.avi", "0.2", "0.6"))
    found = list(some_frames(tmp_path, "a.avi", "0.2", "0.6", lambda number: number in (0, 3)))
    assert [time for _, time in found] == list(whole)
    assert [number for number, (image, _) in enumerate(found) if image is not None] == [0, 3]
    np.testing.assert_array_equal(found[3][0], whole[found[3][1]])


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
        ("a.avi", "7", "", "no frame from 7 s to its end, 12 were decoded at 25.0/s"),
        ("a.avi", "0.3", "0.2", "no frame from 0.3 s to 0.2, .*"),
    ],
)
def test_what_cannot_be_had_is_told(tmp_path: Path, path: str, start: str, end: str, reason: str) -> None:
    _write(tmp_path / "a.avi", 12)
    with pytest.raises(VideoError, match=f"^{reason}$"):
        list(squashed_frames(tmp_path, path, 8, start, end))
