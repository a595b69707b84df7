"""The stage `train` on toy shards: outputs, determinism, kills, missing parts, and what it must not look at."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from poseattn.files import write_sealed
from poseattn.stages import train
from poseattn.training.checkpoint import SideFile, load_checkpoint
from poseattn.training.train import Fit, TrainingClips
from tests import toy

N_CLIPS = 45  # 15 of each camera
TRAINED = [number for number in range(N_CLIPS) if number // 3 % 3 + 1 != 1]


@pytest.fixture(autouse=True)
def same_threads():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def folder(tmp_path):
    """Manifest, and the shards of all clips in two files of each kind."""
    toy.write_manifest(tmp_path / "toy.tsv", N_CLIPS)
    toy.write_classes(tmp_path / "toy.classes.txt")
    for shard, numbers in enumerate([list(range(20)), list(range(20, N_CLIPS))]):
        toy.write_poses(tmp_path / f"poses{shard}.h5", numbers)
        toy.write_glimpses(tmp_path / f"glimpses{shard}.h5", numbers)
    return tmp_path


def arguments(folder: Path, out: str, run: dict | None = None, **changes) -> dict:
    run = run or toy.settings()
    glimpses = sorted(folder.glob("glimpses*.h5")) if "glimpses" in run["inputs"] else []
    given = {"manifest": folder / "toy.tsv", "classes": folder / "toy.classes.txt", "glimpses": glimpses}
    given |= {"cubes": [], "pieces": [], "attended": [], "heatmaps": [], "joints": [], "start": []}
    given |= {"poses": sorted(folder.glob("poses*.h5"))}
    given |= {
        "run": json.dumps(run, sort_keys=True),
        "protocol": "cross_view",
        "seed": 0,
        "out": folder / out / "checkpoint.pt",
    }
    return given | {"threads": 1, "device": "cpu", "memory": 2000, "code": "c0de"} | changes


def outputs(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("run", [toy.settings(), toy.hand_settings()], ids=["deep_gru", "sta_hands"])
def test_two_runs_write_equal_bytes(folder, run):
    train.run(**arguments(folder, "a", run))
    train.run(**arguments(folder, "b", run))
    assert outputs(folder / "a") == outputs(folder / "b")
    assert list(outputs(folder / "a")) == ["checkpoint.pt", "history.csv", "run.yaml"]
    train.run(**arguments(folder, "c", run, seed=1))
    assert outputs(folder / "a")["history.csv"] != outputs(folder / "c")["history.csv"]


def test_the_files_beside_the_checkpoint_tell_all(folder):
    run = toy.settings(epochs=2)
    train.run(**arguments(folder, "a", run))
    history = pd.read_csv(folder / "a" / "history.csv")
    assert list(history) == ["epoch", "train_loss", "train_acc", "val_loss", "val_score", "learning_rate"]
    assert history.epoch.tolist() == [1, 2] and (history.learning_rate == 0.01).all()
    resolved = yaml.safe_load((folder / "a" / "run.yaml").read_text())
    assert resolved["run"] == run
    assert (resolved["n_train"], resolved["n_val"]) == (24, 6)  # a fifth of the thirty clips of cameras 2 and 3
    assert (resolved["protocol"], resolved["seed"], resolved["code"], resolved["note"]) == ("cross_view", 0, "c0de", "")
    assert load_checkpoint(folder / "a" / "checkpoint.pt")[1] == resolved


def test_a_line_is_logged_for_each_epoch(folder, caplog):
    caplog.set_level("INFO")
    train.run(**arguments(folder, "a", toy.settings(epochs=4)))
    assert len([line for line in caplog.messages if line.startswith("epoch ")]) == 4


def test_test_clips_play_no_part(folder, tmp_path):
    """Poses of test clips become NaN and their labels another: not a bit of the model moves."""
    train.run(**arguments(folder, "a"))
    clips = toy.write_manifest(folder / "toy.tsv", N_CLIPS)
    clips.loc[clips.tests.str.contains("cross_view"), "label"] = "0"
    write_sealed(folder / "toy.tsv", clips.to_csv(sep="\t", index=False))
    for path in folder.glob("poses*.h5"):
        path.unlink()
    toy.write_poses(folder / "poses0.h5", TRAINED)
    toy.write_poses(folder / "poses1.h5", [n for n in range(N_CLIPS) if n not in TRAINED], scale=np.nan)
    train.run(**arguments(folder, "b"))
    assert outputs(folder / "a") == outputs(folder / "b")


def test_excluded_clips_are_not_trained_on(folder):
    train.run(**arguments(folder, "a"))
    bad = {
        "clip003": "read_poses: cut short",
        "clip007": "protocol: skeleton missing",
        "clip000": "decode_frames: empty",
    }
    toy.write_manifest(folder / "toy.tsv", N_CLIPS, bad)
    train.run(**arguments(folder, "b"))
    resolved = yaml.safe_load((folder / "b" / "run.yaml").read_text())
    assert resolved["n_train"] + resolved["n_val"] == 28


def test_validation_clips_are_the_same_for_all_variants(folder, caplog):
    """A clip that only the run with glimpses lacks leaves the draw of the others as it is."""
    from poseattn.clips.manifest import read_manifest
    from poseattn.training.runs import split_clips

    def validation() -> set[str]:
        clips = split_clips(read_manifest(folder / "toy.tsv"), toy.settings(), "cross_view", {})
        return set(clips.clip_id[clips.split == "val"])

    before = validation()
    left_out = min(set(f"clip{n:03d}" for n in TRAINED) - before)
    toy.write_manifest(folder / "toy.tsv", N_CLIPS, {left_out: "decode_frames: truncated"})
    assert validation() == before
    assert all(int(clip_id[4:]) in TRAINED for clip_id in before)


def test_a_protocol_without_training_clips_says_so(folder):
    train.run(**arguments(folder, "a", protocol="no_training"))
    state, about = load_checkpoint(folder / "a" / "checkpoint.pt")
    assert state is None
    assert about["note"] == "no training clip in no_training"
    assert (folder / "a" / "history.csv").read_text() == "epoch,train_loss,train_acc,val_loss,val_score,learning_rate\n"


def test_without_validation_the_last_epoch_is_kept(folder):
    train.run(**arguments(folder, "a", toy.settings(validation=0.0, patience=1, epochs=4)))
    about = load_checkpoint(folder / "a" / "checkpoint.pt")[1]
    assert (about["best_epoch"], about["note"]) == (4, "")
    assert pd.read_csv(folder / "a" / "history.csv").val_score.isna().all()


@pytest.mark.parametrize(
    ("split", "wants_validation", "note"),
    [
        (["train", "train", "val", "test"], True, "no training clip of b"),
        (["train", "test", "train", "train"], True, "no validation clip in p"),
        (["train", "test", "train", "train"], False, ""),
        (["train", "test", "test", "test"], True, "no validation clip in p; no training clip of a, b"),
        (["test", "test", "val", "test"], True, "no training clip in p"),
    ],
)
def test_a_note_names_what_a_training_lacks(split, wants_validation, note):
    """Clips of the classes c, c, a and b; nobody misses a class that is not tested."""
    label = np.eye(4, dtype=np.uint8)[[2, 2, 0, 1]]
    assert train._note(np.array(split), label, ["a", "b", "c", "d"], "p", wants_validation) == note


def test_a_note_names_validation_clips_that_show_no_class():
    label = np.array([[1, 0], [0, 0], [1, 0]], np.uint8)
    note = train._note(np.array(["train", "val", "test"]), label, ["a", "b"], "p", True)
    assert note == "no validation clip of any class in p"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"run": "{}"}, "run: no key arguments, attention_penalty, average, batch"),
        ({"run": "[1"}, "run: not JSON"),
        ({"poses": []}, "inputs: the run reads poses, but no such shard is given"),
        (
            {"run": json.dumps(toy.settings(arguments={"hidden": 8, "layer": 1}))},
            "arguments of model deep_gru: .*layer",
        ),
        ({"run": json.dumps(toy.settings(model="sta_hands"))}, "model sta_hands takes 'glimpse', but .* no glimpses"),
        ({"device": "tpu"}, "device: found 'tpu'"),
    ],
)
def test_mistakes_are_named_and_leave_nothing(folder, change, message):
    with pytest.raises(ValueError, match=message):
        train.run(**arguments(folder, "a") | change)
    assert not (folder / "a").exists()


SCRIPT = """
import json, sys
from pathlib import Path
from typing import Any
from poseattn.stages import train
from poseattn.training.train import Fit, TrainingClips
given = json.loads(sys.argv[1])
for name in ("manifest", "classes", "out"):
    given[name] = Path(given[name])
