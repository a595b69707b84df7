"""What an earlier `check` found, by path, size and time of change of each file, so that it can go on."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import av

from poseattn.checks.judge import STATES, UNREAD, Verdict
from poseattn.files import replace_file
from poseattn.messages import WrongUse, say
from poseattn.provenance.source_digest import source_hash

_FORMAT = "poseattn check"
_SECONDS = 10.0  # between two writings


class State:
    """Verdicts that outlive the process.

    Verdicts of another version of the checks, of PyAV, or of a file that has changed, count no more.

    Args:
        path: File of the verdicts, written as a whole or not at all; None to remember nothing.

    Raises:
        WrongUse: There is another file at that place.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path | None) -> None:
        self._path, self._written = path, time.monotonic()
        self._checks = f"{source_hash('poseattn.checks.workers')} PyAV {av.__version__}"
        self._keys: dict[str, list[int]] = {}
        self._files: dict[str, list[Any]] = {}
        if path is not None and path.exists():
            self._files = self._read(path)

    def _read(self, path: Path) -> dict[str, list[Any]]:
        try:
            content = json.loads(path.read_bytes())
            if content["format"] != _FORMAT:
                raise ValueError
            if content["checks"] != self._checks:
                say(f"{path} is of other versions of the checks: all files are checked again", sys.stderr)
                return {}
            return content["files"]
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise WrongUse(f"{path} is no file of an earlier check: remove it, or name another one") from error

    def get(self, path: Path) -> Verdict | None:
        """Verdict about a file as it is now; None if there is none."""
        name = os.path.abspath(path)
        if path.is_dir():  # which stays as it is when an image in it changes
            return None
        try:
            self._keys[name] = _key(path)
            key, verdict = self._files[name]
            return Verdict(*verdict) if key == self._keys[name] and verdict[0] in STATES else None
        except (OSError, KeyError, TypeError, ValueError, IndexError):
            return None

    def put(self, path: Path, verdict: Verdict) -> None:
        """Remember a verdict about a file as it was when `get` was asked; faults of the system are not remembered."""
        name = os.path.abspath(path)
        if self._path is None or verdict.state == UNREAD or name not in self._keys:
            return
        self._files[name] = [self._keys[name], list(verdict)]
        if time.monotonic() - self._written > _SECONDS:
            self.write()

    def write(self) -> None:
        """Write all verdicts.

        Raises:
            OSError: They cannot be written; the old file stays.
        """
        if self._path is None:
            return
        content = {"format": _FORMAT, "checks": self._checks, "files": self._files}
        replace_file(self._path, json.dumps(content).encode())
        self._written = time.monotonic()


def _key(path: Path) -> list[int]:
    """Size and time of change."""
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
