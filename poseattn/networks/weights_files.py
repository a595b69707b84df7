"""Weights files: fetched from their official address or put in place by hand, and checked either way.

A digest that a source publishes is checked (torchvision writes its first eight digits into the file name). Of a file
without one the user must say that it is the right one: by its digest in the configuration, or by a line in a record of
digests in the format of `sha256sum`. The whole digest of every file is recorded; any later change is refused.
"""

import errno
import fcntl
import hashlib
import http.client
import logging
import os
import re
import urllib.request
from pathlib import Path
from typing import BinaryIO

from poseattn.files import lock, write_all

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte
_WAITING = ".unchecked"  # ends the name of a file that was fetched whole, but that nobody vouches for
_LINE = re.compile(r"([0-9a-fA-F]{64})\s+[*]?(\S.*)")


def fetch(url: str, sha256_prefix: str, out: Path, sums: Path) -> None:
    """Make sure that a weights file is there and is the right one.

    Args:
        url: Its official address; empty if there is no public one.
        sha256_prefix: SHA-256 that its source or the user states, or the first digits of it; empty if nobody does.
        out: Where it belongs. A file that is there is checked and not fetched.
        sums: Record of digests, such as `weights/SHA256SUMS`.

    Raises:
        OSError: It is missing and cannot be fetched.
        ValueError: It is another file than the stated or the recorded one, or nobody says which one is right.
    """
    if not re.fullmatch("([0-9a-f]{8,64})?", sha256_prefix):
        raise ValueError(f"sha256_prefix: found {sha256_prefix!r}, expected 8 to 64 hexadecimal digits or nothing")
    if out.exists():
        check(out, sha256_prefix, url, sums)
        return
    hint = f"put it into the folder {out.parent.resolve()} by hand"
    if not url:
        raise OSError(f"{out} is missing and no public address of it is known: {hint}")
    vouched = bool(sha256_prefix) or out.name in recorded(sums)
    waiting = out.with_name(out.name + _WAITING)
    try:
        if not (waiting.exists() and (not vouched or _is_right(waiting, sha256_prefix, url, sums))):
            _download(url, waiting, vouched)
        try:
            check(waiting, sha256_prefix, url, sums)
        except ValueError:
            if vouched:
                waiting.unlink()
            raise
        os.replace(waiting, out)
    except (OSError, http.client.HTTPException) as error:
        reason = " ".join(str(error).split())
        raise OSError(f"{out} is missing and cannot be fetched from {url} ({reason}): {hint}") from error


def check(path: Path, sha256_prefix: str, url: str, sums: Path) -> None:
    """Compare a file with its stated digest and with the recorded one; a stated one is recorded now.

    Args:
        path: The file; until it is accepted its name ends in `.unchecked`.
        sha256_prefix: First digits of the stated SHA-256, or nothing.
        url: Official address, for the message.
        sums: Record of digests.

    Raises:
        OSError: The file cannot be read, or the record not written.
        ValueError: The digest differs, or nobody states one.
    """
    name = path.name.removesuffix(_WAITING)
    digest = sha256(path)
    if not digest.startswith(sha256_prefix):
        raise ValueError(_refusal(path, digest, f"the stated one begins with {sha256_prefix}", url))
    known = recorded(sums).get(name)
    if known is not None and digest != known:
        raise ValueError(_refusal(path, digest, f"{sums} has {known}", url))
    if known is None and not sha256_prefix:
        raise ValueError(
            f"{path}: no document states the SHA-256 of {url or name}. This file has {digest}: compare that with "
            f"another source, then accept it as `sha256` of its entry in `weights` of the configuration, or by the "
            f"line `{digest}  {name}` in {sums}"
        )
    if known is None:
        _record(sums, name, digest)


def recorded(sums: Path) -> dict[str, str]:
    """Digests that were accepted before.

    Args:
        sums: Record in the format of `sha256sum`; it need not exist.

    Returns:
        Digest of each file name.

    Raises:
        OSError: It cannot be read.
        ValueError: A line of it is no digest and name.
    """
    try:
        text = sums.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return {}
    known = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            if not (parts := _LINE.fullmatch(line.rstrip())):
                raise ValueError(f"{sums}:{number}: found {line[:80]!r}, expected 64 hexadecimal digits and a name")
            known[parts[2]] = parts[1].lower()
    return known


def published_prefix(url: str) -> str:
    """First digits of a SHA-256 that torchvision and PyTorch Hub write into a file name, as in `net-0cc3c7bd.pth`."""
    found = re.search(r"-([0-9a-f]{8,64})\.\w+$", url)
    return found[1] if found else ""


def sha256(path: Path) -> str:
    """Digest of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(sums: Path, name: str, digest: str) -> None:
    """Add a line to the record, unless the folder is not ours to write into: a stated digest is checked anyway."""
    try:
        sums.parent.mkdir(parents=True, exist_ok=True)
        with open(sums, "a+b") as record:
            fcntl.flock(record, fcntl.LOCK_EX)  # several files may be fetched at the same time
            record.seek(max(0, record.seek(0, os.SEEK_END) - 1))
            end = b"" if record.read() in (b"", b"\n") else b"\n"
            record.write(end + f"{digest}  {name}\n".encode())
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        _log.info("%s: not recorded in %s: %s", name, sums, error.strerror)


def _is_right(path: Path, sha256_prefix: str, url: str, sums: Path) -> bool:
    """Whether a file that was fetched earlier is the one that has been accepted since."""
    try:
        check(path, sha256_prefix, url, sums)
    except ValueError:
        return False
    return True


def _refusal(path: Path, digest: str, expected: str, url: str) -> str:
    name, folder = path.name.removesuffix(_WAITING), path.parent.resolve()
    return f"{name} in {folder} is not the file of {url or 'its publishers'}: its SHA-256 is {digest}, but {expected}"


def _download(url: str, out: Path, vouched: bool) -> None:
    """Fetch a file as a whole or not at all; what a killed process left is overwritten."""
    _log.info("fetching %s", url)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(out.name + ".part")
    with lock(part) as file:
        try:
            file.truncate()
            _stream(url, file, vouched)
            os.fsync(file.fileno())
            os.replace(part, out)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def _stream(url: str, file: BinaryIO, vouched: bool) -> None:
    """Write what an address sends; a connection that ends early is an error."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:
        while block := response.read(_BLOCK):
            write_all(file, memoryview(block))
        expected = response.headers.get("Content-Length")
        if expected is not None and int(expected) != file.tell():
            raise OSError(f"{file.tell()} of {expected} bytes arrived")
        if expected is None and not vouched and not getattr(response, "chunked", False):
            raise OSError(f"{file.tell()} bytes arrived, and neither its server nor a digest says whether that is all")
