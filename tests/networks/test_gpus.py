"""Claims of GPUs by several processes; no GPU is needed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from poseattn.networks import gpus

# Says which GPU it has got, and keeps it until its input ends.
_HOLDER = """
import sys
from poseattn.networks.gpus import claim
print(claim(sys.argv[2:], int(sys.argv[1])), flush=True)
input()
"""

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def names() -> list[str]:
    """Names of three GPUs that no other test has."""
    return [f"test-{os.getpid()}-{time.monotonic_ns()}-{number}" for number in range(3)]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a process that claims one of these GPUs."""
    started = []

    def run(names: list[str], jobs: int = 1) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _HOLDER, str(jobs), *names]
        started.append(subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def answer(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


@pytest.fixture
def released() -> Iterator[None]:
    """Give back what the process of the tests claims."""
    before = list(gpus._held)
    yield
    for holder in set(gpus._held) - set(before):
        gpus._held.remove(holder)
        holder.close()


def test_processes_at_the_same_time_get_different_gpus(names: list[str], start: Start) -> None:
    processes = [start(names) for _ in names]
    assert sorted(answer(process) for process in processes) == [0, 1, 2]


def test_the_next_process_waits_until_one_is_killed(names: list[str], start: Start) -> None:
    processes = [start(names) for _ in names]
    held = {answer(process): process for process in processes}
    late = start(names)
    time.sleep(2 * gpus._SECONDS)
    os.kill(held[1].pid, signal.SIGKILL)
    assert answer(late) == 1


def test_a_waiting_process_says_so_once(
    names: list[str], start: Start, released: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = start(names[:1])
    answer(first)
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        if len(sleeps) == 3:
            first.kill()
            first.wait()

    monkeypatch.setattr(gpus.time, "sleep", sleep)
    with caplog.at_level("INFO", "poseattn.networks.gpus"):
        assert gpus.claim(names[:1]) == 0
    assert len(sleeps) == 3
    assert [record.message.partition(":")[0] for record in caplog.records] == ["waiting for a GPU"]


def test_processes_share_when_told_to_and_spread_before(names: list[str], start: Start) -> None:
    got = [answer(start(names[:2], jobs=2)) for _ in range(4)]
    assert got == [0, 1, 0, 1]


def test_a_name_is_free_again_after_the_end(names: list[str], start: Start) -> None:
    for _ in range(2):
        process = start(names)
        assert answer(process) == 0
        process.communicate("\n")
