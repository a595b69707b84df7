"""Writing videos: whole, or not at all."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from poseattn.video.decode import Video
from poseattn.video.encode import write_video


def _frames(count: int) -> Iterator[np.ndarray]:
    """A bright square that moves over noise that is smooth, (row, col, bgr)."""
    rows, cols = np.mgrid[:64, :96]
    for number in range(count):
        image = np.stack([cols * 2, rows * 3, cols + rows], axis=-1).astype(np.uint8)
        image[20:40, 2 * number : 2 * number + 20] = (30, 200, 250)
        yield image


def test_all_frames_come_back_and_the_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, _frames(12), 30.0)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]
    with Video(tmp_path / "a.mp4") as video:
        frames = list(video.frames())
    assert (len(frames), video.fps) == (12, 30)
    for frame, image in zip(frames, _frames(12), strict=True):
        assert np.abs(frame.image.astype(int) - image).mean() < 4
    assert b"vp09" in (tmp_path / "a.mp4").read_bytes()


@pytest.mark.parametrize("fps", [25.0, 30000 / 1001, 29.97, 12.5, 0.5])
def test_the_rate_is_kept(tmp_path: Path, fps: float) -> None:
    write_video(tmp_path / "a.mp4", _frames(3), fps)
    with Video(tmp_path / "a.mp4") as video:
        times = [frame.time for frame in video.frames([])]
    assert video.fps == pytest.approx(fps, rel=1e-5)
    np.testing.assert_allclose(times, np.arange(3) / fps, rtol=1e-3)


@pytest.mark.parametrize("limit", [100, 1_000, 3_500])
def test_a_full_disk_is_an_error_and_leaves_nothing(tmp_path: Path, limit: int) -> None:
    write_video(tmp_path / "whole.mp4", _frames(60), 25.0)
    assert (tmp_path / "whole.mp4").stat().st_size > limit
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_video(tmp_path / "a.mp4", _frames(60), 25.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.iterdir()] == ["whole.mp4"]


def test_a_video_that_does_not_read_back_gets_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a share that loses what was written without a word."""
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (flush(number), os.truncate(number, 2_000))[0])
    with pytest.raises(OSError, match=r"the video was not written whole: .*a\.mp4"):
        write_video(tmp_path / "a.mp4", _frames(60), 25.0)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_and_no_frames(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing/x.mp4"):
        write_video(tmp_path / "missing/x.mp4", _frames(2), 30.0)
    with pytest.raises(ValueError, match="^there is no frame to write$"):
        write_video(tmp_path / "x.mp4", [], 30.0)
    assert not list(tmp_path.iterdir())
