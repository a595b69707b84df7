"""Kinds of faults from outside: disks that fail, shares that go away for a while, code that is not what was planned."""

import errno
import json
import random
import shutil
import sys
import time
from pathlib import Path

from poseattn.video.decode import Video
from tests.failing import failing_from

from .harm import Harm, wait_for_job
from .mini import STAGES, Done, Mini, finish

_VANISHING, _FULL_DISK = (Path(__file__).parent / name for name in ("vanishing", "full_disk"))
_READERS = ("build_manifest", "read_poses", "decode_frames")  # stages that read raw files
# A stage, an earlier one of whose files it reads some, and how their names end.
_INPUTS = (
    ("read_poses", "synthesize_dataset", ".skeleton"),
    ("decode_frames", "synthesize_dataset", ".avi"),
    ("decode_frames", "read_poses", ".h5"),
    ("gather_excluded", "build_manifest", ".tsv"),
    ("extract_glimpses", "decode_frames", ".h5"),
    ("train", "extract_glimpses", ".h5"),
    ("train", "gather_manifest", ".tsv"),
    ("evaluate", "train", ".pt"),
    ("tabulate", "evaluate", ".h5"),
)
_FIGURE = "results/figures/sta_hands_fig5.mp4"
# Stage -> an edit of its code that moves its results: file, old text, new text.
_EDITS = {
    "list_classes": ("poseattn/datasets/ntu.py", '"drink water"', '"edited"'),
    "read_poses": ("poseattn/datasets/ntu_skeleton.py", "_USED = [0, 1, 2, 5, 6]", "_USED = [1, 0, 2, 5, 6]"),
    "decode_frames": ("poseattn/video/crops.py", "np.floor(xy[hand] + 0.5)", "np.floor(xy[hand] + 1.5)"),
    "train": ("poseattn/training/optimizers.py", '{"lr": run["learning_rate"]', '{"lr": 2 * run["learning_rate"]'),
    "evaluate": ("poseattn/training/evaluate.py", "return logits.mean(dim=1)", "return 2 * logits.mean(dim=1)"),
}


def fail_reads(mini: Mini, rng: random.Random) -> Harm:
    """Let all reads of a random file fail from a random byte on, as on a failing disk."""
    begun, source, suffix = rng.choice(_INPUTS)
    file = rng.choice([file for file in mini.files_of(source) if file.suffix == suffix])
    mini.forget(begun)
    first = rng.choice([0, rng.randrange(file.stat().st_size)])
    done = mini.make_table(failing_from(mini.folder, file, first, errno.EIO))
    (mini.folder / "failing.so").unlink()
    name = file.relative_to(mini.folder)
    what = f"reads of {name} fail from byte {first} on, begun with {begun}"
    return Harm(what, done, done.code != 0, said="Input/output error")


def lose_files(mini: Mini, rng: random.Random) -> Harm:
    """Let three raw files vanish when a stage begins that reads raw files, and put them back afterwards."""
    stage = rng.choice(_READERS)
    mini.forget(rng.choice(_READERS[: _READERS.index(stage) + 1]))
    raw = [file for file in mini.files_of("synthesize_dataset") if file.suffix in (".avi", ".skeleton")]
    moves = {str(file): str(mini.folder / f"{file.name}.away") for file in rng.sample(raw, 3)}
    told = json.dumps([stage.replace("_", "-"), moves])
    done = mini.make_table({"POSEATTN_VANISHING": told, "PYTHONPATH": f"{_VANISHING}:{mini.folder}"})
    gone = {place: elsewhere for place, elsewhere in moves.items() if Path(elsewhere).exists()}
    for place, elsewhere in gone.items():
        Path(elsewhere).rename(place)
    return Harm(f"three files vanish as {stage} begins", done, bool(gone), said="is missing")


def edit_code(mini: Mini, rng: random.Random) -> Harm:
    """Edit a module as a stage begins that uses it, and put it back when Snakemake has ended."""
    stage = rng.choice(list(_EDITS))
    mini.forget(rng.choice(list(STAGES)[: list(STAGES).index(stage) + 1]))
    path, old, new = _EDITS[stage]
    file = mini.folder / path
    text = file.read_text()
    process = mini.start_snakemake()
    hit = wait_for_job(mini, process, stage) is not None
    after = rng.choice([0.0, rng.uniform(0, 2)])
    time.sleep(after)
    file.write_text(text.replace(old, new, 1))
    done = finish(process)
    file.write_text(text)
    return Harm(f"edit of {path} {after:.2f} s after {stage} began", done, hit and done.code != 0)


def mix_checkouts(mini: Mini, rng: random.Random) -> Harm:
    """Let the rules of an edited checkout run the jobs of this one, or let it write into the results of this one."""
    stage = rng.choice(list(_EDITS))
    mini.forget(rng.choice(list(STAGES)[: list(STAGES).index(stage) + 1]))
    other = Mini(mini.folder.with_name(f"{mini.folder.name}-other"))
    path, old, new = _EDITS[stage]
    text = (other.folder / path).read_text()
    (other.folder / path).write_text(text.replace(old, new, 1))
    if rng.random() < 0.5:
        how = "its rules run these jobs"
        words = ["-m", "snakemake", "results/mini.csv", "--cores", "2", "--configfile", "tiny.yaml"]
        words += ["--snakefile", str(other.folder / "Snakefile"), "--directory", str(mini.folder)]
        done = finish(mini.open([sys.executable, *words]))
    else:
        how = "it writes into these results"
        (other.folder / "results").symlink_to(mini.folder / "results")
        done = other.make_table()
    shutil.rmtree(other.folder)
    return Harm(f"a checkout with an edit of {path}: {how}", done, done.code != 0)


def fill_the_disk_of_an_encoder(mini: Mini, rng: random.Random) -> Harm:
    """Let the disk be full when a video is written; the same command again must then make one that plays."""
    limit, call = int(10 ** rng.uniform(0, 4)), rng.randint(1, 3)
    fault = "draw-figure " + rng.choice([f"limit {limit}", f"calls {call}"])
    settings = {"POSEATTN_FULL_DISK": fault, "PYTHONPATH": f"{_FULL_DISK}:{mini.folder}"}
    done = finish(mini.start_snakemake(settings, _FIGURE))
    left = (mini.folder / _FIGURE).exists()
    again = finish(mini.start_snakemake(target=_FIGURE))
    wrong = _fault_of_figure(mini, done, left, again)
    shutil.rmtree(mini.folder / "results/figures", ignore_errors=True)
    return Harm(f"full disk for {fault}", done, done.code != 0, wrong=wrong)


def _fault_of_figure(mini: Mini, done: Done, left: bool, again: Done) -> str:
    if done.code and left:
        return "a video of a job that failed is there"
    if again.code:
        return f"no video:\n{again.output[-3000:]}"
    with Video(mini.folder / _FIGURE) as video:
        healthy = sum(frame.healthy for frame in video.frames())
    return "" if healthy else "a video that does not play"
