"""Trials: one fault each, the same command again, and what came of it."""

import random
import re
import shutil
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import h5py

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
    harm = KINDS[kind](mini, rng)
    faults = [*_faults(mini, finished, harm, harm.done, "disturbed"), *_silence(harm)]
    faults += [f"wrong: {harm.wrong}"] if harm.wrong else []
    if any((mini.folder / ".snakemake/locks").glob("*")):
        mini.unlock()
    repairs = 0
    while (again := mini.make_table()).code and repairs < 2:
        faults += _faults(mini, finished, harm, again, "again")
        repaired = mini.repair()
        if repaired is None:
            faults.append(f"unrepaired: verify finds nothing, the command says\n{again.output[-3000:]}")
            break
        repairs += 1
        if repaired.code:
            faults.append(f"unrepaired: the repair says\n{repaired.output[-3000:]}")
            break
    faults += _faults(mini, finished, harm, again, "last")
    if again.code == 0:
        faults += _left(mini)
        faults += _wrong_files(mini, finished, None, "in the end")
    elif not any(fault.startswith("unrepaired") for fault in faults):
        faults.append(f"unrepaired: after {repairs} repairs\n{again.output[-3000:]}")
    if not faults:
        shutil.rmtree(folder)
    return Trial(seed, kind, harm.what, harm.hit, repairs, faults, time.monotonic() - begun)


def _faults(mini: Mini, finished: Mini, harm: Harm, done: Done, when: str) -> list[str]:
    """What must never be, whatever was done: other results, a traceback as the last word, a command that hangs."""
    faults = _wrong_files(mini, finished, harm.file, when)
    if done.code == 0 and not (mini.folder / TABLE).is_file():
        faults.append(f"wrong: no table, though the command says that all is there ({when})")
    if "hung for" in done.output:
        faults.append(f"hung ({when}):\n{done.output[-3000:]}")
    logs = [path.read_text(errors="replace") for path in (mini.folder / "results/logs").rglob("*.log")]
    for said in [*logs, done.output]:
        if ends_in_traceback(said):
            faults.append(f"traceback ({when}):\n{said[-3000:]}")
    return faults


def _wrong_files(mini: Mini, finished: Mini, harmed: Path | None, when: str) -> list[str]:
    """Results that are not those of the undisturbed pipeline: no clip is lost, no number moves, nothing is half-made.

    Raw files appear one by one, and their record when all are there; what a killed job was writing is called `.part`.
    """
    faults = []
    for path in sorted((finished.folder / "results").rglob("*")):
        name = path.relative_to(finished.folder)
        own = mini.folder / name
        if name.parts[1] in ("logs", "benchmarks") or name == harmed or not path.is_file() or not own.is_file():
            continue
        is_made = name.parts[1:3] != ("synthetic", "ntu") or (mini.folder / "results/synthetic/ntu.txt").exists()
        if is_made and not is_same(own, path):
            faults.append(f"wrong: {name} ({when})")
    return faults


def is_same(one: Path, other: Path) -> bool:
    """Whether two files have the same bytes; of shards the same arrays and attributes, since HDF5 leaves gaps."""
    return one.read_bytes() == other.read_bytes() or (one.suffix == ".h5" and _content(one) == _content(other))


def _content(path: Path) -> dict[str, object]:
    """All attributes and the bytes of all arrays; nothing but the path of what is no HDF5 file."""
    try:
        with h5py.File(path) as file:
            found: dict[str, object] = {f"@{key}": str(value) for key, value in file.attrs.items()}
            file.visititems(lambda name, item: found.update({name: (item.shape, str(item.dtype), item[()].tobytes())}))
            return found
    except OSError:
        return {str(path): None}


def ends_in_traceback(said: str) -> bool:
    """Whether a traceback is the last word, after which no message of ours comes any more."""
    _, traceback, rest = said.rpartition(_TRACEBACK)
    return bool(traceback) and not re.search(r"^\s*poseattn [\w-]+: error: ", rest, re.MULTILINE)


def _silence(harm: Harm) -> list[str]:
    """A command that failed over a damaged file must have named it, and what to do."""
    if harm.done.code and harm.said not in harm.done.output:
        return [f"silent on {harm.said!r}:\n{harm.done.output[-3000:]}"]
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
    repaired = mini.repair()
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
    names = {"wrong": "wrong results", "traceback": "tracebacks as the last word", "unrepaired": "unrepaired"}
    names |= {"hung": "hung", "silent": "damaged files not named", "left": "left over"}
    lines.append(", ".join(f"{name} {faults[key]}" for key, name in names.items()))
    lines.append(f"trials that needed the repair of verify: {sum(trial.repairs > 0 for trial in trials)}, bad: {bad}")
    return "\n".join(lines)
