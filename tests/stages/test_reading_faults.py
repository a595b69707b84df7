"""A disk that fails, or a share that is gone: the job fails, names file and error, and costs no clip in the end."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from poseattn.__main__ import main
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.shards.shard import Shard
from poseattn.synthetic.avi import write_avi
from poseattn.synthetic.mpeg import write_mp4, write_mpg
from tests.datasets.test_penn_action import write_labels
from tests.datasets.test_stanford40 import XML
from tests.failing import failing_from, refuse
from tests.pose.test_tracks import RULE
from tests.skeletons import person, write_skeleton

SIZE = (160, 120)


def _frames(count: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8) for _ in range(count)]


def _avi(path: Path) -> None:
    write_avi(path, [cv2.imencode(".jpg", image)[1].tobytes() for image in _frames(12)], SIZE, 30)


def _folder(path: Path) -> None:
    path.mkdir()
    for number, image in enumerate(_frames(3), 1):
        cv2.imwrite(str(path / f"{number:06d}.png"), image)


# What is read -> the suffix of the file, the stage that reads it, and what writes it.
MAKERS: dict[str, tuple[str, str, Callable[[Path], object]]] = {
    "avi": (".avi", "", _avi),
    "mpg": (".mpg", "", lambda path: write_mpg(path, _frames(12), 30000 / 1001)),
    "mp4": (".mp4", "", lambda path: write_mp4(path, _frames(12), 30.0)),
    "image": (".jpg", "", lambda path: cv2.imwrite(str(path), _frames(1)[0])),
    "folder": ("", "", _folder),
    "skeleton": (".skeleton", "ntu", lambda path: write_skeleton(path, ("72057594037931", person(20)))),
    "labels": (".mat", "penn_action", write_labels),
    "box": (".xml", "stanford40", lambda path: path.write_text(XML.format(name="a"))),
}


def _words(kind: str, root: Path) -> list[str]:
    """Two clips, and the command line of the stage that reads them."""
    suffix, layout, make = MAKERS[kind]
    rows = []
    for name in ("0001", "0002"):
        make(root / f"{name}{suffix}")
        column = "pose_path" if layout else "path"
        rows.append(dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": name, column: f"{name}{suffix}"})
    write_manifest(pd.DataFrame(rows), root / "000.tsv")
    if layout:
        recipe = json.dumps(RULE._asdict(), sort_keys=True) if layout == "ntu" else "{}"
        words = ["read-poses", "--layout", layout, "--recipe", recipe]
    else:
        words = ["decode-frames", "--poses", "--uses", "--recipe", '{"store": "jpeg", "size": 32, "quality": 95}']
    words += ["--root", str(root), "--manifest", str(root / "000.tsv"), "--code", "c0de"]
    return [*words, "--out", str(root / "000.h5"), "--status", str(root / "000.status.tsv")]


def _file(kind: str, root: Path) -> Path:
    """The file of the second clip that will fail."""
    path = root / f"0002{MAKERS[kind][0]}"
    return path / "000002.png" if kind == "folder" else path


def _check_nothing(root: Path) -> None:
    assert not list(root.glob("000.h5*")) and not (root / "000.status.tsv").exists()


def _check_all(words: list[str], root: Path) -> None:
    """The same command again, on a disk that is well."""
    assert main(words) == 0
    status = read_status(root / "000.status.tsv")
    assert list(status.clip_id) == ["0001", "0002"] and (status.reason == "").all()
    assert status.n_frames.nunique() == 1 and status.n_frames.min() > 0
    with Shard(root / "000.h5") as shard:
        assert shard.clip_ids == ["0001", "0002"]


@pytest.mark.parametrize("kind", MAKERS)
def test_a_read_error_half_way_fails_the_job_and_is_no_end_of_the_file(tmp_path: Path, kind: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    words, file = _words(kind, root), _file(kind, root)
    failing = failing_from(tmp_path, file, file.stat().st_size // 2, errno.EIO)
    command = [sys.executable, "-m", "poseattn", *words]
    done = subprocess.run(command, env=os.environ | failing, text=True, capture_output=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"poseattn {words[0]}: error: [Errno 5] Input/output error: '{file}'"
    _check_nothing(root)
    _check_all(words, root)


@pytest.mark.parametrize("number", [errno.ENOENT, errno.ESTALE, errno.EMFILE, errno.EACCES])
@pytest.mark.parametrize("kind", MAKERS)
def test_a_file_that_cannot_be_opened_fails_the_job(
    tmp_path: Path, kind: str, number: int, capfd: pytest.CaptureFixture[str]
) -> None:
    words, file = _words(kind, tmp_path), _file(kind, tmp_path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        refuse(monkeypatch, file, number)
        assert main(words) == 1
    error = capfd.readouterr().err.splitlines()[-1]
    assert f"[Errno {number}] {os.strerror(number)}" in error and error.endswith(f"'{file}'")
    assert ("chmod u+r" in error) == (number == errno.EACCES)
    _check_nothing(tmp_path)
    _check_all(words, tmp_path)


@pytest.mark.parametrize("kind", MAKERS)
def test_a_fifo_is_a_bad_clip_at_once(tmp_path: Path, kind: str) -> None:
    words, file = _words(kind, tmp_path), _file(kind, tmp_path)
    file.unlink()
    os.mkfifo(file)
    assert main(words) == 0
    reason = read_status(tmp_path / "000.status.tsv").set_index("clip_id").reason
    assert reason["0001"] == "" and "a FIFO, expected a" in reason["0002"]
