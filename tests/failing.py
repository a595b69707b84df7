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


def failing_from(folder: Path, path: Path, first: int, number: int) -> dict[str, str]:
    """Settings of the environment of a process whose reads of a file fail from some byte on.

    Args:
        folder: Where the library goes that does it.
        path: The file, or a part of its path.
        first: First byte that cannot be read.
        number: Error number of the system.

    Returns:
        Variables and their values.
    """
    if not (compiler := shutil.which("gcc") or shutil.which("cc")):
        pytest.skip("no C compiler")
    library = folder / "failing.so"
    if not library.exists():
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl"], check=True)
    which = {"FAILING_PATH": str(path), "FAILING_FROM": str(first), "FAILING_ERRNO": str(number)}
    return {"LD_PRELOAD": str(library)} | which
