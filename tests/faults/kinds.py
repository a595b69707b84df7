"""Kinds of faults: each does harm once while the table is made, or before, and says what it did."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from .harm import Harm, two_stages, wait_for_job
from .mini import STAGES, Done, Mini, finish
from .outside import edit_code, fail_reads, fill_the_disk_of_an_encoder, lose_files, mix_checkouts

_FULL_DISK = Path(__file__).parent / "full_disk"
_LONGEST_JOB = 6.0  # seconds within which a job is killed, unless it ended before


def kill_a_job(mini: Mini, rng: random.Random) -> Harm:
    """SIGKILL or SIGTERM for a random job at a random moment of its life."""
    begun, stage = two_stages(rng)
    mini.forget(begun)
    number = rng.choice([signal.SIGKILL, signal.SIGTERM])
    after = rng.choice([0.0, rng.uniform(0, 1), rng.uniform(0, _LONGEST_JOB)])
    process = mini.start_snakemake()
    pid = wait_for_job(mini, process, stage)
    hit = pid is not None
    if hit:
        time.sleep(after)
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            hit = False
    return Harm(f"{number.name} for {stage} after {after:.2f} s, begun with {begun}", finish(process), hit)


def kill_snakemake(mini: Mini, rng: random.Random) -> Harm:
    """SIGKILL for Snakemake and all its jobs at a random moment, or SIGTERM for Snakemake alone."""
    begun = rng.choice(list(STAGES))
    mini.forget(begun)
    everything = rng.random() < 0.7
    process = mini.start_snakemake()
    after = rng.uniform(1, 12)
    try:
        done, hit = Done(process.wait(after), ""), False
    except subprocess.TimeoutExpired:
        if everything:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            os.kill(process.pid, signal.SIGTERM)
        done, hit = finish(process), True
    how = "SIGKILL for all" if everything else "SIGTERM for Snakemake"
    return Harm(f"{how} after {after:.2f} s, begun with {begun}", done, hit)


def damage_a_file(mini: Mini, rng: random.Random) -> Harm:
    """Flip bits of a random intermediate file or cut it, with or without a new mtime; then make what is below anew."""
    stage = rng.choice(list(STAGES)[:-1])
    file = rng.choice(mini.files_of(stage))
    below = rng.choice([*list(STAGES)[list(STAGES).index(stage) + 1 :], None])
    if below is not None:
        mini.forget(below)
    whole, stat = bytearray(file.read_bytes()), file.stat()
    how = rng.choice(["flip", "flip", "flips", "cut", "zeros"])
    if how == "cut":
        del whole[rng.randrange(len(whole)) :]
    elif how == "zeros":
        start = rng.randrange(len(whole))
        whole[start : start + 4096] = bytes(len(whole[start : start + 4096]))
    else:
        for _ in range(1 if how == "flip" else 20):
            whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(8)
    file.write_bytes(whole)
    hidden = rng.random() < 0.5
    if hidden:
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    name = file.relative_to(mini.folder)
    what = f"{how} in {name}, {'same' if hidden else 'new'} mtime, then made from {below}"
    return Harm(what, mini.make_table(), file=name)


def remove_a_file(mini: Mini, rng: random.Random) -> Harm:
    """Remove a random intermediate file; then make what is below anew."""
    stage = rng.choice(list(STAGES)[:-1])
    file = rng.choice(mini.files_of(stage))
    below = rng.choice([*list(STAGES)[list(STAGES).index(stage) + 1 :], None])
    if below is not None:
        mini.forget(below)
    file.unlink()
    return Harm(f"no {file.relative_to(mini.folder)}, then made from {below}", mini.make_table())


def fill_the_disk(mini: Mini, rng: random.Random) -> Harm:
    """Let the writes of a random stage fail: all beyond some bytes of a file, or from some call on."""
    begun, stage = two_stages(rng)
    mini.forget(begun)
    limit, call = int(10 ** rng.uniform(0, 5.5)), rng.randint(1, 6)
    fault = f"{stage.replace('_', '-')} " + rng.choice([f"limit {limit}", f"calls {call}"])
    path = f"{_FULL_DISK}:{mini.folder}"
    done = mini.make_table({"POSEATTN_FULL_DISK": fault, "PYTHONPATH": path})
    return Harm(f"full disk for {fault}, begun with {begun}", done, done.code != 0)


def lock_a_folder(mini: Mini, rng: random.Random) -> Harm:
    """Make a folder read-only into which a random stage writes."""
    begun, stage = two_stages(rng)
    output = (mini.folder / STAGES[stage][0]).parent
    beside = [mini.folder / f"results/{kind}/{stage}" for kind in ("logs", "benchmarks")]
    folder = rng.choice([output, mini.folder / "results", *filter(Path.is_dir, beside)])
    mini.forget(begun)
    folder.chmod(0o555)
    try:
        done = mini.make_table()
    finally:
        if folder.is_dir():  # Snakemake removes folders that a failed job leaves empty
            folder.chmod(0o755)
    return Harm(f"read-only {folder.relative_to(mini.folder)}, begun with {begun}", done, done.code != 0)


KINDS: dict[str, Callable[[Mini, random.Random], Harm]] = {
    "kill a job": kill_a_job,
    "kill Snakemake": kill_snakemake,
    "damage a file": damage_a_file,
    "remove a file": remove_a_file,
    "fill the disk": fill_the_disk,
    "lock a folder": lock_a_folder,
    "fail reads": fail_reads,
    "lose files for a while": lose_files,
    "edit code for a while": edit_code,
    "mix two checkouts": mix_checkouts,
    "fill the disk of an encoder": fill_the_disk_of_an_encoder,
}
