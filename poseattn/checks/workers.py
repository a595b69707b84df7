"""Judge many files in processes of their own: a decoder that crashes costs the file that it was at, and no other."""

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path

from poseattn.checks.judge import BAD, UNREAD, Verdict, judge
from poseattn.reading import watch

# A decoder that ends by one of these has met bytes that it cannot bear; other signals come from outside.
_CRASHES = (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT)
_PROCESSES = multiprocessing.get_context("forkserver")  # nothing is shared with a worker but its pipe
_PROCESSES.set_forkserver_preload(["poseattn.checks.judge"])  # imported once, for all workers


def judge_many(paths: Sequence[Path], n_jobs: int) -> Iterator[tuple[int, Verdict]]:
    """Judge files, as many at the same time as there are jobs.

    Args:
        paths: The files.
        n_jobs: Processes.

    Yields:
        Place of a file in the sequence and its verdict, as they come.
    """
    waiting = iter(enumerate(paths))
    workers: dict[Connection, _Worker] = {}
    try:
        for _ in range(min(n_jobs, len(paths))):
            worker = _started(next(waiting))
            workers[worker.pipe] = worker
        while workers:
            for pipe in wait(list(workers)):
                worker = workers.pop(pipe)
                yield worker.place, worker.verdict()
                task = next(waiting, None)
                if task is None:
                    worker.stop()
                else:
                    worker = worker if worker.begin(*task) else _started(task)
                    workers[worker.pipe] = worker
    finally:
        for worker in workers.values():
            worker.process.kill()
            worker.process.join()


def _started(task: tuple[int, Path]) -> "_Worker":
    """Start a process with its first file."""
    worker = _Worker()
    worker.begin(*task)
    return worker


class _Worker:
    """A process that judges one file after the other.

    Attributes:
        pipe: Its answers come through it.
        process: The process.
        place: Place of the file that it is at.
    """

    pipe: Connection
    process: multiprocessing.process.BaseProcess
    place: int

    def __init__(self) -> None:
        self.pipe, other_end = _PROCESSES.Pipe()
        self.process = _PROCESSES.Process(target=_work, args=(other_end,), daemon=True)
        self.process.start()
        other_end.close()

    def begin(self, place: int, path: Path) -> bool:
        """Hand over a file; false if the process is no more."""
        self.place = place
        try:
            self.pipe.send(path)
        except OSError:
            return False
        return True

    def verdict(self) -> Verdict:
        """Return the verdict of the process about its file, or about the end of the process."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            self.pipe.close()
            self.process.join()
            return _ended(self.process.exitcode or 0)

    def stop(self) -> None:
        """End the process, which waits for another file."""
        self.pipe.close()
        self.process.join()


def _ended(code: int) -> Verdict:
    """Verdict on a file whose process is no more, by the exit code: of less than 0 it is a signal."""
    if code >= 0:
        return Verdict(UNREAD, f"the process that decoded it ended with exit code {code}")
    name = signal.Signals(-code).name if -code in iter(signal.Signals) else f"signal {-code}"
    cause = ", perhaps out of memory" if -code == signal.SIGKILL else ""
    return Verdict(BAD if -code in _CRASHES else UNREAD, f"the process that decoded it was ended by {name}{cause}")


def _work(pipe: Connection) -> None:
    """Judge files until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, too, which ends its workers
    watch("check")  # over reads that hang
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        pipe.send(judge(path))
