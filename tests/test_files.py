"""Texts that end with a checksum, and archives that have checksums inside."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from poseattn.files import damage_of_archive, lock, read_sealed, replace_file, write_all, write_sealed
from poseattn.networks.torch_files import read_torch
from tests.failing import refuse


def damages(path: Path, step: int = 1) -> list[int]:
    """Places of a file; at each turn the byte there is another one, and at the end the file is as it was."""
    whole = path.read_bytes()
    for place in range(0, len(whole), step):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        yield place
    path.write_bytes(whole)


@pytest.mark.parametrize("text", ["", "a\tb\n1\t2\n", "no line end", "# crc32 01234567\nno seal\n", "\u00fc\r\n"])
def test_a_sealed_text_comes_back(tmp_path: Path, text: str) -> None:
    write_sealed(tmp_path / "a.tsv", text)
    assert read_sealed(tmp_path / "a.tsv") == text
    assert (tmp_path / "a.tsv").read_bytes().decode().startswith(text)  # readable by anybody


def test_every_changed_byte_and_every_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    write_sealed(path, "clip_id\tlabel\nS001\t3\nS002\t4\n")
    whole = path.read_bytes()
    for _ in damages(path):
        with pytest.raises(ValueError, match="a.tsv: truncated, or changed since it was written: delete it and run"):
            read_sealed(path)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="a.tsv: truncated"):
            read_sealed(path)


def test_the_checksum_is_that_of_everybody(tmp_path: Path) -> None:
    """123456789 is the check value of CRC-32 (ISO 3309): cbf43926."""
    write_sealed(tmp_path / "a.txt", "123456789")
    assert (tmp_path / "a.txt").read_text() == "123456789# crc32 cbf43926\n"


def test_a_changed_tensor_in_an_archive_is_found(tmp_path: Path) -> None:
    """PyTorch itself reads it without a word."""
    path, state = tmp_path / "a.pt", {"weight": torch.arange(100)}
    torch.save(state, path)
    assert damage_of_archive(path) == ""
    silent = 0
    for place in damages(path):
        found = damage_of_archive(path)
        try:
            same = torch.equal(torch.load(path, weights_only=True)["weight"], state["weight"])
        except Exception:  # it noticed
            continue
        silent += not same
        assert same or found, f"a change of byte {place} was missed"
    assert silent > 600


def test_two_writers_of_one_file_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    replace_file(path, b"first")
    with lock(tmp_path / "a.pt.part"):
        with pytest.raises(BlockingIOError, match="another process is writing this file: .*a.pt"):
            replace_file(path, b"second")
    assert path.read_bytes() == b"first"
    replace_file(path, b"third")
    assert path.read_bytes() == b"third" and [file.name for file in tmp_path.iterdir()] == ["a.pt"]


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: bytes(data[:5]) + b"\0" + bytes(data[6:])])
def test_bytes_that_the_disk_does_not_give_back_get_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[memoryview], bytes]
) -> None:
    path = tmp_path / "a.pt"
    replace_file(path, b"the one before")
    monkeypatch.setattr("poseattn.files.write_all", lambda file, data: write_all(file, memoryview(spoil(data))))
    with pytest.raises(OSError, match="the disk gives other bytes back than were written, from byte [06] on: .*a.pt"):
        replace_file(path, b"content")
    assert path.read_bytes() == b"the one before" and [file.name for file in tmp_path.iterdir()] == ["a.pt"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOENT, errno.EMFILE])
def test_a_file_that_the_system_does_not_give_is_not_called_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    torch.save({"weight": torch.arange(9)}, tmp_path / "a.pt")
    write_sealed(tmp_path / "a.tsv", "a\n")
    for name, read in (("a.pt", damage_of_archive), ("a.pt", read_torch), ("a.tsv", read_sealed)):
        with monkeypatch.context() as patch:
            refuse(patch, tmp_path / name, number)
            with pytest.raises(OSError, match=name) as raised:
                read(tmp_path / name)
        assert raised.value.errno == number


def test_what_a_killed_writer_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.pt.part").write_bytes(b"longer than what comes now")
    replace_file(tmp_path / "a.pt", b"short")
    assert (tmp_path / "a.pt").read_bytes() == b"short"
