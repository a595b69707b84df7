"""A process in which files of strangers are read: limited memory and time, and a watch on what is written or started.

Native readers may crash or hang, so the process that reads is not the one that tests. One process serves many files,
and is replaced when it ends.
"""

import json
import os
import resource
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from poseattn.messages import one_line

SECONDS = 20.0  # of the processor for one file; all are small
_WAITING = 600.0  # seconds by the clock, on a machine that others use as well
_ADDRESSES = 6 << 30  # bytes beyond those in use, most of them never touched
_TOUCHED = 256 << 20  # bytes in memory beyond those in use
_ROOT = Path(__file__).parents[2]
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What no reader has to do; the first argument of those in the second line is a path.
_NEVER = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
)
_CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate")


class Outcome(NamedTuple):
    """What became of a file: `read`, `refused` with a message, or another word, which is a finding."""

    word: str
    message: str = ""


class Sandbox:
    """A process that reads files. Used in a `with` statement."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def read(self, target: str, folder: Path) -> Outcome:
        """Let the process read what is in a folder."""
        if self._process is None:
            command = [sys.executable, "-B", "-m", "tests.fuzz.sandbox"]  # compiled modules are no files of a reader
            self._process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if (started := self._answer(_WAITING)).word != "ready":
                raise RuntimeError(f"the process that reads does not start: {started}")
        request = json.dumps({"target": target, "folder": str(folder)}) + "\n"
        self._process.stdin.write(request.encode())
        self._process.stdin.flush()
        return self._answer()

    def _answer(self, most: float = SECONDS) -> Outcome:
        begun, start = time.monotonic(), _processor_seconds(self._process.pid)
        while not select.select([self._process.stdout], [], [], 1)[0]:
            used, waited = _processor_seconds(self._process.pid) - start, time.monotonic() - begun
            if used > most or waited > _WAITING:
                self._end()
                return Outcome("hang", f"no answer after {used:.0f} s of work and {waited:.0f} s")
        if line := self._process.stdout.readline():
            return Outcome(**json.loads(line))
        code = self._process.wait()
        self._end()
        return Outcome("crash", f"the process ended with {code}")

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _processor_seconds(process: int) -> float:
    """Time that a process has worked."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


class Watch:
    """What the code that reads asks of the system, as Python reports it to audit hooks."""

    def __init__(self) -> None:
        self.folder: str | None = None  # the only one that may be written to; None while nothing is watched
        self.seen: list[str] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.folder is None:
            return
        changes = event in _CHANGES or (event == "open" and len(arguments) > 2 and (arguments[2] or 0) & _WRITES)
        if event in _NEVER or (changes and not self._is_inside(*_place(event, arguments))):
            self.seen.append(f"{event} {str(arguments[0])[:200]}")

    def _is_inside(self, path: object, folder: int) -> bool:
        if isinstance(path, int):  # a file that is open already
            return True
        above = os.readlink(f"/proc/self/fd/{folder}") if folder >= 0 else ""
        real = os.path.realpath(os.path.join(above, os.fsdecode(path)))
        return f"{real}{os.sep}".startswith(self.folder + os.sep) or real == os.devnull


def _place(event: str, arguments: tuple[Any, ...]) -> tuple[object, int]:
    """What an event changes, and the open folder in which that is, or -1: removing a tree names things so."""
    path = arguments[1] if event in ("os.symlink", "os.link") else arguments[0]
    has_folder = event in ("os.remove", "os.rmdir", "os.mkdir", "os.symlink")
    return path, arguments[-1] if has_folder and isinstance(arguments[-1], int) else -1


def _read(target: str, folder: Path, watch: Watch) -> Outcome:
    """Read a folder's files under the limits, and tell what happened."""
    from tests.fuzz.readers import READERS, prepare

    prepare(target)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is that of this file
    before = _resident()
    _limit(_addresses() + _ADDRESSES)
    watch.seen.clear()
    watch.folder = os.path.realpath(folder)
    try:
        READERS[target](folder)
        outcome = Outcome("read")
    except (ValueError, OSError) as error:
        outcome = Outcome("refused", one_line(error))
    except Exception as error:
        outcome = Outcome(type(error).__name__, one_line(error))
    finally:
        watch.folder = None
        _limit(resource.RLIM_INFINITY)
    if watch.seen:
        return Outcome("escape", "; ".join(watch.seen))
    if _peak() > before + _TOUCHED:
        return Outcome("memory", f"{(_peak() - before) >> 20} MiB were used")
    return outcome


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))


def _addresses() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _peak() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) << 10


def main() -> None:
    """Answer one line for each line."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    silent = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(silent, stream)
    import tests.fuzz.readers  # noqa: F401  its import counts for no file

    watch = Watch()
    answers.write(json.dumps(Outcome("ready")._asdict()) + "\n")
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(_read(request["target"], Path(request["folder"]), watch)._asdict()) + "\n")


if __name__ == "__main__":
    main()
