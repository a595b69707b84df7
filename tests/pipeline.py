"""A copy of the pipeline in a folder of its own, with a stand-in of a few clips, run by the real Snakemake."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests/workflow/tiny.yaml"
TABLE = "results/ntu_table1.csv"
# Names a table 1 that was made on this machine just before, for tests that compare with it; without, they make one.
MADE_BEFORE = "POSEATTN_NTU_TABLE1"


class Pipeline:
    """A working copy: `run` calls Snakemake in it, `rerun` says which rules it would run again."""

    table = TABLE
    snakemake: Sequence[str] = ("-m", "snakemake")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.of_real_data: dict[str, str] = {}
        folder.mkdir(parents=True)
        ignore = shutil.ignore_patterns("__pycache__")
        for name in ("poseattn", "rules", "workflow", "profiles"):
            shutil.copytree(ROOT / name, folder / name, ignore=ignore)
        for name in ("Snakefile", "config.yaml"):
            shutil.copy(ROOT / name, folder)
        shutil.copy(TINY, folder / "tiny.yaml")

    def start(self, words: Sequence[str], configs: Sequence[str] = (), **settings: str) -> subprocess.Popen[str]:
        """Start Snakemake as the leader of its own process group, with some variables of its environment set."""
        environment = os.environ | {"PYTHONPATH": str(self.folder)} | settings
        command = [sys.executable, *self.snakemake, *words, "--cores", "2", "--configfile", "tiny.yaml", *configs]
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self, *words: str, code: int = 0, configs: Sequence[str] = (), **settings: str) -> str:
        """Run Snakemake to its end; its output, if it ends as expected."""
        process = self.start(words, configs, **settings)
        try:
            output, _ = process.communicate()
        except BaseException:  # the test took too long
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        assert process.returncode == code, output[-6000:]
        return output

    def rerun(self, *targets: str, configs: Sequence[str] = ()) -> dict[str, int]:
        """Rule -> number of jobs that a dry run would start for the table, or for other files."""
        output = self.run(*(targets or [self.table]), "--dry-run", "--quiet", "host", configs=configs)
        counts = dict(re.findall(r"^(\w+) +(\d+)$", output, re.MULTILINE))
        return {rule: int(count) for rule, count in counts.items() if rule != "total"}

    def kill_when(self, pattern: str, *words: str) -> None:
        """Start Snakemake and kill it with all its jobs as soon as a file of that pattern exists."""
        process = self.start(words)
        try:
            while not list(self.folder.glob(pattern)):
                assert process.poll() is None, f"ended before {pattern} appeared:\n{process.communicate()[0][-6000:]}"
                time.sleep(0.01)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()

    @contextmanager
    def edited(self, path: str, old: str, new: str) -> Iterator[None]:
        """Replace the first place of a text that must be there, and put the file back afterwards."""
        file = self.folder / path
        text = file.read_text()
        assert old in text, f"{old!r} is not in {path}"
        file.write_text(text.replace(old, new, 1))
        try:
            yield
        finally:
            file.write_text(text)

    def real_root(self) -> AbstractContextManager[None]:
        """The stand-in's files taken for a real data set."""
        return self.edited("config.yaml", "root: synthetic", "root: results/synthetic")

    def made_from_real(self) -> dict[str, str]:
        """Path -> SHA-256 of every file under results/ whose path names the real data set, raw files and logs aside."""
        kinds = [path for path in (self.folder / "results").iterdir() if path.name not in ("synthetic", "logs")]
        files = (file for kind in kinds for file in sorted(kind.rglob("*")) if file.is_file())
        paths = {file: file.relative_to(self.folder).parts for file in files}
        real = [file for file, parts in paths.items() if any(part.split(".")[0] == "ntu" for part in parts)]
        return {str(file.relative_to(self.folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in real}


def local_table(folder: Path) -> Path:
    """Table 1 of a run on this machine alone, with the shipped configuration."""
    if MADE_BEFORE in os.environ:
        return ROOT / os.environ[MADE_BEFORE]
    pipeline = Pipeline(folder / "local")
    (pipeline.folder / "tiny.yaml").write_text("{}\n")
    pipeline.run(TABLE)
    return pipeline.folder / TABLE
