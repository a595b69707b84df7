import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from poseattn.clips.standin_record import check_contents
from poseattn.files import read_sealed
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import ntu
from tests.synthetic.chance import check_chance
from tests.synthetic.deadly import die
from tests.synthetic.recipe import quick, shipped

LIST = ntu.MISSING


def synthesize(root, recipe, threads=1):
    out = root.with_name(root.name + ".txt")
    synthesize_dataset.run(layout="ntu", recipe=json.dumps(recipe), out=out, threads=threads)
    return root


def contents(root):
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_layout_is_the_genuine_one(tmp_path):
    root = synthesize(tmp_path / "ntu", quick([1, 3], [1], [1, 58]))
    assert sorted(path.name for path in root.iterdir()) == [LIST, ntu.VIDEOS, ntu.SKELETONS]
    listed = set((root / LIST).read_text().split("\n\n")[1].split())
    videos = {path.name.removesuffix("_rgb.avi") for path in (root / ntu.VIDEOS).iterdir()}
    skeletons = {path.name.removesuffix(".skeleton") for path in (root / ntu.SKELETONS).iterdir()}
    assert len(videos) == 12 and len(listed) == 1
    assert listed <= videos and videos - listed <= skeletons <= videos
    assert sorted(tmp_path.iterdir()) == [root, tmp_path / "ntu.txt"]
    lines = read_sealed(tmp_path / "ntu.txt").splitlines()[1:]
    assert {line.partition("  ")[2] for line in lines} == contents(root).keys()
    check_contents(root, ["."])


def test_files_depend_on_the_recipe_alone(tmp_path):
    recipe = quick([1], [1], [1, 59])
    first = contents(synthesize(tmp_path / "a", recipe))
    assert first == contents(synthesize(tmp_path / "b", recipe, threads=2))
    assert first == contents(synthesize(tmp_path / "a", recipe))
    other = contents(synthesize(tmp_path / "c", recipe | {"seed": recipe["seed"] + 1}))
    assert not any(first[name] == other[name] for name in first.keys() & other.keys() if name.endswith("avi"))


def test_a_clip_does_not_depend_on_which_others_there_are(tmp_path):
    few = contents(synthesize(tmp_path / "few", quick([1], [1], [22])))
    many = contents(synthesize(tmp_path / "many", quick([1, 2], [1], [22, 23])))
    shared = [name for name in few if name.endswith(".avi")]
    assert len(shared) == 3
    assert all(few[name] == many[name] for name in shared)


def test_a_killed_run_is_never_taken_for_a_data_set(tmp_path, monkeypatch):
    recipe = quick([1], [1], [1, 2])
    root = synthesize(tmp_path / "ntu", recipe)
    whole = contents(root)
    write, done = ntu.write_clip, []

    def killed(*arguments):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(write(*arguments))

    monkeypatch.setattr(ntu, "write_clip", killed)
    with pytest.raises(KeyboardInterrupt):
        synthesize(root, recipe)
    assert not (tmp_path / "ntu.txt").exists() and contents(root) == whole
    monkeypatch.undo()
    assert contents(synthesize(root, recipe)) == whole


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left on device: '.*ntu.part, clip S001C001P001R001A001'"):
        synthesize(tmp_path / "ntu", quick([1], [1], [1]))
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(synthesize_dataset, "_write_clip", die)
    with pytest.raises(OSError, match="^a worker process was killed"):
        synthesize(tmp_path / "ntu", quick([1], [1], [1]), threads=2)
    assert list(tmp_path.iterdir()) == []


def test_workers_end_when_their_stage_is_killed(tmp_path):
    command = [sys.executable, "-m", "poseattn", "synthesize-dataset", "--layout", "ntu"]
    command += ["--recipe", json.dumps(shipped()), "--out", str(tmp_path / "ntu.txt"), "--threads", "2"]
    stage = subprocess.Popen(command)
    videos = tmp_path / "ntu.part" / ntu.VIDEOS
    _wait(lambda: videos.exists() and any(videos.iterdir()))
    stage.kill()
    stage.wait()
    _wait(lambda: len(set(videos.iterdir())) == _count_after(videos, 0.5))
    assert not (tmp_path / "ntu").exists()


def _count_after(folder, seconds):
    time.sleep(seconds)
    return len(set(folder.iterdir()))


def _wait(condition):
    """Until a condition holds, at most 30 s."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + 30
        time.sleep(0.1)


def test_what_else_is_in_the_folder_stays(tmp_path):
    (tmp_path / "ntu").mkdir()
    (tmp_path / "ntu" / "notes.txt").write_text("mine")
    synthesize(tmp_path / "ntu", quick([1], [1], [1]))
    assert (tmp_path / "ntu" / "notes.txt").read_text() == "mine"


def test_a_missing_key_is_one_line(tmp_path):
    recipe = quick([1], [1], [1])
    del recipe["scene"]["ghost"], recipe["scene"]["sensor"]
    with pytest.raises(ValueError, match="^recipe of the stand-in: key 'sensor' is missing$"):
        synthesize(tmp_path / "ntu", recipe, threads=2)
    assert list(tmp_path.iterdir()) == []


def side_information(root):
    """Everything about a clip but its skeleton and what its pictures show: (clip, feature); actions and subjects."""
    videos = sorted((root / ntu.VIDEOS).iterdir())
    rows = [_of_video(path) + _of_skeleton(root, path.name) for path in videos]
    actions, subjects = ([int(path.name[part]) for path in videos] for part in (slice(17, 20), slice(9, 12)))
    return np.array(rows), np.array(actions), np.array(subjects)


def _of_video(path):
    """Length, bytes of the file and how they vary over time, frame size and rate, colours of the first picture."""
    content = path.read_bytes()
    index = np.frombuffer(content, "<u4", offset=content.rindex(b"idx1") + 8).reshape(-1, 4)
    sizes = index[:, 3].astype(float)
    begin, middle, end = (part.mean() for part in np.array_split(sizes, 3))
    spread = [sizes.mean(), sizes.std(), sizes.min(), sizes.max(), np.abs(np.diff(sizes)).mean()]
    capture = cv2.VideoCapture(str(path))
    shape = [capture.get(key) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS)]
    picture = capture.read()[1].astype(float)
    colors = [*picture.mean((0, 1)), *picture[:20].mean((0, 1)), *picture[-20:].mean((0, 1)), picture.std()]
    return [len(sizes), len(content), middle - begin, end - begin, *spread, *shape, *colors]


def _of_skeleton(root, name):
    """Bytes of the file and for each body, line ends, lost coordinates."""
    path = root / ntu.SKELETONS / name.replace("_rgb.avi", ".skeleton")
    text = path.read_bytes() if path.exists() else b""
    return [len(text), len(text) / (text.count(b"\n25") + 1), text.count(b"\r"), b"NaN" in text]


def test_side_information_does_not_tell_the_class(tmp_path):
    check_chance(*side_information(synthesize(tmp_path / "ntu", quick([1, 2, 3, 4], [1]))))


@pytest.mark.slow
def test_side_information_of_the_shipped_stand_in_does_not_tell_the_class(tmp_path):
    check_chance(*side_information(synthesize(tmp_path / "ntu", shipped(), threads=2)))
