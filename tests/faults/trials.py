"""Trials: one fault each, the same command again, and what came of it."""

import random
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from .kinds import KINDS, Harm
from .mini import TABLE, Done, Mini

_TRACEBACK = "Traceback (most recent call last)"


class Trial(NamedTuple):
    """What was done in a trial, and what went wrong.

    Attributes:
        seed: Of the trial.
        kind: Of the fault.
        what: Was done.
        hit: Whether it came to pass.
        repairs: How often the command that `verify` gave was needed before the same command made the table.
        faults: What must not be, one line each; empty if all was well.
        seconds: It took so long.
    """

    seed: int
    kind: str
    what: str
    hit: bool
    repairs: int
    faults: list[str]
    seconds: float


def run_trial(finished: Mini, folder: Path, seed: int) -> Trial:
    """Do harm to a copy of a finished pipeline and let the same command make the table again.

    Args:
        finished: The undisturbed pipeline.
        folder: Folder of the copy; removed at the end if all was well.
        seed: Kinds of faults follow each other; the rest is drawn.

    Returns:
        What came of it.
    """
    rng, begun = random.Random(seed), time.monotonic()
    kind = list(KINDS)[seed % len(KINDS)]
    shutil.rmtree(folder, ignore_errors=True)
    mini = Mini(folder, finished)
    expected = (finished.folder / TABLE).read_bytes()
    harm = KINDS[kind](mini, rng)
    faults = [*_faults(mini, harm.done, expected, "disturbed"), *_silence(harm)]
    if any((mini.folder / ".snakemake/locks").glob("*")):
        mini.unlock()
    repairs = 0
    while (again := mini.make_table()).code and repairs < 2:
        faults += _faults(mini, again, expected, "again")
        repaired = mini.repair(mini.verify().output)
        if repaired is None:
            faults.append(f"unrepaired: verify finds nothing, the command says\n{again.output[-3000:]}")
            break
        repairs += 1
        if repaired.code:
            faults.append(f"unrepaired: the repair says\n{repaired.output[-3000:]}")
            break
    faults += _faults(mini, again, expected, "last")
    if again.code == 0:
        faults += _left(mini)
    elif not any(fault.startswith("unrepaired") for fault in faults):
        faults.append(f"unrepaired: after {repairs} repairs\n{again.output[-3000:]}")
    if not faults:
        shutil.rmtree(folder)
    return Trial(seed, kind, harm.what, harm.hit, repairs, faults, time.monotonic() - begun)


def _faults(mini: Mini, done: Done, expected: bytes, when: str) -> list[str]:
    """What must never be, whatever was done: another table, a traceback as the last word, a command that hangs."""
    faults = []
    table = mini.folder / TABLE
    if done.code == 0 and not table.is_file():
        faults.append(f"wrong table: none, though the command says that all is there ({when})")
    elif table.is_file() and table.read_bytes() != expected:
        faults.append(f"wrong table: {table.read_text(errors='replace')} ({when})")
    if "hung for" in done.output:
        faults.append(f"hung ({when}):\n{done.output[-3000:]}")
    logs = [path.read_text(errors="replace") for path in (mini.folder / "results/logs").rglob("*.log")]
    for said in [*logs, done.output]:
        if ends_in_traceback(said):
            faults.append(f"traceback ({when}):\n{said[-3000:]}")
    return faults


def ends_in_traceback(said: str) -> bool:
    """Whether a traceback is the last word, after which no message of ours comes any more."""
    _, traceback, rest = said.rpartition(_TRACEBACK)
    return bool(traceback) and not re.search(r"^\s*poseattn [\w-]+: error: ", rest, re.MULTILINE)


def _silence(harm: Harm) -> list[str]:
    """A command that failed over a damaged file must have named it, and what to do."""
    if harm.file is None or harm.done.code == 0:
        return []
    # the record of a stand-in answers for its files
    named = str(harm.file) in harm.done.output
    return [] if named and "delete " in harm.done.output else [f"silent on {harm.file}:\n{harm.done.output[-3000:]}"]


def _left(mini: Mini) -> list[str]:
    """What must not be left when the table is there: damage, and files of jobs that were killed."""
    verified = mini.verify()
    faults = [] if verified.code == 0 else [_damage_left(mini, verified)]
    names = [path.name for path in (mini.folder / "results").rglob("*")]
    left = [name for name in names if name.endswith(".part") or name == "resume.pt"]
    return [fault for fault in [*faults, f"left over: {left}" if left else ""] if fault]


def _damage_left(mini: Mini, verified: Done) -> str:
    """Damage of a file that the table no longer needs stays until `verify` is asked; its repair must work then."""
    repaired = mini.repair(verified.output)
    if repaired is None or repaired.code or mini.verify().code:
        return f"unrepaired: {verified.output[-3000:]}\n{repaired.output[-3000:] if repaired else ''}"
    return ""


def summary(trials: list[Trial]) -> str:
    """Figures of many trials."""
    kinds = Counter(trial.kind for trial in trials)
    hits = Counter(trial.kind for trial in trials if trial.hit)
    faults = Counter(re.split(r"[ :]", fault)[0] for trial in trials for fault in trial.faults)
    bad = sum(bool(trial.faults) for trial in trials)
    shares = ", ".join(f"{kind} {hits[kind]} of {number}" for kind, number in sorted(kinds.items()))
    lines = [f"{len(trials)} trials, {hits.total()} faults came to pass: {shares}"]
    names = {"wrong": "wrong tables", "traceback": "tracebacks as the last word", "unrepaired": "unrepaired"}
    names |= {"hung": "hung", "silent": "damaged files not named", "left": "left over"}
    lines.append(", ".join(f"{name} {faults[key]}" for key, name in names.items()))
    lines.append(f"trials that needed the repair of verify: {sum(trial.repairs > 0 for trial in trials)}, bad: {bad}")
    return "\n".join(lines)
