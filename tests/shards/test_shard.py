"""Shards: what is written is read, by any way and in any process, and nothing else is taken for a shard."""

import errno
import os
import pickle
import shutil
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from poseattn.shards import reader as shard_rows
from poseattn.shards.format import fixed_text
from poseattn.shards.shard import Shard, ShardError, ShardWriter, SideArray
from tests.failing import failing_from

SIDE = {"mask": SideArray("frame hand", "1"), "time": SideArray("frame", "seconds")}
LENGTHS = {"S001": 3, "S002": 1, "S003": 7, "Straße 4": 2}


def _clips() -> dict[str, dict[str, np.ndarray]]:
    rng = np.random.default_rng(0)
    return {
        clip_id: {
            "data": rng.standard_normal((n, 4, 6)).astype(np.float16),
            "mask": rng.integers(0, 2, (n, 4)).astype(np.uint8),
            "time": np.arange(n) / 30,
        }
        for clip_id, n in LENGTHS.items()
    }


def _writer(path: Path, **changes: object) -> ShardWriter:
    given = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": '{"size": 64}', "code": "c0de"}
    return ShardWriter(path, **{**given, "side": SIDE, "attrs": {"weights": "random", "scale": 0.1}, **changes})


def _write(path: Path, **changes: object) -> Path:
    with _writer(path, **changes) as writer:
        for clip_id, arrays in _clips().items():
            writer.append(clip_id, **arrays)
    return path


def _whole(name: str) -> np.ndarray:
    return np.concatenate([arrays[name] for arrays in _clips().values()])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return _write(tmp_path / "000.h5")


def test_reads_what_was_written(path: Path) -> None:
    with Shard(path, kind="glimpses", axes="frame hand channel", recipe='{"size": 64}') as shard:
        assert shard.clip_ids == list(LENGTHS)
        assert shard.offsets.tolist() == [0, 3, 4, 11, 13]
        assert (shard.n_rows, shard.row_shape, shard.dtype) == (13, (4, 6), np.float16)
        assert shard.side_names == ["mask", "time"]
        assert shard.attrs["weights"] == "random" and shard.attrs["scale"] == 0.1 and shard.attrs["units"] == "1"
        assert '"h5py"' in shard.attrs["versions"]
        for clip_id, arrays in _clips().items():
            np.testing.assert_array_equal(shard.clip(clip_id), arrays["data"])
            for name in SIDE:
                np.testing.assert_array_equal(shard.side(name, clip_id), arrays[name])
                assert shard.side(name, clip_id).dtype == arrays[name].dtype
        np.testing.assert_array_equal(shard.side_all("time"), _whole("time"))
        shard.check_content()


@pytest.mark.parametrize(
    "index",
    [[5], [0, 1, 2, 3], [12, 3, 3, 4, 0], [[4, 5, 6], [0, 7, 8]], [], list(range(13)), [11, 12, 0, 1, 9, 8, 7]],
)
def test_rows_are_the_rows_of_the_whole_array(path: Path, index: list) -> None:
    numbers = np.array(index, np.int64)
    with Shard(path) as shard:
        np.testing.assert_array_equal(shard.rows(numbers), _whole("data")[numbers])
        assert shard.rows(numbers).shape == (*numbers.shape, 4, 6)


def test_random_rows_also_of_a_file_that_is_not_in_memory(tmp_path: Path) -> None:
    data = np.arange(3000 * 700, dtype=np.float32).reshape(3000, 700)
    with ShardWriter(tmp_path / "a.h5", kind="test", axes="frame d", units="1", recipe="{}", code="c") as writer:
        writer.append("a", data)
    rng = np.random.default_rng(0)
    with Shard(tmp_path / "a.h5") as shard, open(tmp_path / "a.h5", "rb") as file:
        for _ in range(20):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            index = rng.integers(0, 3000, 40).repeat(3) + np.tile([0, 1, 2], 40)
            index = np.minimum(index, 2999)
            np.testing.assert_array_equal(shard.rows(index), data[index])


