"""Weights files: fetched once, checked always, refused with one line that says what to do."""

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from poseattn import weights

CONTENT = b"published weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/missing.pth":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[:100] if self.path == "/cut.pth" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        self.server.requests.append(self.path)


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    server = http.server.HTTPServer(("127.0.0.1", 0), _Handler)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def _url(server: http.server.HTTPServer, name: str = "net.pth") -> str:
    return f"http://127.0.0.1:{server.server_port}/{name}"


@pytest.mark.parametrize("prefix", [DIGEST, DIGEST[:8], ""])
def test_fetched_once_and_recorded(server: http.server.HTTPServer, tmp_path: Path, prefix: str) -> None:
    out, sums = tmp_path / "weights/net.pth", tmp_path / "weights/SHA256SUMS"
    for _ in range(2):
        weights.fetch(_url(server), prefix, out, sums)
    assert server.requests == ["/net.pth"]
    assert out.read_bytes() == CONTENT
    assert sums.read_text() == f"{DIGEST}  net.pth\n"  # what sha256sum writes and checks
    assert sorted(file.name for file in out.parent.iterdir()) == ["SHA256SUMS", "net.pth"]


def test_file_put_there_by_hand_is_checked_without_network(tmp_path: Path) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    out.write_bytes(CONTENT)
    weights.fetch("http://127.0.0.1:9/net.pth", DIGEST[:8], out, sums)
    with pytest.raises(ValueError, match="the published one begins with 00000000"):
        weights.fetch("http://127.0.0.1:9/net.pth", "00000000", out, sums)
    assert out.read_bytes() == CONTENT


def test_later_change_of_a_file_without_published_digest_is_refused(tmp_path: Path) -> None:
    out, sums = tmp_path / "net.pth", tmp_path / "SHA256SUMS"
    sums.write_text(f"{'0' * 64}  other.pth\n")
    out.write_bytes(CONTENT)
    weights.fetch("http://127.0.0.1:9/net.pth", "", out, sums)
    out.write_bytes(CONTENT + b"!")
    with pytest.raises(ValueError) as caught:
        weights.fetch("http://127.0.0.1:9/net.pth", "", out, sums)
    message = str(caught.value)
    assert all(part in message for part in ("net.pth", "http://127.0.0.1:9/net.pth", str(tmp_path), DIGEST))
    assert "\n" not in message
    assert len(sums.read_text().splitlines()) == 2


@pytest.mark.parametrize(("name", "reason"), [("missing.pth", "404"), ("cut.pth", "100 of 17000 bytes")])
def test_failed_download_says_where_to_put_the_file(
    server: http.server.HTTPServer, tmp_path: Path, name: str, reason: str
) -> None:
    with pytest.raises(OSError, match=reason) as caught:
        weights.fetch(_url(server, name), "", tmp_path / name, tmp_path / "SHA256SUMS")
    assert all(part in str(caught.value) for part in (name, _url(server, name), f"folder {tmp_path}"))
    assert list(tmp_path.iterdir()) == []


def test_no_internet(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="refused.*by hand"):
        weights.fetch("http://127.0.0.1:9/net.pth", "", tmp_path / "net.pth", tmp_path / "SHA256SUMS")


def test_wrong_download_is_not_kept(server: http.server.HTTPServer, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the file of"):
        weights.fetch(_url(server), "12345678", tmp_path / "net.pth", tmp_path / "SHA256SUMS")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("prefix", ["0cc3", "0CC3C7BD", "0cc3c7bz", "0" * 65])
def test_malformed_digest(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match="sha256_prefix"):
        weights.fetch("file:///net.pth", prefix, tmp_path / "net.pth", tmp_path / "SHA256SUMS")


def test_digits_in_a_file_name() -> None:
    assert weights.published_prefix("https://a.org/models/inception_v3_google-0cc3c7bd.pth") == "0cc3c7bd"
    assert weights.published_prefix("https://a.org/c3d-pretrained.pth") == ""
