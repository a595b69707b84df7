"""Run many trials: `python -m tests.faults --trials 200 --seed 0 --folder /tmp/faults [--jobs 2]`."""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .mini import Mini
from .trials import run_trial, summary


def main() -> int:
    """Print a line for each trial and the figures of all; exit code 1 if one went wrong, whose folder is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0, help="of the first trial; the others follow")
    parser.add_argument("--folder", type=Path, required=True, help="where copies of the pipeline go")
    parser.add_argument("--jobs", type=int, default=1, help="trials at the same time")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    finished = Mini(given.folder.resolve() / "finished")
    begun = time.monotonic()
    done = finished.make_table()
    if done.code:
        sys.stdout.write(done.output)
        return 1
    sys.stdout.write(f"undisturbed: {time.monotonic() - begun:.1f} s\n")
    seeds = range(given.seed, given.seed + given.trials)
    trials = []
    with ThreadPoolExecutor(given.jobs) as pool:
        runs = [pool.submit(run_trial, finished, given.folder.resolve() / f"{seed}", seed) for seed in seeds]
        for trial in (run.result() for run in as_completed(runs)):
            state = "BAD" if trial.faults else f"repaired {trial.repairs}x" if trial.repairs else "well"
            missed = "" if trial.hit else ", too late or without effect"
            sys.stdout.write(f"{trial.seed} {state}: {trial.kind}: {trial.what}{missed} ({trial.seconds:.0f} s)\n")
            sys.stdout.writelines(f"  {fault}\n" for fault in trial.faults)
            sys.stdout.flush()
            trials.append(trial)
    sys.stdout.write(f"{summary(trials)}\n{time.monotonic() - begun:.0f} s in all\n")
    return int(any(trial.faults for trial in trials))


if __name__ == "__main__":
    sys.exit(main())
