"""Tool archive: the same clips, smaller; and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from poseattn.__main__ import main
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from tests import toy


@pytest.mark.parametrize("compression", ["zstd", "gzip"])
def test_the_copy_has_the_same_clips_and_is_smaller(tmp_path: Path, compression: str) -> None:
    path, out = tmp_path / "a.h5", tmp_path / "b.h5"
    header = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": "{}", "code": "c"}
    with ShardWriter(path, **header, side={"mask": SideArray("frame hand", "1")}, attrs={"weights": "x"}) as writer:
        for number in range(20):
            rows = np.full((30, 4, 50), number, np.float16)
            writer.append(f"clip{number}", rows, mask=np.ones((30, 4), np.uint8))
    assert main(["archive", str(path), "--out", str(out), "--compression", compression]) == 0
    with Shard(path) as shard, Shard(out, kind="glimpses", axes="frame hand channel") as copy:
        copy.check_content()
        assert copy.clip_ids == shard.clip_ids and copy.attrs == shard.attrs
        for clip_id in shard.clip_ids:
            np.testing.assert_array_equal(copy.clip(clip_id), shard.clip(clip_id))
            np.testing.assert_array_equal(copy.side("mask", clip_id), shard.side("mask", clip_id))
        assert copy.arrays["data"].offset is None
    assert out.stat().st_size < path.stat().st_size


def test_a_shard_is_not_replaced_and_a_wrong_filter_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = toy.write_glimpses(tmp_path / "a.h5", [0])
    before = path.read_bytes()
    assert main(["archive", str(path), "--out", str(path)]) == 1
    assert "the copy must be another file" in capsys.readouterr().err
    assert main(["archive", str(path), "--out", str(tmp_path / "b.h5"), "--compression", "lz77"]) == 1
    assert "unknown compression 'lz77', expected zstd or gzip" in capsys.readouterr().err
    assert path.read_bytes() == before and not (tmp_path / "b.h5").exists()


def test_a_copy_that_would_pass_for_a_forgery_is_not_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but zeros is packed to a ten-thousandth, which readers refuse."""
    path, out = tmp_path / "a.h5", tmp_path / "b.h5"
    header = {"kind": "glimpses", "axes": "frame channel", "units": "1", "recipe": "{}", "code": "c"}
    with ShardWriter(path, **header) as writer:
        writer.append("clip", np.zeros((20_000, 1000), np.float32))
    assert main(["archive", str(path), "--out", str(out)]) == 1
    said = capsys.readouterr().err
    assert "no reader would take the archive: the arrays are said to have 80000020 bytes unpacked, of which" in said
    assert said.endswith("keep the shard as it is\n")
    assert not out.exists() and [file.name for file in tmp_path.iterdir()] == ["a.h5"]


def test_a_copy_does_not_replace_what_is_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = toy.write_glimpses(tmp_path / "a.h5", [0])
    (tmp_path / "folder").mkdir()
    for out in (tmp_path / "folder", Path("/dev/null")):
        assert main(["archive", str(path), "--out", str(out)]) == 1
        assert f"{out} is there and no file" in capsys.readouterr().err
