"""Decode every video of a folder or list to its last frame, and name the bad and the suspicious ones.

It needs no configuration and changes nothing. Exit code: 0 if all videos are good, 1 if some are bad or cannot be read
(with `--strict` also if some are suspicious), 2 if it cannot be called like this.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from poseattn.checks.judge import BAD, GOOD, SUSPICIOUS, UNREAD, Verdict
from poseattn.checks.progress import Progress, bytes_in_words, seconds_in_words
from poseattn.checks.state import State
from poseattn.checks.video_files import FoundVideo, find_videos
from poseattn.checks.workers import judge_many
from poseattn.messages import WrongUse, say

_WORDS = {GOOD: "good", SUSPICIOUS: "suspicious", BAD: "bad", UNREAD: "cannot be read"}


def run(*, folder_or_list: Path, json: bool = False, state: str = "", jobs: int = 0, strict: bool = False) -> int:
    """Check videos, and print a line for each that is not good and a summary.

    Args:
        folder_or_list: Folder of videos, a text file with a path in each line, a CSV file with a column `path`, or a
            video. Hidden files are left aside. Paths in a list are relative to its folder, and a line that begins with
            # is a comment.
        json: Print one JSON object in each line instead: each file with path, state, reason, bytes, frames, damaged,
            seconds, fps, width and height, good ones included; at the end {"summary": {...}}.
        state: File that remembers what was found, so that the next run goes on where this one ends. Files that have
            changed are checked again.
        jobs: Videos at the same time; as many as there are processors if 0.
        strict: End with exit code 1 for suspicious videos, too.

    Returns:
        Exit code.

    Raises:
        WrongUse: It cannot be called like this.
        OSError: The state cannot be written.
    """
    if jobs < 0:
        raise WrongUse(f"--jobs {jobs}: expected at least 1, or 0 for all processors")
    known = State(_state_path(state, folder_or_list))
    found = find_videos(folder_or_list)
    if not found:
        raise WrongUse(f"{folder_or_list}: no videos")
    verdicts: list[Verdict] = []
    progress = Progress([_size(file) for file in found])
    try:
        for file, verdict in zip(found, _in_order(found, known, jobs or _processors(), progress), strict=True):
            verdicts.append(verdict)
            if json or verdict.state != GOOD:
                progress.clear()
                _print_json(file.path, verdict) if json else say(_line(file.path, verdict))
    finally:
        progress.clear()
        known.write()
    counts = Counter(verdict.state for verdict in verdicts)
    _print_summary_json(verdicts, counts) if json else say(_summary(verdicts, counts))
    return int(bool(counts[BAD] or counts[UNREAD] or (strict and counts[SUSPICIOUS])))


def _state_path(state: str, checked: Path) -> Path | None:
    """Return the file in which verdicts are remembered; it is never among the files that are checked."""
    if not state:
        return None
    path = Path(state)
    if checked.is_dir() and path.resolve().is_relative_to(checked.resolve()):
        raise WrongUse(f"--state {path} is inside {checked}, which stays as it is: name a file elsewhere")
    if path.is_dir() or not os.access(path.absolute().parent, os.W_OK | os.X_OK):
        raise WrongUse(f"--state {path}: expected a file in a folder that is there and may be written into")
    return path


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(file: FoundVideo) -> int:
    try:
        return 0 if file.fault else file.path.stat().st_size
    except OSError:
        return 0


def _in_order(found: Sequence[FoundVideo], known: State, n_jobs: int, progress: Progress) -> Iterator[Verdict]:
    """Verdicts in the order of the files, each as soon as all before it are there."""
    done: dict[int, Verdict] = {}
    n_known = 0
    for place, file in enumerate(found):
        earlier = Verdict(UNREAD, file.fault) if file.fault else known.get(file.path)
        if earlier is not None:
            done[place] = earlier
            n_known += not file.fault
            progress.skip(place)
    places = [place for place in range(len(found)) if place not in done]
    if n_known:
        say(f"{n_known:,} of {len(found):,} files were looked at before", sys.stderr)
    first = 0
    for index, verdict in judge_many([found[place].path for place in places], n_jobs):
        place = places[index]
        known.put(found[place].path, verdict)
        done[place] = verdict
        progress.advance(place)
        while first in done:
            yield done[first]
            first += 1
    for place in range(first, len(found)):
        yield done[place]


def _line(path: Path, verdict: Verdict) -> str:
    return f"{_WORDS[verdict.state]}: {path}: {verdict.reason}"


def _summary(verdicts: Sequence[Verdict], counts: Counter[str]) -> str:
    """Counts of files by state, and how much was looked at."""
    states = ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state] or state != UNREAD)
    frames, seconds = sum(v.frames for v in verdicts), sum(v.seconds for v in verdicts)
    size = bytes_in_words(sum(v.bytes for v in verdicts))
    files = f"{len(verdicts):,} file{'s' * (len(verdicts) > 1)}"
    return f"{files}: {states}; {frames:,} frames, {seconds_in_words(seconds)}, {size}"


def _print_json(path: Path, verdict: Verdict) -> None:
    sys.stdout.write(json.dumps({"path": os.fspath(path)} | verdict._asdict()) + "\n")
    sys.stdout.flush()


def _print_summary_json(verdicts: Sequence[Verdict], counts: Counter[str]) -> None:
    totals = {name: sum(getattr(v, name) for v in verdicts) for name in ("bytes", "frames", "damaged", "seconds")}
    content = {"files": len(verdicts)} | {state: counts[state] for state in _WORDS} | totals
    sys.stdout.write(json.dumps({"summary": content}) + "\n")
