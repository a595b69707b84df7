"""Frames stored as JPEG: single ones come back, times exactly, and a clip that fails leaves nothing."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from poseattn.shards.jpegs import HEADER, LAYOUT, read_frame, read_index, write_clip
from poseattn.shards.shard import Shard, ShardError, ShardWriter
from poseattn.video.frames import Frame, VideoError
from tests.frames import stored_frames


def _image(number: int) -> np.ndarray:
    """Smooth, and another for each number."""
    rows, cols = np.mgrid[:32, :32]
    return np.dstack([rows * 4 + number, cols * 4, np.full_like(rows, 7 * number)]).astype(np.uint8)


def _frames(*numbers: int, fail: bool = False, lost: tuple[int, ...] = ()) -> Iterator[Frame]:
    for place, number in enumerate(numbers):
        yield Frame(place, None if number in lost else _image(number), number / 29.97, number not in lost)
    if fail:
        raise VideoError("broken")


def _writer(path: Path) -> ShardWriter:
    return ShardWriter(path, **HEADER, recipe="{}", code="", attrs={"layout": LAYOUT})


def _write(path: Path) -> Shard:
    with _writer(path) as writer:
        assert write_clip(writer, "a", _frames(*range(9)), 95) == 9
        with pytest.raises(VideoError, match="broken"):
            write_clip(writer, "bad", _frames(1, 2, fail=True), 95)
        assert write_clip(writer, "b", _frames(20), 95) == 1
    return Shard(path, kind="jpegs", axes="byte")


def test_clips_come_back_frame_by_frame(tmp_path: Path) -> None:
    with _write(tmp_path / "a.h5") as shard:
        assert shard.clip_ids == ["a", "b"]
        for clip_id, numbers in {"a": range(9), "b": [20]}.items():
            found = list(stored_frames(shard, clip_id))
            assert [frame.time for frame in found] == [number / 29.97 for number in numbers]
            assert all(frame.healthy for frame in found)
            for frame, number in zip(found, numbers, strict=True):
                np.testing.assert_allclose(frame.image.astype(int), _image(number), atol=12)
        index = read_index(shard, "a")
        for number in (8, 0, 3):
            image = list(stored_frames(shard, "a"))[number].image
            np.testing.assert_array_equal(read_frame(shard, "a", index, number), image)


def test_a_lost_frame_keeps_its_place_and_is_no_picture(tmp_path: Path) -> None:
    """Also where more frames in a row are lost than are written at once."""
    lost = (0, 7, *range(40, 110), 119)
    with _writer(tmp_path / "a.h5") as writer:
        assert write_clip(writer, "a", _frames(*range(120), lost=lost), 95) == 120
    with Shard(tmp_path / "a.h5") as shard:
        index = read_index(shard, "a")
        assert np.flatnonzero(index.healthy == 0).tolist() == list(lost)
        for number, frame in enumerate(stored_frames(shard, "a")):
            assert (frame.number, frame.time, frame.healthy) == (number, number / 29.97, number not in lost)
            assert (frame.image is None) == (number in lost)
        with pytest.raises(ShardError, match="clip 'a': frame 7 is no JPEG file"):
            read_frame(shard, "a", index, 7)


def test_the_layout_is_the_one_that_the_file_states(tmp_path: Path) -> None:
    with _write(tmp_path / "a.h5") as shard:
        assert (
            shard.attrs["layout"] == "a clip: n JPEG files, <i8[n] bytes of each, <f8[n] seconds of each frame, <i8 n"
        )
        clip = shard.clip("a").tobytes()
    n_frames = int(np.frombuffer(clip[-8:], "<i8")[0])
    lengths = np.frombuffer(clip[-8 - 16 * n_frames : -8 - 8 * n_frames], "<i8")
    assert n_frames == 9
    assert clip[:3] == clip[lengths[0] :][:3] == b"\xff\xd8\xff"
    assert len(clip) == lengths.sum() + 16 * n_frames + 8


def test_twice_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _write(tmp_path / name).close()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"abc", "clip 'x' has no index of its frames"),
        (np.array([-1], "<i8").tobytes(), "clip 'x' has no index of its frames"),
        (np.array([5], "<i8").tobytes(), "clip 'x' has no index of its frames"),
        (b"jp" + np.array([9, 0, 1], "<i8").tobytes(), "clip 'x': its frames have 9 bytes, expected 2"),
        (b"jp" + np.array([2, 0, 1], "<i8").tobytes(), "clip 'x': frame 0 is no JPEG file"),
    ],
)
def test_rows_that_are_something_else_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with _writer(tmp_path / "a.h5") as writer:
        writer.append("x", np.frombuffer(content, np.uint8))
    with Shard(tmp_path / "a.h5") as shard, pytest.raises(ShardError, match=reason):
        list(stored_frames(shard, "x"))


def test_rows_of_a_part_of_a_clip(tmp_path: Path) -> None:
    with _write(tmp_path / "a.h5") as shard:
        np.testing.assert_array_equal(shard.part("b", 2, 30), shard.clip("b")[2:30])
        with pytest.raises(ShardError, match="clip 'b': rows 0 to 99999 of"):
            shard.part("b", 0, 99999)
