"""Pieces of clips: how many, which frames, and what becomes of the end; random ones, all equally likely."""

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from poseattn.video import clip_frames as squashed
from poseattn.video import pieces
from poseattn.video.damage import Decoding
from poseattn.video.frames import Frame, VideoError
from poseattn.video.pieces import Pieces, draw_pieces
from tests.video.rendered import Writer

FPS = 25


def grid(length: int, stride: int, at_least: int | None = None) -> dict[str, Any]:
    return {"length": length, "stride": stride, "size": 4, "at_least": at_least}


def numbered(monkeypatch: pytest.MonkeyPatch, n_frames: int, lost: Collection[int] = ()) -> list[int]:
    """Let a clip be frames with their own number as grey level (modulo 256); the numbers that are converted."""
    converted: list[int] = []

    class Clip:
        def __init__(self, root: Path, path: str, start: str, end: str, decoding: Any, wanted: Any) -> None:
            self.n_frames, self._wanted = 0, wanted

        def __iter__(self) -> Iterator[Frame]:
            for number in range(n_frames):
                self.n_frames += 1
                image = None
                if number not in lost and self._wanted(number):
                    converted.append(number)
                    image = np.full((4, 4, 3), number % 256, np.uint8)
                yield Frame(number, image, number / FPS, number not in lost)

    monkeypatch.setattr(pieces, "ClipFrames", Clip)
    return converted


def levels_of(piece: Frame) -> list[int]:
    """Numbers of the frames of a piece, modulo 256."""
    return np.atleast_1d(piece.image[..., 0, 0, 0].squeeze()).tolist()


def plain(n_frames: int, lost: Collection[int] = ()) -> Iterator[Frame]:
    for number in range(n_frames):
        healthy = number not in lost
        yield Frame(number, np.full((1, 1, 3), number, np.uint8) if healthy else None, float(number), healthy)


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
    assert [piece.time for piece in found] == [16 * row / FPS for row in range(12)]
    levels = [levels_of(piece) for piece in found]
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
    assert all(piece.image.shape == shape and piece.healthy for piece in found)
    assert [levels_of(piece) for piece in found] == expected
    assert [piece.time for piece in found] == [frames[0] / FPS for frames in expected]


@pytest.mark.parametrize("recipe", [grid(16, 16), grid(1, 16), grid(16, 8), grid(1, 8), grid(16, 16, 192)])
@pytest.mark.parametrize("n_frames", [15, 33, 100, 200])
def test_a_piece_with_a_damaged_frame_is_left_out_and_the_others_keep_their_places(
    monkeypatch: pytest.MonkeyPatch, n_frames: int, recipe: dict[str, Any]
) -> None:
    lost = {3, 4, 36, 64, 191}
    numbered(monkeypatch, n_frames, lost)
    found, expected = list(Pieces(Path(), "a", "", "", recipe, Decoding(0.5))), cut(n_frames, recipe)
    assert [piece.number for piece in found] == list(range(len(expected)))
    assert [piece.time for piece in found] == [frames[0] / FPS for frames in expected]
    for piece, frames in zip(found, expected, strict=True):
        assert piece.healthy == (not lost & set(frames))
        assert levels_of(piece) == frames if piece.healthy else piece.image is None


def test_rows_at_stride_16_are_every_second_one_at_stride_8(monkeypatch: pytest.MonkeyPatch) -> None:
    numbered(monkeypatch, 205)
    sparse, dense = (list(Pieces(Path(), "a", "", "", grid(16, stride))) for stride in (16, 8))
    for row, piece in enumerate(sparse):
        np.testing.assert_array_equal(piece.image, dense[2 * row].image)
        assert piece.time == dense[2 * row].time


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
    assert [piece.time for piece in found] == [0.8, 1.44, 2.08]  # frames 20, 36 and 52 of 20 to 79
    for row, piece in enumerate(found):
        np.testing.assert_allclose(piece.image, np.stack(images[20 + 16 * row : 36 + 16 * row]), atol=2)


def test_random_pieces_are_pieces_and_all_are_equally_likely() -> None:
    counts: Counter[int] = Counter()
    for seed in range(3000):
        drawn = draw_pieces(plain(12), 4, 2, np.random.default_rng(seed))
        times = np.array([frame.time for frame in drawn]).reshape(2, 4)
        assert (np.diff(times) == 1).all() and times[0, 0] != times[1, 0]
        counts.update(times[:, 0].astype(int).tolist())
    assert sorted(counts) == list(range(9))
    assert max(abs(count - 6000 / 9) for count in counts.values()) < 4 * np.sqrt(6000 / 9)


@pytest.mark.parametrize(
    ("n_frames", "expected"), [(1, [0, 0, 0]), (2, [0, 1, 1]), (3, [0, 1, 2]), (4, [0, 1, 2, 1, 2, 3])]
)
def test_short_clips_have_fewer_pieces_and_repeat_their_last_frame(n_frames: int, expected: list[int]) -> None:
    drawn = draw_pieces(plain(n_frames), 3, 5, np.random.default_rng(0))
    assert [frame.time for frame in drawn] == expected


def test_random_pieces_have_no_damaged_frame_and_are_equally_likely() -> None:
    """Frames 0 to 3, 5 to 10 and 12 to 13 of 14: pieces of 3 begin at 0, 1, 5, 6, 7 and 8."""
    counts: Counter[int] = Counter()
    for seed in range(3000):
        drawn = draw_pieces(plain(14, lost={4, 11}), 3, 2, np.random.default_rng(seed))
        numbers = np.array([frame.number for frame in drawn]).reshape(2, 3)
        assert all(frame.healthy for frame in drawn) and (np.diff(numbers) == 1).all()
        counts.update(numbers[:, 0].tolist())
    assert sorted(counts) == [0, 1, 5, 6, 7, 8]
    assert max(abs(count - 1000) for count in counts.values()) < 4 * np.sqrt(1000)


@pytest.mark.parametrize(("n_frames", "lost"), [(9, {2, 5, 8}), (2, {0}), (1, {0})])
def test_a_clip_of_which_no_random_piece_is_left_is_bad(n_frames: int, lost: set[int]) -> None:
    with pytest.raises(VideoError, match="^no 3 successive frames are healthy$"):
        draw_pieces(plain(n_frames, lost), 3, 5, np.random.default_rng(0))
