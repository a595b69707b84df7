"""Writing shards: what is refused, and that a shard appears whole or not at all, whatever happens."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from poseattn.shards.shard import Shard, ShardWriter, SideArray

HEADER = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": "{}", "code": "c0de"}
SIDE = {"mask": SideArray("frame hand", "1")}
ROW_BYTES = 2 * 3 * 2


def _clip(n_frames: int, fill: int = 1) -> dict[str, np.ndarray]:
    return {"data": np.full((n_frames, 2, 3), fill, np.float16), "mask": np.ones((n_frames, 2), np.uint8)}


def _write(path: Path, n_frames: int = 4, n_clips: int = 2, **changes: object) -> None:
    with ShardWriter(path, **{**HEADER, "side": SIDE, **changes}) as writer:
        for number in range(n_clips):
            writer.append(f"clip{number}", **_clip(n_frames, number))


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "a.h5")
    time.sleep(1.1)  # HDF5 would store the second
    _write(tmp_path / "b.h5")
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a.h5", "b.h5"]


def test_long_recipes_and_many_clips_fit(tmp_path: Path) -> None:
    recipe = '{"note": "' + "x" * 300_000 + '"}'
    _write(tmp_path / "a.h5", 1, 3000, recipe=recipe)
    with Shard(tmp_path / "a.h5", recipe=recipe) as shard:
        assert len(shard.clip_ids) == 3000


def test_big_endian_and_strided_rows_are_stored_as_they_read(tmp_path: Path) -> None:
    data = np.arange(24, dtype=">f4").reshape(4, 3, 2).swapaxes(1, 2)
    with ShardWriter(tmp_path / "a.h5", **{**HEADER, "kind": "poses"}) as writer:
        writer.append("a", data)
    with Shard(tmp_path / "a.h5") as shard:
        np.testing.assert_array_equal(shard.clip("a"), data)
        shard.check_content()


@pytest.mark.parametrize(
    ("clip_id", "change", "reason"),
    [
        ("clip0", {}, "is in the shard already"),
        ("a\nb", {}, "no control characters"),
        ("a", {"data": np.ones((0, 2, 3), np.float16)}, "has no rows"),
        ("a", {"mask": None}, r"has the arrays \['data'\], expected \['data', 'mask'\]"),
        ("a", {"time": np.ones(4)}, r"has the arrays \['data', 'mask', 'time'\]"),
        ("a", {"data": np.ones((4, 2, 5), np.float16)}, r"data is float16 \(4, 2, 5\), expected .* channel=3"),
        ("a", {"data": np.ones((4, 2), np.float16)}, r"data is float16 \(4, 2\), expected"),
        ("a", {"data": np.ones((4, 2, 3), np.float32)}, "data is float32 .*, expected float16"),
        ("a", {"mask": np.ones((3, 2), np.uint8)}, r"mask is uint8 \(3, 2\), expected uint8 frame=4 hand=2"),
        ("a", {"mask": np.ones((4, 4), np.uint8)}, r"mask is uint8 \(4, 4\), expected uint8 frame=4 hand=2"),
    ],
)
def test_a_clip_that_does_not_fit_is_refused_and_the_shard_goes_on(
    tmp_path: Path, clip_id: str, change: dict[str, np.ndarray], reason: str
) -> None:
    arrays = {name: array for name, array in {**_clip(4), **change}.items() if array is not None}
    with ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
        writer.append("clip0", **_clip(2))
        with pytest.raises(ValueError, match=f"a.h5: clip .*{reason}"):
            writer.append(clip_id, **arrays)
        writer.append("clip1", **_clip(3))
    with Shard(tmp_path / "a.h5") as shard:
        assert shard.clip_ids == ["clip0", "clip1"] and shard.offsets.tolist() == [0, 2, 5]
        shard.check_content()


@pytest.mark.parametrize(
    ("header", "data", "reason"),
    [
        ({"kind": "poses"}, np.ones((4, 2, 3), np.float16), "float16, which is for features only"),
        ({}, np.ones((4, 2, 3), bool), "data is bool, expected integers or floats"),
        ({}, np.full((4, 2, 3), None), "data is object, expected integers or floats"),
        ({"empty": ((2, 5), "float16")}, np.ones((4, 2, 3), np.float16), "expected float16 frame=4 hand=2 channel=5"),
    ],
)
def test_the_first_clip_is_checked_too(tmp_path: Path, header: dict, data: np.ndarray, reason: str) -> None:
    with pytest.raises(ValueError, match=reason), ShardWriter(tmp_path / "a.h5", **{**HEADER, **header}) as writer:
        writer.append("a", data)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"side": {"offsets": SideArray("frame", "1")}}, "the name 'offsets' is reserved"),
        ({"attrs": {"recipe": "{}"}}, "the name 'recipe' is reserved"),
        ({"side": {"mask": SideArray("hand frame", "1")}}, "mask has the axes 'hand frame', expected 'frame'"),
    ],
)
def test_wrong_names_are_refused_before_anything_is_written(tmp_path: Path, wrong: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=f"a.h5: {reason}"):
        ShardWriter(tmp_path / "a.h5", **HEADER, **wrong)


def test_a_clip_in_pieces_is_the_clip_and_a_dropped_one_leaves_no_trace(tmp_path: Path) -> None:
    _write(tmp_path / "whole.h5", n_clips=3)
    with ShardWriter(tmp_path / "pieces.h5", **HEADER, side=SIDE) as writer:
        writer.drop()  # nothing to drop
        for number in range(3):
            for n_frames in (3000, 1):
                writer.extend("bad", **_clip(n_frames, 9))
            writer.drop()
            for n_frames in (1, 3):
                writer.extend(f"clip{number}", **_clip(n_frames, number))
            writer.finish(f"clip{number}")
        writer.extend("bad", **_clip(2, 9))
        writer.drop()
    assert (tmp_path / "pieces.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["pieces.h5", "whole.h5"]


def test_clips_in_pieces_come_one_after_the_other(tmp_path: Path) -> None:
    with ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
        writer.extend("one", **_clip(2))
        with pytest.raises(ValueError, match="a.h5: clip 'two' begins before 'one' is finished"):
            writer.extend("two", **_clip(2))
        with pytest.raises(ValueError, match="clip 'two' has no rows"):
            writer.finish("two")
        writer.finish("one")
        with pytest.raises(ValueError, match="clip 'one' is in the shard already"):
            writer.extend("one", **_clip(2))
        with pytest.raises(ValueError, match="clip 'two' has no rows"):
            writer.finish("two")
    assert Shard(tmp_path / "a.h5").offsets.tolist() == [0, 2]


def test_half_a_clip_at_the_end_gives_no_shard(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="clip 'one' was not finished"):
        with ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
            writer.extend("one", **_clip(2))
    assert os.listdir(tmp_path) == []


def test_an_exception_leaves_the_old_shard_and_nothing_else(tmp_path: Path) -> None:
    _write(tmp_path / "a.h5")
    before = (tmp_path / "a.h5").read_bytes()
    with pytest.raises(KeyError), ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
        writer.append("other", **_clip(4))
        raise KeyError
    assert os.listdir(tmp_path) == ["a.h5"]
    assert (tmp_path / "a.h5").read_bytes() == before


def test_a_second_writer_is_kept_out_and_the_first_goes_on(tmp_path: Path) -> None:
    with ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
        writer.append("mine", **_clip(4))
        with pytest.raises(BlockingIOError, match="another process is writing this file: .*a.h5.part") as error:
            _write(tmp_path / "a.h5")
        assert "\n" not in str(error.value)
        writer.append("mine too", **_clip(4))
    assert Shard(tmp_path / "a.h5").clip_ids == ["mine", "mine too"]
    assert os.listdir(tmp_path) == ["a.h5"]


_WRITE_AND_BE_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.shards.test_writer import HEADER, SIDE, _clip
from poseattn.shards.writer import ShardWriter

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

with ShardWriter(Path(sys.argv[1]), **HEADER, side=SIDE) as writer:
    writer.append("left over", **_clip(9000))
    if sys.argv[2] == "append":
        kill()
    setattr(os, sys.argv[2], kill)
"""