def test_reads_all_rows_into_an_array(path: Path) -> None:
    out = np.empty((13, 4, 6), np.float16)
    with Shard(path) as shard:
        shard.read_into(out)
        np.testing.assert_array_equal(out, _whole("data"))
        for wrong in (out[1:], out.astype(np.float32), np.empty((13, 6, 4), np.float16).swapaxes(1, 2)):
            with pytest.raises(ValueError, match="expected contiguous float16"):
                shard.read_into(wrong)


def test_any_hdf5_program_can_read_it(path: Path) -> None:
    with h5py.File(path) as file:
        assert set(file) == {"data", "offsets", "clip_id", "mask", "time"}
        np.testing.assert_array_equal(file["data"][:], _whole("data"))
        assert file["clip_id"].asstr()[3] == "Straße 4"
        assert file["time"].attrs["units"] == b"seconds" and file["data"].attrs["axes"] == b"frame hand channel"
        assert file.attrs["kind"] == b"glimpses" and file.attrs["code"] == b"c0de"


def test_plain_shards_lie_in_one_piece_from_a_page_on(tmp_path: Path) -> None:
    data = np.ones((500, 4, 6), np.float16)
    with _writer(tmp_path / "a.h5", side={}) as writer:
        writer.append("a", data)
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["data"].chunks is None
        assert file["data"].id.get_offset() % 4096 == 0


def _archive(path: Path, out: Path) -> Path:
    """A packed copy, as earlier versions made it."""
    with h5py.File(path) as file, h5py.File(out, "w") as packed:
        packed.attrs.update(file.attrs)
        for name, array in file.items():
            how = {} if name in ("offsets", "clip_id") else {"compression": "gzip", "shuffle": True, "chunks": True}
            packed.create_dataset(name, data=array[:], **how).attrs.update(array.attrs)
    return out


def test_an_archive_is_refused_with_the_command_that_unpacks_it(path: Path, tmp_path: Path) -> None:
    packed = _archive(path, tmp_path / "packed.h5")
    command = r"h5repack -f NONE -l CONTI in.h5 out.h5"
    with pytest.raises(ShardError, match=rf"packed.h5: data is in pieces, .*: unpack with `{command}`$"):
        Shard(packed)
    if not shutil.which("h5repack"):
        pytest.skip("no h5repack on this machine")
    subprocess.run([*command.split()[:-2], packed, tmp_path / "plain.h5"], check=True)
    with Shard(tmp_path / "plain.h5") as shard:
        shard.check_content()
        np.testing.assert_array_equal(shard.rows(np.arange(13)), _whole("data"))


def test_unknown_names_and_rows_are_refused(path: Path) -> None:
    with Shard(path) as shard:
        with pytest.raises(ShardError, match="000.h5: no clip 'S9' in it"):
            shard.clip("S9")
        with pytest.raises(ShardError, match="000.h5: no array 'depth' in it, only data, mask, time"):
            shard.side("depth", "S001")
        for wrong in ([13], [-1, 0], [12, 13]):
            with pytest.raises(ShardError, match="asked for, it has 13"):
                shard.rows(np.array(wrong))


@pytest.mark.parametrize("expected", [{"kind": "poses"}, {"axes": "frame channel hand"}, {"recipe": '{"size": 65}'}])
def test_another_kind_axes_or_recipe_is_refused(path: Path, expected: dict[str, str]) -> None:
    (name, value), *_ = expected.items()
    with pytest.raises(ShardError, match=f"000.h5: shard of {name} .*, expected ") as error:
        Shard(path, **expected)
    assert value in str(error.value)


def _pickled_copy(path: Path) -> Shard:
    shard = Shard(path)
    shard.clip("S001")
    return pickle.loads(pickle.dumps(shard))


def test_a_pickled_shard_reads(path: Path) -> None:
    np.testing.assert_array_equal(_pickled_copy(path).clip("S003"), _clips()["S003"]["data"])


