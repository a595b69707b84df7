"""A pipeline for all papers in which everything seems to be made: empty files that Snakemake takes for up to date.

Rules look at names, sizes and mtimes of raw files and never into what jobs made, so dry runs tell the same as after
hours of computing.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from poseattn.checks.records import OF_RECORDS, OF_RESULTS
from poseattn.datasets import hollywood2
from tests.datasets.test_mpii import write_annotations
from tests.pipeline import Pipeline

CLIPS = 5  # of a real data set; they are in both of its shards
_TRAIN = 3  # clips that train


def _lines(trains: str, tests: str) -> str:
    """Lines of clips that train, then of those that test; `#` stands for the number, an empty line for none."""
    lines = [(trains if number < _TRAIN else tests).replace("#", str(number)) for number in range(CLIPS)]
    return "".join(f"{line}\n" for line in lines if line)


# Kind of clip -> files that it has in the genuine layout; `#` stands for its number.
RAW = {
    "ntu": ["nturgb+d_rgb/S001C001P001R001A00#_rgb.avi", "nturgb+d_skeletons/S001C001P001R001A00#.skeleton"],
    "ucf11": ["UCF11_updated_mpg/biking/v_biking_01/v_biking_01_0#.mpg"],
    "hmdb51": ["wave/film_wave_#.avi"],
    "hollywood2": ["AVIClips/actioncliptest0000#.avi"],
    "penn_action": ["frames/000#/000001.jpg", "labels/000#.mat"],
    "sub_jhmdb": ["ReCompress_Videos/golf/clip#.avi", "joint_positions/golf/clip#/joint_positions.mat"],
    "activitynet": ["videos/v_abcdefghij#.mp4"],
    "mpii": ["images/00000000#.jpg"],
    "stanford40": ["JPEGImages/reading_00#.jpg", "XMLAnnotations/reading_00#.xml"],
}
_SPLITS = ("split1", "split2", "split3")
# Lists of data sets in their genuine form, which planning reads; the first clips train and the last ones test.
LISTS = {
    "ntu": {"NTU_RGBD_samples_with_missing_skeletons.txt": ""},
    "hmdb51": {
        f"testTrainMulti_7030_splits/wave_test_{split}.txt": _lines("film_wave_#.avi 1", "film_wave_#.avi 2")
        for split in _SPLITS
    },
    "hollywood2": {
        f"ClipSets/{name}_{part}.txt": _lines("actioncliptest0000#  1", "actioncliptest0000#  -1") * (part == "test")
        for name in hollywood2.CLASSES
        for part in ("train", "test")
    },
    "sub_jhmdb": {f"sub_splits/golf_test_{split}.txt": _lines("clip#.avi 1", "clip#.avi 2") for split in _SPLITS},
    "activitynet": {"activity_net.v1-3.json": json.dumps({"database": {}, "taxonomy": []})},
    "stanford40": {
        "ImageSplits/actions.txt": f"Name images\nreading {CLIPS}\n",
        "ImageSplits/reading_train.txt": _lines("reading_00#.jpg", ""),
        "ImageSplits/reading_test.txt": _lines("", "reading_00#.jpg"),
    },
}
EVERYTHING = "results/report.html"  # made of all tables and all figures
# `--touch` waits 0.1 s for every job.
_SNAKEMAKE = """
from snakemake import cli
from snakemake.executors.touch import Executor
Executor.SLEEPING_TIME = 0
cli.main()
"""
_JOB = re.compile(r"^(?:local)?(?:rule|checkpoint) (\w+):\n((?:    .*\n)*)", re.MULTILINE)


class Job(NamedTuple):
    """One job: its rule, and the files that it reads and writes."""

    rule: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class MadePipeline(Pipeline):
    """A pipeline for real data sets, of empty files, that has nothing to do.

    Args:
        folder: Folder to make.

    Attributes:
        jobs: All jobs.
        commands: What Snakemake says of all of them, with their shell commands.
    """

    targets: Sequence[str] = (EVERYTHING,)
    snakemake = ("-c", _SNAKEMAKE)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.write_raw()
        self.jobs = self.plan("--forceall")
        self.commands = self._said
        for job in self.jobs:
            for path in job.outputs:
                self._write(folder / path)
        for path in (OF_RESULTS, OF_RECORDS):
            (folder / path).write_text("made\n")
        self.run(*self.targets, "--touch", "--forceall", "--quiet", "all", configs=["overlay.yaml"])

    def write_raw(self) -> None:
        """Write the empty raw files, and where they are."""
        roots = {name: {"root": f"raw/{name}", "shards": 2, "max_excluded": 1.0} for name in RAW}
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump({"datasets": roots}))
        for name in RAW:
            for number in range(CLIPS):
                self.add_clip(name, number)
            for path, text in LISTS.get(name, {}).items():
                self._write(self.folder / "raw" / name / path, text)
        for number, part in enumerate(("train", "valid")):
            write_annotations(self.folder / f"raw/mpii/annot/{part}.h5", [f"00000000{number}.jpg"])

    def add_clip(self, name: str, number: int) -> None:
        """Write the empty raw files of a clip."""
        for path in self.files_of_clip(name, number):
            self._write(path)

    def remove_clip(self, name: str, number: int) -> None:
        """Remove the raw files of a clip, and folders that only it had."""
        for path in self.files_of_clip(name, number):
            path.unlink()
            if not list(path.parent.iterdir()):
                path.parent.rmdir()

    def files_of_clip(self, name: str, number: int) -> list[Path]:
        """Raw files of a clip."""
        return [self.folder / "raw" / name / path.replace("#", str(number)) for path in RAW[name]]

    def plan(self, *words: str, overlay: dict | None = None) -> list[Job]:
        """Jobs that a dry run would start for the targets, perhaps with a configuration on top."""
        (self.folder / "overlay.yaml").write_text(yaml.safe_dump(overlay or {}))
        self._said = self.run(*self.targets, "--dry-run", *words, configs=["overlay.yaml"])
        return [_parse(rule, text) for rule, text in _JOB.findall(self._said)]

    def below(self, changed: Iterable[Job]) -> set[str]:
        """Names of jobs and of all that read, directly or not, what they write."""
        found, files = set(), set()
        waiting = list(changed)
        while waiting:
            found |= {name_of(job) for job in waiting}
            files |= {path for job in waiting for path in job.outputs}
            waiting = [job for job in self.jobs if name_of(job) not in found and not files.isdisjoint(job.inputs)]
        return found

    @contextmanager
    def edited_all(self, paths: Iterable[str], edit: Callable[[str], str]) -> Iterator[None]:
        """The same edit in several files, which are put back afterwards."""
        texts = {path: (self.folder / path).read_text() for path in paths}
        try:
            for path, text in texts.items():
                (self.folder / path).write_text(edit(text))
            yield
        finally:
            for path, text in texts.items():
                (self.folder / path).write_text(text)

    @staticmethod
    def _write(path: Path, text: str = "") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class StandinPipeline(MadePipeline):
    """The same for the stand-in of every data set, an overlay and estimated joints."""

    targets = (
        EVERYTHING,
        "results/figures/overlays/ucf11_synthetic/soft_attention_ucf11/groups/v_swing_08_01.mp4",
        "results/poses/ucf11_synthetic/hourglass/000.h5",
    )

    def write_raw(self) -> None:
        """Nothing: jobs make the raw files, and the configuration is the shipped one."""
        (self.folder / "tiny.yaml").write_text("{}\n")


class OwnPipeline(MadePipeline):
    """The same for a user's list of clips: the first and the third are in shard 001, the second, a folder, in 000."""

    targets = ("results/runs/mine/soft_attention_ucf11/listed/seed0/scores.h5",)
    lines = ("0.avi,run,train,,", "4,sit,test,,", "2.avi,run,train,3,")

    def write_raw(self) -> None:
        """Write the empty videos, their list, and where they are."""
        own = {"layout": "csv", "root": "raw", "manifest": "clips.csv", "shards": 2, "weights": "random"}
        (self.folder / "tiny.yaml").write_text(yaml.safe_dump({"datasets": {"mine": own}}))
        for name in ("0.avi", "2.avi", "4/000001.jpg", "4/000002.jpg", "5.avi"):
            self._write(self.folder / "raw" / name)
        self.list_clips(*self.lines)

    def list_clips(self, *lines: str) -> None:
        """Write the list."""
        (self.folder / "raw/clips.csv").write_text("\n".join(["path,label,split,start,subject", *lines, ""]))


def name_of(job: Job) -> str:
    """A job by its rule and its first file."""
    return f"{job.rule} {job.outputs[0]}"


def _parse(rule: str, text: str) -> Job:
    """A job as a dry run shows it; words such as `(update)` stand behind the names of some files."""
    lists = dict(line.strip().partition(": ")[::2] for line in text.splitlines())
    files = (re.sub(r" \(\w+\)(?=, |$)", "", lists.get(key, "")) for key in ("input", "output"))
    return Job(rule, *(tuple(filter(None, names.split(", "))) for names in files))
