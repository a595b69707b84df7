"""Damage many videos: `python -m tests.integrity --damages 1000 [--seed 0] [--folder F] [--jobs N] [--case N]`.

Real samples take part where POSEATTN_SAMPLES names their folder. A case alone writes its damaged file and keeps it.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from .figures import missed_goals, table
from .intact import refused_intact
from .sources import rendered, samples
from .trials import Case, Trial, damaged_file, draw, nth_case, run_trial


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables and every missed case; exit code 1 if a goal is missed or an intact file refused."""
    given = _parser().parse_args(argv)
    folder = given.folder or Path(tempfile.gettempdir()) / "poseattn-integrity"
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    sources = rendered(folder) + samples()
    if given.case is not None:
        return _alone(nth_case(sources, given.case, given.seed), folder)
    cases = draw(sources, given.damages, given.seed)
    with ProcessPoolExecutor(given.jobs) as pool:
        n_intact, refused = refused_intact(folder, pool)
        _say(f"{n_intact} intact files, {len(refused)} of them refused")
        trials = _trials(cases, folder, pool)
    _say("Damages\n" + table(trial for trial in trials if trial.case.kind != "bits flipped"))
    _say("\nOne to eight flipped bits (no goal)\n" + table(t for t in trials if t.case.kind == "bits flipped"))
    for trial in trials:
        if trial.is_missed and trial.case.kind != "bits flipped":
            _say(f"missed: {trial.in_words()}")
    faults = [f"{trial.refusal}: {trial.in_words()}" for trial in trials if trial.is_crash]
    faults += [f"refused though intact: {line}" for line in refused]
    faults += missed_goals(trials)
    _say("\n".join(faults) or "all goals are met")
    _say(f"{time.monotonic() - begun:.0f} s in all")
    return int(bool(faults))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.integrity", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--damages", type=int, default=1000, help="how many, flipped bits not counted")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where rendered videos are kept")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--case", type=int, help="run this case alone, and keep its file")
    return parser


def _trials(cases: list[Case], folder: Path, pool: ProcessPoolExecutor) -> list[Trial]:
    """Cases of one source follow one another, so that it is decoded once."""
    ordered = sorted(cases, key=lambda case: (case.source.path, case.number))
    per_source = max(1, len(ordered) // len({case.source.path for case in ordered}))
    trials = pool.map(partial(run_trial, folder=folder), ordered, chunksize=per_source)
    return sorted(trials, key=lambda trial: trial.case.number)


def _alone(case: Case, folder: Path) -> int:
    """Run one case and leave its file."""
    trial = run_trial(case, folder)
    path, _ = damaged_file(case, folder)
    _say(f"{trial.in_words()}\nposeattn: {trial.refusal or 'takes it for good'}\nfile: {path}")
    return int(trial.is_missed)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
