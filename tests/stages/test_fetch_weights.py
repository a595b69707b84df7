"""Stage fetch_weights on its command line."""

import hashlib
from pathlib import Path

import pytest

from poseattn.__main__ import main


def _arguments(url: str, folder: Path, digits: str = "") -> list[str]:
    out = ["--out", str(folder / "net.pth"), "--sums", str(folder / "SHA256SUMS")]
    return ["fetch-weights", f"--url={url}", f"--sha256-prefix={digits}", *out]


def test_file_arrives(tmp_path: Path) -> None:
    source = tmp_path / "source.pth"
    source.write_bytes(b"weights")
    assert main(_arguments(source.as_uri(), tmp_path / "weights", hashlib.sha256(b"weights").hexdigest())) == 0
    assert (tmp_path / "weights/net.pth").read_bytes() == b"weights"


def test_missing_file_is_one_line_with_file_address_and_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = (tmp_path / "nowhere.pth").as_uri()
    assert main(_arguments(url, tmp_path)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("poseattn fetch-weights: error: ")
    assert all(part in last for part in ("net.pth", url, f"folder {tmp_path}"))


def test_file_without_a_public_address_is_asked_for_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(_arguments("", tmp_path)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last == (
        f"poseattn fetch-weights: error: {tmp_path}/net.pth is missing and no public address of it is known: "
        f"put it into the folder {tmp_path} by hand"
    )
    (tmp_path / "net.pth").write_bytes(b"weights")
    assert main(_arguments("", tmp_path)) == 1
    digest = hashlib.sha256(b"weights").hexdigest()
    assert f"This file has {digest}: compare that" in capsys.readouterr().err.splitlines()[-1]
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  net.pth\n")
    assert main(_arguments("", tmp_path)) == 0
    (tmp_path / "net.pth").write_bytes(b"changed")
    assert main(_arguments("", tmp_path)) == 1
    assert "is not the file of its publishers: its SHA-256 is" in capsys.readouterr().err.splitlines()[-1]
