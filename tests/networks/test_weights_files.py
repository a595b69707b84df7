"""Weights files: fetched once, checked always, refused with one line that says what to do."""

import hashlib
import http.server
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from poseattn.networks import weights_files as weights
from tests.servers import CONTENT, serving, url_of

DIGEST = hashlib.sha256(CONTENT).hexdigest()
NOWHERE = "http://127.0.0.1:9/whole.pth"


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    with serving() as server:
        yield server


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


@pytest.mark.parametrize("name", ["whole", "unsized", "chunked", "moved"])
@pytest.mark.parametrize("prefix", [DIGEST, DIGEST[:8]])
def test_fetched_once_and_recorded(server: http.server.HTTPServer, tmp_path: Path, prefix: str, name: str) -> None:
    out, sums = tmp_path / "weights/net.pth", tmp_path / "weights/SHA256SUMS"
    for _ in range(2):
        weights.fetch(url_of(server, name), prefix, out, sums)
    assert server.requests == ["/moved", "/whole"] if name == "moved" else [f"/{name}"]
    assert out.read_bytes() == CONTENT
    assert sums.read_text() == f"{DIGEST}  net.pth\n"  # what sha256sum writes and checks
    assert _names(out.parent) == ["SHA256SUMS", "net.pth"]


def test_a_file_without_a_digest_waits_for_its_user(server: http.server.HTTPServer, tmp_path: Path) -> None:
    out, sums, url = tmp_path / "net.pth", tmp_path / "SHA256SUMS", url_of(server, "whole")
    for _ in range(2):  # it is fetched once
        with pytest.raises(ValueError) as caught:
            weights.fetch(url, "", out, sums)
        assert str(caught.value) == (
            f"{out}.unchecked: no document states the SHA-256 of {url}. This file has {DIGEST}: compare that with "
            "another source, then accept it as `sha256` of its entry in `weights` of the configuration, or by the line "
            f"`{DIGEST}  net.pth` in {sums}"
        )
        assert _names(tmp_path) == ["net.pth.unchecked"] and server.requests == ["/whole"]
    weights.fetch(url, DIGEST, out, sums)
    assert server.requests == ["/whole"] and _names(tmp_path) == ["SHA256SUMS", "net.pth"]


def test_a_line_of_the_user_accepts_a_file(server: http.server.HTTPServer, tmp_path: Path) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    sums.write_text(f"# mine\n\n{DIGEST.upper()} *net.pth")  # without a line end
    weights.fetch(url_of(server, "unsized"), "", out, sums)
    assert out.read_bytes() == CONTENT
    weights.fetch(url_of(server, "whole"), DIGEST[:8], tmp_path / "other.pth", sums)
    assert weights.recorded(sums) == {"net.pth": DIGEST, "other.pth": DIGEST}
    sums.write_text(f"{DIGEST[:9]}  net.pth\n")
    with pytest.raises(ValueError, match="SHA256SUMS:1: found '.*expected 64 hexadecimal digits and a name"):
        weights.recorded(sums)


def test_a_waiting_file_that_turns_out_wrong_is_fetched_again(server: http.server.HTTPServer, tmp_path: Path) -> None:
    (tmp_path / "net.pth.unchecked").write_bytes(b"EVIL!")
    weights.fetch(url_of(server, "whole"), DIGEST, tmp_path / "net.pth", tmp_path / "SHA256SUMS")
    assert (tmp_path / "net.pth").read_bytes() == CONTENT


def test_file_put_there_by_hand_is_checked_without_network(tmp_path: Path) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    out.write_bytes(CONTENT)
    weights.fetch(NOWHERE, DIGEST[:8], out, sums)
    with pytest.raises(ValueError, match="the stated one begins with 00000000"):
        weights.fetch(NOWHERE, "00000000", out, sums)
    assert out.read_bytes() == CONTENT


def test_later_change_of_a_file_without_published_digest_is_refused(tmp_path: Path) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  other.pth\n{DIGEST}  net.pth\n")
    out.write_bytes(CONTENT)
    weights.fetch(NOWHERE, "", out, sums)
    out.write_bytes(CONTENT + b"!")
    with pytest.raises(ValueError) as caught:
        weights.fetch(NOWHERE, "", out, sums)
    message = str(caught.value)
    assert all(part in message for part in ("net.pth", NOWHERE, str(tmp_path), DIGEST))
    assert "\n" not in message
    assert len(sums.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "prefix", "reason"),
    [
        ("missing", "", "404"),
        ("short", "", "100 of 17000 bytes"),
        ("short", DIGEST, "100 of 17000 bytes"),
        ("torn", "", "IncompleteRead"),
        ("torn", DIGEST, "IncompleteRead"),
        ("unsized", "", "17000 bytes arrived, and neither its server nor a digest says whether that is all"),
    ],
)
def test_a_download_that_may_be_short_is_not_kept(
    server: http.server.HTTPServer, tmp_path: Path, name: str, prefix: str, reason: str
) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    with pytest.raises(OSError, match=reason) as caught:
        weights.fetch(url_of(server, name), prefix, out, sums)
    assert all(part in str(caught.value) for part in ("net.pth", url_of(server, name), f"folder {tmp_path}"))
    assert _names(tmp_path) == []
    out.write_bytes(CONTENT)  # by hand
    weights.fetch(url_of(server, name), DIGEST, out, sums)


def test_no_internet(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="refused.*by hand"):
        weights.fetch(NOWHERE, "", tmp_path / "net.pth", tmp_path / "SHA256SUMS")


def test_wrong_download_is_not_kept(server: http.server.HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the file of"):
        weights.fetch(url_of(server, "whole"), "12345678", tmp_path / "net.pth", tmp_path / "SHA256SUMS")
    assert _names(tmp_path) == []


def test_a_killed_download_is_begun_anew(server: http.server.HTTPServer, tmp_path: Path) -> None:
    held = tmp_path / "net.pth.unchecked.part"
    script = f"import time; from poseattn.files import lock; f = lock(__import__('pathlib').Path({str(held)!r}))"
    holder = subprocess.Popen([sys.executable, "-c", f"{script}; f.write(b'x' * 99999); time.sleep(60)"])
    while not (held.exists() and held.stat().st_size):
        time.sleep(0.01)
    with pytest.raises(OSError, match="another process is writing this file"):
        weights.fetch(url_of(server, "whole"), DIGEST, tmp_path / "net.pth", tmp_path / "SHA256SUMS")
    assert held.stat().st_size == 99999
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    weights.fetch(url_of(server, "whole"), DIGEST, tmp_path / "net.pth", tmp_path / "SHA256SUMS")
    assert _names(tmp_path) == ["SHA256SUMS", "net.pth"]


@pytest.mark.parametrize("prefix", ["0cc3", "0CC3C7BD", "0cc3c7bz", "0" * 65])
def test_malformed_digest(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="sha256_prefix"):
        weights.fetch("file:///net.pth", prefix, tmp_path / "net.pth", tmp_path / "SHA256SUMS")


def test_digits_in_a_file_name() -> None:
    assert weights.published_prefix("https://a.org/models/inception_v3_google-0cc3c7bd.pth") == "0cc3c7bd"
    assert weights.published_prefix("https://a.org/c3d-pretrained.pth") == ""
