"""Tests that hang or kill their process end with their name, and with the run of all tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.ci]

INTERRUPTED = {
    "test_that_waits": "import time; time.sleep(900)",
    "test_that_waits_for_a_program": "import subprocess; subprocess.run(['sleep', '30'], capture_output=True)",
    "test_whose_program_leaves_another": (
        "import subprocess; subprocess.run('sleep 30 & exec sleep 31', shell=True, capture_output=True)"
    ),
}
ENDED = {
    "test_that_is_killed": "import os; os.kill(os.getpid(), 9)",
    # A lock that is taken twice, while no other code of Python can run.
    "test_in_native_code": (
        "import ctypes; c, lock = ctypes.PyDLL(None), ctypes.create_string_buffer(64); "
        "c.pthread_mutex_lock(lock); c.pthread_mutex_lock(lock)"
    ),
}


def _run(folder: Path, tests: dict[str, str]) -> str:
    """What pytest says of tests and ten good ones, with the settings of this project but shorter limits."""
    tests = tests | {f"test_good_{number}": "pass" for number in range(10)}
    (folder / "test_some.py").write_text("\n\n".join(f"def {name}():\n    {body}\n" for name, body in tests.items()))
    (folder / "conftest.py").write_text(
        "from tests import conftest\nfrom tests.conftest import *\nconftest._GRACE = 2\n"
    )
    settings = ("-c", ROOT / "pyproject.toml", "--rootdir", folder, "-o", "timeout=2", "-p", "no:cacheprovider")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, "test_some.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 1
    return done.stdout + done.stderr


def test_what_can_be_interrupted_costs_no_other(tmp_path: Path) -> None:
    said = _run(tmp_path, INTERRUPTED)
    assert "3 failed, 10 passed" in said
    assert all(f"FAILED test_some.py::{name} - Failed: Timeout (>2.0s)" in said for name in INTERRUPTED)


@pytest.mark.parametrize("name", ENDED)
def test_what_ends_its_process_is_named_and_ends_the_run(tmp_path: Path, name: str) -> None:
    said = _run(tmp_path, {name: ENDED[name]})
    assert f"crashed while running 'test_some.py::{name}'" in said and "1 failed" in said
    assert ('test_some.py", line 2 in test_in_native_code' in said) == (name == "test_in_native_code")
