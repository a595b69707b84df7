"""The mini-config: the real rules from videos to a table on a stand-in of two classes and eight clips, one epoch."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.pipeline import TINY, Pipeline

TABLE = "results/mini.csv"
RAW, REAL = "results/synthetic/ntu.txt", "results/manifests/ntu.poses_only.tsv"
OVERLAY = {
    "datasets": {"ntu": {"weights": "random", "shards": 2}},
    "hands": {"sta_hands_fig5": {"action": 1}},
    "raw": {"ntu": {"standin_shards": 1}},
    "tables": {
        "mini": {
            "source": "",
            "unit": "percent",
            "row_columns": [],
            "columns": {
                "cs_acc": {"dataset": "ntu", "protocols": ["cross_subject"], "split": "test", "metric": "accuracy"}
            },
            "rows": [
                {
                    "label": "B",
                    "method_id": "sta_hands_pose",
                    "own_method": True,
                    "runs": ["sta_hands_pose"],
                    "fuse": "sum_logits",
                    "published": {},
                }
            ],
        }
    },
}
_RUN = "results/runs/ntu_synthetic/sta_hands_pose/cross_subject/seed0"
# Stages in an order in which they may run, and the files that each leaves.
STAGES = {
    "synthesize_dataset": ["results/synthetic/ntu.txt", "results/synthetic/ntu/*", "results/synthetic/ntu/*/*"],
    "build_manifest": ["results/manifests/ntu_synthetic/000.tsv"],
    "list_uses": ["results/manifests/ntu_synthetic/000.uses.tsv"],
    "list_classes": ["results/manifests/ntu_synthetic.classes.txt"],
    "read_poses": ["results/poses/ntu_synthetic/kinect/*"],
    "decode_frames": ["results/frames/ntu_synthetic/hand_crops/*"],
    "gather_excluded": ["results/manifests/ntu_synthetic.excluded.tsv"],
    "gather_manifest": ["results/manifests/ntu_synthetic.tsv"],
    "extract_glimpses": ["results/glimpses/ntu_synthetic/hands/*"],
    "train": [f"{_RUN}/checkpoint.pt", f"{_RUN}/history.csv", f"{_RUN}/run.yaml"],
    "evaluate": [f"{_RUN}/scores.h5"],
    "tabulate": [TABLE],
}
_VERIFY = [sys.executable, "-m", "poseattn", "verify", "results/"]
_LONGEST = 1200  # seconds of a command; longer ones hang
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2


class Done(NamedTuple):
    """A command that ended: its exit code, and what it said."""

    code: int
    output: str


class Mini(Pipeline):
    """A working copy of the mini-config.

    Args:
        folder: Its folder, which is made unless it is there.
        source: Copy to make it from, with all that was computed there; None for a fresh one.
    """

    table = TABLE

    def __init__(self, folder: Path, source: "Mini | None" = None) -> None:
        self.folder = folder
        if folder.is_dir():
            return
        if source is not None:
            shutil.copytree(source.folder, folder)
            return
        super().__init__(folder)
        tiny = yaml.safe_load(TINY.read_text())
        del tiny["synthetic"]["ntu"]  # which is still smaller here
        tiny["runs"]["sta_hands_pose"]["standin"]["epochs"] = 1
        (folder / "tiny.yaml").write_text(yaml.safe_dump(tiny | OVERLAY))
        path = folder / "workflow/standins/ntu.yaml"
        content = yaml.safe_load(path.read_text())
        standin = content["synthetic"]["ntu"]
        standin |= {"frames": [8, 10], "missing": 0}
        grid = standin["grid"]
        grid["actions"] = {number: grid["actions"][number] for number in ("1", "2")}
        grid["setups"] = {
            number: grid["setups"][number] | {"subjects": [subject]} for number, subject in (("1", 1), ("4", 6))
        }
        grid |= {"cameras": {"1": 20, "2": 0}, "repetitions": [1]}
        path.write_text(yaml.safe_dump(content))

    def open(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None, stderr: int = subprocess.STDOUT
    ) -> subprocess.Popen[str]:
        """Start a command in the folder, in a process group of its own and with no more rights than any user has."""
        binaries = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        path = {"PYTHONPATH": str(self.folder), "PATH": binaries, "OMP_NUM_THREADS": "1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": stderr}
        return subprocess.Popen(
            command, cwd=self.folder, env=os.environ | path | (environment or {}), text=True, errors="replace", **pipes,
            start_new_session=True, preexec_fn=_drop_privileges,
        )  # fmt: skip

    def start_snakemake(
        self, environment: Mapping[str, str] | None = None, target: str = TABLE
    ) -> subprocess.Popen[str]:
        """Start the one command that makes the table, or another file."""
        words = ["snakemake", target, "--cores", "2", "--configfile", "tiny.yaml"]
        return self.open([sys.executable, "-m", *words], environment)

    def make_table(self, environment: Mapping[str, str] | None = None) -> Done:
        """Run that command to its end."""
        return finish(self.start_snakemake(environment))

    def unlock(self) -> Done:
        """Take away the lock of a Snakemake that was killed."""
        words = ["snakemake", "--unlock", "--cores", "1", "--configfile", "tiny.yaml"]
        return finish(self.open([sys.executable, "-m", *words]))

    def verify(self) -> Done:
        """Check all files."""
        return finish(self.open(_VERIFY))

    def repair(self) -> Done | None:
        """Run the command that `verify` gives, which is all of its standard output; None if it gives none."""
        given, _ = self.open(_VERIFY, stderr=subprocess.DEVNULL).communicate(timeout=_LONGEST)
        if not given:
            return None
        [command] = given.splitlines()
        return finish(self.open(["bash", "-c", f"{command} --configfile tiny.yaml"]))

    def files_of(self, stage: str) -> list[Path]:
        """Files that a stage left."""
        paths = (path for pattern in STAGES[stage] for path in self.folder.glob(pattern))
        return sorted(path for path in paths if path.is_file())

    def forget(self, stage: str) -> None:
        """Remove what a stage and all later ones made; raw files stay where their record goes."""
        later = list(STAGES)[list(STAGES).index(stage) :]
        for name in later:
            for path in self.files_of(name):
                if "synthetic/ntu/" not in str(path.relative_to(self.folder)):
                    path.unlink()


def finish(process: subprocess.Popen[str]) -> Done:
    """Wait for a command; one that hangs is killed with all its jobs."""
    try:
        output, _ = process.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return Done(process.returncode, f"{output}\nhung for {_LONGEST} s")
    return Done(process.returncode, output)


def _drop_privileges() -> None:
    """Let root respect read-only folders: it loses the right to pass over them with the next program it starts."""
    if os.geteuid() == 0:
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            if ctypes.CDLL(None, use_errno=True).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0):
                os._exit(99)