given["poses"] = [Path(path) for path in given["poses"]]
train.run(**given)
"""


def test_a_killed_training_ends_in_the_same_bytes(folder):
    run = toy.settings(epochs=60, patience=60, arguments={"hidden": 8, "layers": 2, "dropout": 0.5})
    given = arguments(folder, "killed", run)
    text = json.dumps(given, default=str)
    resume = folder / "killed" / "resume.pt"
    with subprocess.Popen([sys.executable, "-c", SCRIPT, text], cwd=Path(__file__).parents[2]) as process:
        while not resume.exists() and process.poll() is None:
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
    assert resume.exists() and not (folder / "killed" / "checkpoint.pt").exists()
    n_epochs = len(torch.load(resume, weights_only=True)["history"])
    assert 0 < n_epochs < 60
    train.run(**given)
    train.run(**arguments(folder, "undisturbed", run))
    assert outputs(folder / "killed") == outputs(folder / "undisturbed")


def test_progress_of_another_manifest_is_not_used(folder, caplog):
    caplog.set_level("INFO")
    given = arguments(folder, "a")
    saved = {}

    def stop(path, content, **_):
        saved["resume"] = content
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("poseattn.training.checkpoint.replace_file", stop)
        with pytest.raises(KeyboardInterrupt):
            train.run(**given)
    resume = folder / "a" / "resume.pt"
    resume.parent.mkdir()
    for change, expected in (
        ({}, "going on after epoch 1"),
        ({"code": "0ther"}, "starting anew"),
        ({"seed": 1}, "starting anew"),
        ({"run": json.dumps(toy.settings(batch=4))}, "starting anew"),
    ):
        resume.write_bytes(saved["resume"])
        caplog.clear()
        train.run(**given | change)
        assert any(line.startswith(expected) for line in caplog.messages), change
    resume.write_bytes(saved["resume"])
    toy.write_manifest(folder / "toy.tsv", N_CLIPS, {"clip044": "read_poses: bad"})
    caplog.clear()
    train.run(**given)
    assert any(line.startswith("starting anew") for line in caplog.messages)


def test_mirrored_clips_train_and_others_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twins stand behind all clips, have the labels of their clips, and are made of training clips alone."""
    seen: dict[str, Any] = {}

    def look(model: Any, clips: TrainingClips, *others: Any) -> Fit:
        seen["clips"] = clips
        return Fit([], 0, {})

    monkeypatch.setattr(train, "fit", look)
    monkeypatch.setattr(train, "load_features", lambda clip_ids, *others: seen.setdefault("ids", clip_ids))
    monkeypatch.setattr(train, "build_model", lambda *others: torch.nn.Identity())
    monkeypatch.setattr(torch.nn.Identity, "inputs", (), raising=False)
    clips = pd.DataFrame({"clip_id": list("abcd"), "split": ["train", "val", "train", "train"]})
    label = np.eye(3, dtype=np.uint8)[[0, 1, 2, 1]]
    place = torch.device("cpu")
    train._fit(
        clips,
        label,
        train.Sources({}, None),
        {"mirror": True, "epochs": 1},
        0,
        SideFile(tmp_path / "x", {}),
        place,
        100,
    )
    assert seen["ids"] == ["a", "b", "c", "d", "mirrored/a", "mirrored/c", "mirrored/d"]
    assert seen["clips"].twin.tolist() == [4, 1, 5, 6]
    assert seen["clips"].label.argmax(dim=1).tolist() == [0, 1, 2, 1, 0, 2, 1]
    assert (seen["clips"].train.tolist(), seen["clips"].validation.tolist()) == ([0, 2, 3], [1])