def test_threads_that_open_the_file_at_once_read_one_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is kept in the middle of opening until all of them are there."""
    shard, barrier, stamp = _pickled_copy(path), threading.Barrier(4), shard_rows._stamp

    def slow(stat: os.stat_result) -> tuple[int, int, int]:
        barrier.wait(timeout=20)
        return stamp(stat)

    monkeypatch.setattr(shard_rows, "_stamp", slow)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: shard.clip("S003"), range(4)))
    for data in found:
        np.testing.assert_array_equal(data, _clips()["S003"]["data"])
    assert len(shard._reader._files) == 1


_FORKING = """
import os, sys
from pathlib import Path
import numpy as np
from poseattn.shards.shard import Shard
shard = Shard(Path(sys.argv[1]))
first = shard.clip(sys.argv[2])
child = os.fork()
if not child:
    np.save(sys.argv[1] + ".npy", np.concatenate([shard.clip(clip_id) for clip_id in sys.argv[2:]]))
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
np.testing.assert_array_equal(shard.clip(sys.argv[2]), first)
"""


def test_a_forked_process_opens_the_file_for_itself(path: Path) -> None:
    """In an interpreter of its own, which has one thread: a process of many threads may hang in its copies."""
    subprocess.run([sys.executable, "-c", _FORKING, path, *LENGTHS], check=True, timeout=120)
    np.testing.assert_array_equal(np.load(f"{path}.npy"), _whole("data"))


def test_a_shard_reads_after_close(path: Path) -> None:
    with Shard(path) as shard:
        shard.clip("S001")
    np.testing.assert_array_equal(shard.clip("S002"), _clips()["S002"]["data"])
    shard.close()


def test_a_file_replaced_meanwhile_is_refused(path: Path) -> None:
    shard = _pickled_copy(path)
    path.unlink()
    with _writer(path) as writer:
        writer.append("S001", **_clips()["S003"])
    with pytest.raises(ShardError, match="replaced or changed since it was opened"):
        shard.clip("S001")


def test_a_file_cut_meanwhile_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "000.h5")
    shard = Shard(path)
    shard.clip("S001")
    os.truncate(path, 100)
    with pytest.raises(ShardError, match="truncated at byte"):
        shard.clip("S003")


_CHECK = """
import sys
from pathlib import Path
from poseattn.shards.shard import Shard
Shard(Path(sys.argv[1])).check_content()
"""


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_rows_that_the_system_does_not_give_are_no_damage(path: Path, tmp_path: Path, share: float) -> None:
    """Or a user would be told to delete a sound shard."""
    failing = failing_from(tmp_path, path, int(share * path.stat().st_size), errno.EIO)
    done = subprocess.run(
        [sys.executable, "-c", _CHECK, path], env=os.environ | failing, text=True, capture_output=True
    )
    assert f"OSError: [Errno 5] Input/output error: '{path}'" in done.stderr
    done = subprocess.run([sys.executable, "-c", _CHECK, path], text=True, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_shard_cut_anywhere_is_refused(path: Path) -> None:
    whole = path.read_bytes()
    for size in [1, 7, 8, 40, *range(100, len(whole), 97), len(whole) // 2, len(whole) - 5, len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(ShardError, match="000.h5: (truncated|no HDF5 file)") as error:
            Shard(path)
        assert "\n" not in str(error.value)


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    """By opening or at the latest by the checksums; only gaps between the parts of the file are nobody's."""
    path = _write(tmp_path / "000.h5")
    whole = bytearray(path.read_bytes())
    with h5py.File(path) as file:
        start = file["data"].id.get_offset()
    found = []
    places = [*range(8, start, 29), *range(start, start + 13 * 48, 17)]
    for place in places:
        whole[place] ^= 0x55
        path.write_bytes(whole)
        try:
            with Shard(path) as shard:
                shard.check_content()
        except ShardError as error:
            assert str(path) in str(error) and "\n" not in str(error)
            found.append(place)
        whole[place] ^= 0x55
    assert found[-37:] == places[-37:], "a change of the data was missed"
    assert len(found) > 0.5 * len(places)


