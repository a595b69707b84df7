"""Pieces of clips: how many, which frames, and what becomes of the end; random ones, all equally likely."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from poseattn.video import clip_frames as squashed
from poseattn.video import pieces
from poseattn.video.pieces import Pieces, draw_pieces
from tests.video.rendered import Writer

FPS = 25


def grid(length: int, stride: int, at_least: int | None = None) -> dict[str, Any]:
    return {"length": length, "stride": stride, "size": 4, "at_least": at_least}


def numbered(monkeypatch: pytest.MonkeyPatch, n_frames: int) -> list[int]:
    """Let a clip be frames with their own number as grey level (modulo 256); the numbers that are converted."""
    converted: list[int] = []

    def frames(root: Path, path: str, start: str, end: str, wanted: Any) -> Iterator[tuple[np.ndarray | None, float]]:
        for number in range(n_frames):
            if wanted(number):
                converted.append(number)
            yield np.full((4, 4, 3), number % 256, np.uint8) if wanted(number) else None, number / FPS

    monkeypatch.setattr(pieces, "some_frames", frames)
    return converted


def cut(n_frames: int, recipe: dict[str, Any]) -> list[list[int]]:
    """Frame numbers of every piece, written out."""
    frames = list(range(n_frames))
    frames += [frames[-1]] * (max(recipe["at_least"] or 0, recipe["stride"]) - n_frames)
    n_pieces, length = len(frames) // recipe["stride"], recipe["length"]
    padded = frames + [frames[-1]] * length
    return [padded[r * recipe["stride"] :][:length] for r in range(n_pieces)]


@pytest.mark.parametrize("length", [1, 16])
def test_a_chunk_of_192_frames_is_12_pieces_that_share_no_frame(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    numbered(monkeypatch, 192)
    found = list(Pieces(Path(), "a", "", "", grid(length, 16)))
    assert [time for _, time in found] == [16 * row / FPS for row in range(12)]
    levels = [np.atleast_1d(piece[..., 0, 0, 0].squeeze()).tolist() for piece, _ in found]
    assert levels == [list(range(16 * row, 16 * row + length)) for row in range(12)]
    frames = [frame for piece in levels for frame in piece]
    assert len(set(frames)) == 12 * length


@pytest.mark.parametrize("n_frames", [1, 8, 15, 16, 17, 23, 24, 31, 32, 33, 100, 191, 192, 193, 200])
@pytest.mark.parametrize(
    "recipe",
    [grid(16, 16), grid(1, 16), grid(16, 8), grid(1, 8), grid(16, 16, 192), grid(1, 16, 192), grid(16, 8, 192)],
)
def test_frames_are_those_of_the_whole_clip_cut_up(
    monkeypatch: pytest.MonkeyPatch, n_frames: int, recipe: dict[str, Any]
) -> None:
    numbered(monkeypatch, n_frames)
    source = Pieces(Path(), "a", "", "", recipe)
    expected = cut(n_frames, recipe)
    found = list(source)
    assert source.n_frames == n_frames
    shape = (4, 4, 3) if recipe["length"] == 1 else (16, 4, 4, 3)
    assert all(piece.shape == shape for piece, _ in found)
    assert [np.atleast_1d(piece[..., 0, 0, 0].squeeze()).tolist() for piece, _ in found] == expected
    assert [time for _, time in found] == [frames[0] / FPS for frames in expected]


def test_rows_at_stride_16_are_every_second_one_at_stride_8(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(monkeypatch, 205)
    sparse, dense = (list(Pieces(Path(), "a", "", "", grid(16, stride))) for stride in (16, 8))
    for row, (piece, time) in enumerate(sparse):
        np.testing.assert_array_equal(piece, dense[2 * row][0])
        assert time == dense[2 * row][1]


def test_only_frames_of_pieces_are_converted_and_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    converted = numbered(monkeypatch, 250)
    list(Pieces(Path(), "a", "", "", grid(1, 16)))
    assert converted == list(range(0, 250, 16))
    converted.clear()
    list(Pieces(Path(), "a", "", "", grid(1, 16, 192)))
    assert converted == [*range(192), 192, 208, 224, 240]
    converted.clear()
    list(Pieces(Path(), "a", "", "", grid(16, 8)))
    assert converted == list(range(250))


@pytest.mark.parametrize("recipe", [grid(16, 16), grid(1, 16), grid(16, 8)])
def test_no_frame_is_decoded_before_its_piece_needs_it(monkeypatch: pytest.MonkeyPatch, recipe: dict[str, Any]) -> None:
    """However long a clip is, only the frames from the beginning of the next piece on are held."""
    numbered(monkeypatch, 10**9)
    source = Pieces(Path(), "a", "", "", recipe)
    for row, _ in zip(range(50), source, strict=False):
        assert source.n_frames == row * recipe["stride"] + 16


def test_pieces_of_a_part_of_a_video(tmp_path: Path) -> None:
    """Against all frames of the file, decoded by OpenCV alone."""
    path = tmp_path / "a.avi"
    writer = Writer(path, "MJPG", FPS, (32, 24))
    for number in range(90):
        writer.write(np.full((24, 32, 3), 2 * number, np.uint8))
    writer.release()
    capture, images = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        images.append(squashed.squash(read[1], 4))
    found = list(Pieces(tmp_path, "a.avi", "0.8", "3.2", grid(16, 16)))
    assert [time for _, time in found] == [0.8, 1.44, 2.08]  # frames 20, 36 and 52 of 20 to 79
    for row, (piece, _) in enumerate(found):
        np.testing.assert_array_equal(piece, np.stack(images[20 + 16 * row : 36 + 16 * row]))


def test_random_pieces_are_pieces_and_all_are_equally_likely() -> None:
    counts: Counter[int] = Counter()
    for seed in range(3000):
        frames = [(np.full((1, 1, 3), number, np.uint8), float(number)) for number in range(12)]
        drawn = draw_pieces(frames, 4, 2, np.random.default_rng(seed))
        times = np.array([time for _, time in drawn]).reshape(2, 4)
        assert (np.diff(times) == 1).all() and times[0, 0] != times[1, 0]
        counts.update(times[:, 0].astype(int).tolist())
    assert sorted(counts) == list(range(9))
    assert max(abs(count - 6000 / 9) for count in counts.values()) < 4 * np.sqrt(6000 / 9)


@pytest.mark.parametrize(
    ("n_frames", "expected"), [(1, [0, 0, 0]), (2, [0, 1, 1]), (3, [0, 1, 2]), (4, [0, 1, 2, 1, 2, 3])]
)
def test_short_clips_have_fewer_pieces_and_repeat_their_last_frame(n_frames: int, expected: list[int]) -> None:
    frames = ((np.zeros((1, 1, 3), np.uint8), float(number)) for number in range(n_frames))
    assert [time for _, time in draw_pieces(frames, 3, 5, np.random.default_rng(0))] == expected