@pytest.mark.parametrize("moment", ["append", "fsync", "replace"])
def test_leftovers_of_a_killed_writer_are_overwritten(tmp_path: Path, moment: str) -> None:
    """The writer has an interpreter of its own: a fork of a process of many threads may hang for ever."""
    path = tmp_path / "a.h5"
    place = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    writer = subprocess.run([sys.executable, "-c", _WRITE_AND_BE_KILLED, path, moment], env=place, timeout=120)
    assert writer.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path) == ["a.h5.part"]
    _write(path)
    _write(tmp_path / "undisturbed.h5")
    assert path.read_bytes() == (tmp_path / "undisturbed.h5").read_bytes()
    assert sorted(os.listdir(tmp_path)) == ["a.h5", "undisturbed.h5"]


@contextmanager
def _file_size_limit(n_bytes: int) -> Iterator[None]:
    """Writes beyond this many bytes of a file fail, as on a full disk (Python ignores the signal that comes along)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.filterwarnings("error")  # HDF5 complains of its failed writes on its own
def test_writes_that_fail_at_any_byte_leave_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    data_bytes = 2 * 1000 * ROW_BYTES
    for limit in (0, 1, data_bytes // 2, data_bytes - 1, data_bytes, data_bytes + 5000):
        with pytest.raises(OSError, match=r"cannot write the file: File too large: '.*a.h5'") as error:
            with _file_size_limit(limit):
                _write(path, 1000)
        assert "\n" not in str(error.value)
        assert os.listdir(tmp_path) == []
    with _file_size_limit(data_bytes + 200_000):
        _write(path, 1000)
    with Shard(path) as shard:
        shard.check_content()


def test_a_full_disk_taken_for_a_bad_clip_gives_no_shard(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="File too large"), ShardWriter(tmp_path / "a.h5", **HEADER, side=SIDE) as writer:
        writer.append("good", **_clip(4))
        with pytest.raises(OSError, match="File too large"), _file_size_limit(4 * ROW_BYTES + 5):
            writer.append("bad", **_clip(4))
        writer.append("good too", **_clip(4))
    assert os.listdir(tmp_path) == []


def test_bytes_that_the_disk_does_not_give_back_get_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A place in the middle of the rows that reads as zeros, as where a late write failed."""
    path, flush = tmp_path / "a.h5", os.fsync
    _write(path, 1000)
    whole = path.read_bytes()

    def lose(number: int) -> None:
        os.pwrite(number, bytes(64), os.fstat(number).st_size // 4)
        flush(number)

    monkeypatch.setattr("os.fsync", lose)
    with pytest.raises(OSError, match="cannot write the file: the disk gives other bytes back than were written"):
        _write(path, 1000)
    assert os.listdir(tmp_path) == ["a.h5"] and path.read_bytes() == whole


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a file system of so many kB; only root may."""
    folders = []

    def make(kilobytes: int) -> Path:
        folder = tmp_path / f"{kilobytes}kB"
        folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("mounting a small file system is not permitted")
        folders.append(folder)
        return folder

    yield make
    for folder in folders:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.filterwarnings("error")  # HDF5 complains of its failed writes on its own
def test_a_full_disk_leaves_nothing(small_disk: Callable[[int], Path]) -> None:
    written = 0
    for kilobytes in (4, 8, 16, 32, 64, 128, 160, 192, 196, 200, 204, 208, 212, 256, 300):
        path = small_disk(kilobytes) / "a.h5"
        try:
            _write(path, 1000)
        except OSError as error:
            assert str(error) == f"[Errno 28] cannot write the file: No space left on device: '{path}'"
            assert os.listdir(path.parent) == []
            free = os.statvfs(path.parent)
            assert free.f_bavail == free.f_blocks
        else:
            with Shard(path) as shard:
                shard.check_content()
            assert os.listdir(path.parent) == ["a.h5"]
            written += 1
    assert 1 <= written <= 8