def test_a_changed_row_is_refused_by_whoever_reads_of_its_array(tmp_path: Path) -> None:
    """Wherever the row is; arrays beside it stay readable, and so does what tells what is inside."""
    path = _write(tmp_path / "000.h5")
    with h5py.File(path) as file:
        last = file["data"].id.get_offset() + file["data"].id.get_storage_size() - 1
    whole, stat = bytearray(path.read_bytes()), path.stat()
    whole[last] ^= 1
    path.write_bytes(whole)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # as a disk does it, which Snakemake cannot see
    first = np.array([0])
    reads = (lambda shard: shard.rows(first), lambda shard: shard.clip("S001"), lambda shard: shard.part("S001", 0, 1))
    for read in reads:
        with Shard(path) as shard:
            assert shard.side_all("mask").shape == (13, 4)
            for _ in range(2):
                with pytest.raises(ShardError, match="000.h5: data has changed since it was written: delete it and"):
                    read(shard)


def test_what_is_no_shard_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with pytest.raises(FileNotFoundError, match="x.h5"):
        Shard(path)
    path.touch()
    with pytest.raises(ShardError, match="x.h5: is empty, expected a shard"):
        Shard(path)
    path.write_text("clip_id\tlabel\n")
    with pytest.raises(ShardError, match="x.h5: no HDF5 file, expected a shard"):
        Shard(path)
    with h5py.File(path, "w") as file:
        file["data"] = np.zeros(3)
    with pytest.raises(ShardError, match="x.h5: HDF5 file of some other software: a shard has kind, .*, clip_id"):
        Shard(path)


def _replace(file: h5py.File, name: str, content: np.ndarray) -> None:
    del file[name]
    file.create_dataset(name, data=content).attrs["crc32"] = zlib.crc32(content)


def _offsets(file: h5py.File, values: list[int]) -> None:
    _replace(file, "offsets", np.array(values))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file.attrs.update(format=99), "shard of format version 99, expected 1"),
        (lambda file: _offsets(file, [0, 3, 4, 11, 12]), "offsets do not rise from 0 to the 13 rows"),
        (lambda file: _offsets(file, [0, 4, 4, 11, 13]), "offsets do not rise"),
        (lambda file: _offsets(file, [0, 13]), r"offsets are int64 \(2,\) for 4 clips"),
        (lambda file: _replace(file, "clip_id", fixed_text(["a", "b", "a", "c"])), "a clip is listed twice"),
        (lambda file: file["clip_id"].write_direct(fixed_text(["S001xxxxx"] * 4)), "clip_id has changed"),
        (lambda file: file["mask"].attrs.update(axes="frame"), "mask has shape .*, expected 13 rows and the axes"),
        (lambda file: file.move("offsets", "rows"), "a shard has offsets"),
        (lambda file: file.create_group("more"), "more is no array of numbers or texts in this file"),
    ],
)
def test_a_shard_that_contradicts_itself_is_refused(tmp_path: Path, change: object, reason: str) -> None:
    path = _write(tmp_path / "000.h5")
    with h5py.File(path, "r+") as file:
        change(file)
    with pytest.raises(ShardError, match=f"000.h5: .*{reason}"):
        Shard(path)


def test_rows_may_be_empty_beside_others_that_are_not(tmp_path: Path) -> None:
    """People with boxes and without joints."""
    with _writer(tmp_path / "a.h5", axes="frame joint channel", side={"box": SideArray("frame side", "1")}) as writer:
        writer.append("a", np.empty((3, 0, 2), np.float16), box=np.ones((3, 4), np.uint8))
    with Shard(tmp_path / "a.h5") as shard:
        shard.check_content()
        assert shard.clip("a").shape == (3, 0, 2)


def test_a_shard_without_clips_has_shapes_all_the_same(tmp_path: Path) -> None:
    with _writer(tmp_path / "none.h5", empty=((4, 6), np.float16)):
        pass
    with Shard(tmp_path / "none.h5") as shard:
        assert (shard.n_rows, shard.row_shape, shard.dtype, shard.clip_ids) == (0, (4, 6), np.float16, [])
        assert shard.side_all("mask").shape == (0, 4) and shard.offsets.tolist() == [0]
        masks = np.concatenate([shard.side_all("mask"), _whole("mask")])
        assert masks.dtype == np.uint8 and masks.shape == (13, 4)
        shard.read_into(np.empty((0, 4, 6), np.float16))
        shard.check_content()
    with _writer(tmp_path / "bare.h5"):
        pass
    assert Shard(tmp_path / "bare.h5").row_shape == (0, 0)
