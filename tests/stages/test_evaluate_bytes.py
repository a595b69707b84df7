"""The stage `evaluate` writes the same bytes in every process: with other hash seeds, threads and languages."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poseattn.stages import train
from tests import toy

N_CLIPS = 18
RUN = toy.hand_settings(epochs=1)  # with all inputs and several maps of attention
PROGRAM = "import locale, sys; locale.setlocale(locale.LC_ALL, ''); import poseattn.__main__ as m; sys.exit(m.start())"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A toy run that was trained, and its scores in a process with the hash seed 0."""
    folder = tmp_path_factory.mktemp("bytes")
    toy.write_manifest(folder / "toy.tsv", N_CLIPS)
    toy.write_classes(folder / "toy.classes.txt")
    toy.write_poses(folder / "poses.h5", list(range(N_CLIPS)))
    toy.write_glimpses(folder / "glimpses.h5", list(range(N_CLIPS)))
    given = {"manifest": folder / "toy.tsv", "classes": folder / "toy.classes.txt", "run": json.dumps(RUN)}
    given |= {"poses": [folder / "poses.h5"], "glimpses": [folder / "glimpses.h5"]}
    given |= {name: [] for name in ("cubes", "pieces", "attended", "heatmaps", "joints", "start")}
    given |= {"protocol": "cross_view", "seed": 0, "threads": 1, "device": "cpu", "memory": 2000, "code": "c0de"}
    train.run(**given, out=folder / "checkpoint.pt")
    _score(folder, "0.h5", PYTHONHASHSEED="0")
    return folder


def _score(folder: Path, out: str, **environment: str) -> None:
    """Score in a process of its own."""
    words = ["--manifest", "toy.tsv", "--classes", "toy.classes.txt", "--poses", "poses.h5"]
    words += ["--glimpses", "glimpses.h5", "--checkpoint", "checkpoint.pt", "--run", json.dumps(RUN)]
    words += [word for name in ("cubes", "pieces", "attended", "heatmaps") for word in (f"--{name}",)]
    words += ["--protocol", "cross_view", "--seed", "0", "--split", "test", "--out", out, "--threads", "1"]
    words += ["--device", "cpu", "--memory", "2000", "--code", "c0de"]
    place = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROGRAM, "evaluate", *words]
    done = subprocess.run(command, cwd=folder, env=os.environ | place | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("hash_seed", "threads"), [("1", "3")])
def test_hash_seeds_and_idle_threads_move_no_byte(folder: Path, hash_seed: str, threads: str) -> None:
    _score(folder, f"{hash_seed}.h5", PYTHONHASHSEED=hash_seed, OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads)
    assert (folder / f"{hash_seed}.h5").read_bytes() == (folder / "0.h5").read_bytes()


def test_the_language_moves_no_byte(folder: Path, tmp_path: Path) -> None:
    """Turkish has a comma in numbers, and an i without a dot."""
    language = "tr_TR"
    localedef = shutil.which("localedef")
    if localedef is None:
        pytest.skip("no localedef on this machine, which makes locales")
    name = tmp_path / f"{language}.UTF-8"
    made = subprocess.run([localedef, "-i", language, "-f", "UTF-8", name], capture_output=True, text=True)
    if not name.is_dir():
        pytest.skip(f"the locale {language} cannot be made here: {made.stderr.strip()[:200]}")
    _score(folder, f"{language}.h5", LOCPATH=str(tmp_path), LC_ALL=f"{language}.UTF-8", PYTHONHASHSEED="3")
    assert (folder / f"{language}.h5").read_bytes() == (folder / "0.h5").read_bytes()
