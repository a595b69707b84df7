"""Stage fetch_weights on its command line."""

from pathlib import Path

import pytest

from poseattn.__main__ import main


def _arguments(url: str, folder: Path) -> list[str]:
    out = ["--out", str(folder / "net.pth"), "--sums", str(folder / "SHA256SUMS")]
    return ["fetch-weights", "--url", url, "--sha256-prefix", "", *out]


def test_file_arrives(tmp_path: Path) -> None:
    source = tmp_path / "source.pth"
    source.write_bytes(b"weights")
    assert main(_arguments(source.as_uri(), tmp_path / "weights")) == 0
    assert (tmp_path / "weights/net.pth").read_bytes() == b"weights"


def test_missing_file_is_one_line_with_file_address_and_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = (tmp_path / "nowhere.pth").as_uri()
    assert main(_arguments(url, tmp_path)) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("poseattn fetch-weights: error: ")
    assert all(part in last for part in ("net.pth", url, f"folder {tmp_path}"))
