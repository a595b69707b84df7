"""Damaged files of every kind: each is read rightly or refused with a message, in bounded memory and time.

Each case is a few files, of which one is damaged (`cases.py`), read in a process of its own (`sandbox.py`). The default
run tries few of them and always the same; `-m slow` tries more than 100,000.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.cases import CASES, Case
from tests.fuzz.sandbox import Sandbox

FEW = 12  # of each kind
MANY = 2400  # times 43 kinds
_EXPECTED = ("read", "refused")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as process:
        yield process


class Folder(dict):
    """Files by their paths; a failing test names the folder in which they are kept instead of printing them."""

    def __repr__(self) -> str:
        return f"<{len(self)} files>"


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in files.items():
        try:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        except (OSError, UnicodeEncodeError) as error:  # a name that no file can have
            assert getattr(error, "errno", None) != errno.ENOSPC


def _check(case: Case, sandbox: Sandbox, folder: Path, files: dict[str, bytes]) -> None:
    write_files(folder, files)
    outcome = sandbox.read(case.reader, folder)
    kept = "" if outcome.word in _EXPECTED else shutil.copytree(folder, f"{folder}.{outcome.word}", dirs_exist_ok=True)
    assert outcome.word in _EXPECTED, f"{outcome.word}: {outcome.message} ({kept})"
    if outcome.word == "refused":
        assert outcome.message
        named = str(folder) in outcome.message or "clip " in outcome.message
        assert named or not case.is_named, outcome.message


def _fuzz(name: str, sandbox: Sandbox, folder: Path, n_cases: int) -> None:
    options = {"derandomize": True, "deadline": None, "database": None, "max_examples": n_cases}
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

    @settings(**options, suppress_health_check=health)
    @given(CASES[name].files().map(Folder))
    def damaged(files: Folder) -> None:
        _check(CASES[name], sandbox, folder, files)

    damaged()


@pytest.mark.parametrize("name", CASES)
def test_damaged_files_are_read_or_refused(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    _fuzz(name, sandbox, tmp_path / "files", FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_many_damaged_files_are_read_or_refused(name: str, sandbox: Sandbox, tmp_path: Path) -> None:
    _fuzz(name, sandbox, tmp_path / "files", int(os.environ.get("POSEATTN_FUZZ_CASES", MANY)))
