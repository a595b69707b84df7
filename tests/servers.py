"""A server of weights on this machine, which also does what servers should not."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager

CONTENT = b"published weights" * 1000


class _Handler(http.server.BaseHTTPRequestHandler):
    """Answers by name: `whole`, `short` (of its stated length), `unsized`, `chunked`, `torn` (chunks), `moved`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        kind = self.path.strip("/").partition(".")[0]
        if kind not in ("whole", "short", "unsized", "chunked", "torn", "moved"):
            self.send_error(404)
            return
        self.close_connection = True
        self.send_response(302 if kind == "moved" else 200)
        if kind == "moved":
            self.send_header("Location", self.path.replace("moved", "whole"))
        if kind in ("whole", "short"):
            self.send_header("Content-Length", str(len(CONTENT)))
        if kind in ("chunked", "torn"):
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if kind in ("chunked", "torn"):
            self.wfile.write(f"{len(CONTENT):x}\r\n".encode() + CONTENT + b"\r\n")
            self.wfile.write(b"0\r\n\r\n" if kind == "chunked" else b"")
        elif kind != "moved":
            self.wfile.write(CONTENT[:100] if kind == "short" else CONTENT)

    def log_message(self, *arguments: object) -> None:
        self.server.requests.append(self.path)


@contextmanager
def serving() -> Iterator[http.server.HTTPServer]:
    """A server with the list of its `requests`."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.requests = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def url_of(server: http.server.HTTPServer, name: str) -> str:
    """Address of a file."""
    return f"http://127.0.0.1:{server.server_port}/{name}"
