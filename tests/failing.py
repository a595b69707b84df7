"""Calls of the system that fail: for one file in this process, or from some byte on in another one."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_SOURCE = Path(__file__).with_name("failing.c")


def refuse(monkeypatch: pytest.MonkeyPatch, path: Path, number: int) -> None:
    """Let every opening of a file fail, as on a share that is gone or a disk that is broken.

    Args:
        monkeypatch: Takes it back.
        path: The file.
        number: Error number of the system.
    """
    opened, told = os.open, os.stat

    def refused(name: Any) -> None:
        if os.fspath(name) == os.fspath(path):
            raise OSError(number, os.strerror(number), os.fspath(name))

    def open_or_fail(name: Any, *words: Any, **more: Any) -> int:
        refused(name)
        return opened(name, *words, **more)

    def stat_or_fail(name: Any, *words: Any, **more: Any) -> os.stat_result:
        if not isinstance(name, int):
            refused(name)
        return told(name, *words, **more)

    monkeypatch.setattr("os.open", open_or_fail)
    monkeypatch.setattr("os.stat", stat_or_fail)


def preload(folder: Path) -> Path:
    """Compile the library that lets reads fail; see `failing.c` for how it is told which.

    Args:
        folder: Where the library goes.

    Returns:
        Path for LD_PRELOAD.
    """
    if not (compiler := shutil.which("gcc") or shutil.which("cc")):
        pytest.skip("no C compiler")
    library = folder / "failing.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, _SOURCE, "-ldl"], check=True)
    return library
