"""Weights files: fetched from their official address or put in place by hand, and checked either way.

A digest that a source publishes is checked (torchvision writes its first eight digits into the file name). The whole
digest of every file is also recorded at its first use, in the format of `sha256sum`; any later change is refused.
"""

import fcntl
import hashlib
import http.client
import logging
import os
import re
import urllib.request
from pathlib import Path

_log = logging.getLogger(__name__)
_BLOCK = 1 << 20
_TIMEOUT = 60.0  # seconds without a byte


def fetch(url: str, sha256_prefix: str, out: Path, sums: Path) -> None:
    """Make sure that a weights file is there and is the right one.

    Args:
        url: Its official address; empty if there is no public one.
        sha256_prefix: Published SHA-256, or the first digits of it; empty if none is published.
        out: Where it belongs. A file that is there is checked and not fetched.
        sums: Record of digests, such as `weights/SHA256SUMS`.

    Raises:
        OSError: It is missing and cannot be fetched.
        ValueError: It is another file than the published or the recorded one.
    """
    if not re.fullmatch("([0-9a-f]{8,64})?", sha256_prefix):
        raise ValueError(f"sha256_prefix: found {sha256_prefix!r}, expected 8 to 64 hexadecimal digits or nothing")
    if out.exists():
        check(out, sha256_prefix, url, sums)
        return
    hint = f"put it into the folder {out.parent.resolve()} by hand"
    if not url:
        raise OSError(f"{out} is missing and no public address of it is known: {hint}")
    part = out.with_name(out.name + ".part")
    out.parent.mkdir(parents=True, exist_ok=True)
    try:
        _download(url, part)
        check(part, sha256_prefix, url, sums)
        os.replace(part, out)
    except (OSError, http.client.HTTPException) as error:
        reason = " ".join(str(error).split())
        raise OSError(f"{out} is missing and cannot be fetched from {url} ({reason}): {hint}") from error
    finally:
        part.unlink(missing_ok=True)


def check(path: Path, sha256_prefix: str, url: str, sums: Path) -> None:
    """Compare a file with its published digest and with the one recorded at its first use, which may be now.

    Args:
        path: The file; while it is being fetched its name ends in `.part`.
        sha256_prefix: First digits of the published SHA-256, or nothing.
        url: Official address, for the message.
        sums: Record of digests.

    Raises:
        ValueError: The digest differs.
    """
    name = path.name.removesuffix(".part")
    digest = sha256(path)
    if not digest.startswith(sha256_prefix):
        raise ValueError(_refusal(path, digest, f"the published one begins with {sha256_prefix}", url))
    sums.parent.mkdir(parents=True, exist_ok=True)
    with open(sums, "a+") as record:
        fcntl.flock(record, fcntl.LOCK_EX)  # several files may be fetched at the same time
        record.seek(0)
        known = {line[66:]: line[:64] for line in record.read().splitlines()}
        if name not in known:
            record.write(f"{digest}  {name}\n")
        elif digest != known[name]:
            raise ValueError(_refusal(path, digest, f"{sums} has {known[name]}", url))


def published_prefix(url: str) -> str:
    """First digits of a SHA-256 that torchvision and PyTorch Hub write into a file name, as in `net-0cc3c7bd.pth`."""
    found = re.search(r"-([0-9a-f]{8,64})\.\w+$", url)
    return found[1] if found else ""


def sha256(path: Path) -> str:
    """Digest of a file, 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refusal(path: Path, digest: str, expected: str, url: str) -> str:
    name, folder = path.name.removesuffix(".part"), path.parent.resolve()
    return f"{name} in {folder} is not the file of {url or 'its publishers'}: its SHA-256 is {digest}, but {expected}"


def _download(url: str, part: Path) -> None:
    """Stream a file to disk; a connection that ends early is an error."""
    _log.info("fetching %s", url)
    with urllib.request.urlopen(url, timeout=_TIMEOUT) as response, open(part, "wb") as file:
        while block := response.read(_BLOCK):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
        expected = response.headers.get("Content-Length")
        if expected is not None and int(expected) != file.tell():
            raise OSError(f"{file.tell()} of {expected} bytes arrived")
