"""Figures of the kind states: which clip is drawn, and the states of the model."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.clips.manifest import write_classes
from poseattn.figures import states
from poseattn.figures.states import Answers, choose_clip, hidden_states
from poseattn.models import rpan_without
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.training.checkpoint import save_checkpoint
from tests import toy
from tests.drawn import draw

RUN = toy.settings() | {
    "run": "rpan_t_without", "model": "rpan_without", "arguments": {"hidden": 6, "dropout": 0.0},
    "inputs": {"cubes": "pool"}, "frames": 4, "sampling": "even", "test_draws": 1,
}  # fmt: skip
FIGURE = {"source": "s", "title": "States", "action": "b", "labels": ["Without", "ours"]}


def _answers(**guess_score: tuple[int, int, float]) -> Answers:
    """Clip -> class, answer, score."""
    label, guess, score = zip(*guess_score.values(), strict=True)
    return Answers(list(guess_score), np.array(label), np.array(guess), np.array(score))


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        ({"a": (0, 0, 0.9), "b": (1, 1, 0.6), "c": (1, 1, 0.7), "d": (1, 1, 0.9)}, "c"),  # d was right before
        ({"a": (0, 0, 0.9), "b": (1, 0, 0.6), "c": (1, 2, 0.7), "d": (1, 1, 0.9)}, "a"),  # no clip of class 1 is gained
        ({"a": (0, 2, 0.9), "b": (1, 0, 0.6), "c": (1, 2, 0.7), "d": (1, 1, 0.5)}, "c"),  # none is gained
    ],
)
def test_the_clip_is_the_surest_gain_of_the_action(ours: dict[str, tuple[int, int, float]], expected: str) -> None:
    baseline = _answers(a=(0, 1, 0.9), b=(1, 0, 0.5), c=(1, 0, 0.5), d=(1, 1, 0.5))
    assert choose_clip(baseline, _answers(**ours), action=1) == expected


def _write(folder: Path) -> tuple[Path, Path]:
    """Pooled features of two clips, and a model."""
    header = {"kind": "cubes", "units": "1", "recipe": '{"size": 8}', "code": ""}
    with ShardWriter(
        folder / "cubes.h5", axes="frame channel", side={"time": SideArray("frame", "seconds")}, **header
    ) as writer:
        rng = np.random.default_rng(0)
        for clip_id, length in (("x", 9), ("y", 12)):
            writer.append(clip_id, rng.normal(size=(length, 5)).astype(np.float16), time=np.arange(length) / 30)
    torch.manual_seed(0)
    model = rpan_without.Model(n_classes=3, channels=5, hidden=6, dropout=0.0)
    about = {"run": RUN, "classes": ["a", "b", "c"], "note": ""}
    save_checkpoint(folder / "model.pt", model.state_dict(), about)
    return folder / "cubes.h5", folder / "model.pt"


def _scores(path: Path, run: str) -> Path:
    header = {
        "kind": "scores",
        "axes": "clip class",
        "units": "logits",
        "recipe": "{}",
        "code": "",
        "attrs": {"run": run},
    }
    with ShardWriter(path, side={"label": SideArray("clip class", "1")}, **header) as writer:
        for clip_id, values in {"x": [0.1, 0.8, 0.1], "y": [0.9, 0.1, 0.0]}.items():
            writer.append(clip_id, np.array([values], np.float32), label=np.array([[0, 1, 0]], np.uint8))
    return path


def test_states_are_what_the_model_classifies(tmp_path: Path) -> None:
    cubes, checkpoint = _write(tmp_path)
    states, frames = hidden_states(json.dumps(RUN), checkpoint, [cubes], "y")
    assert frames.tolist() == [1, 4, 7, 10]
    model = rpan_without.Model(n_classes=3, channels=5, hidden=6, dropout=0.0).eval()
    model.load_state_dict(torch.load(checkpoint)["model"])
    rows = torch.from_numpy(np.random.default_rng(0).normal(size=(21, 5)).astype(np.float16)[9:][frames]).float()
    with torch.no_grad():
        logits = model(rows[None])[0][0]
        np.testing.assert_allclose(model.classifier(torch.from_numpy(states)), logits, rtol=1e-5, atol=1e-6)


def test_a_picture_comes_out_and_an_unknown_action_is_refused(tmp_path: Path) -> None:
    cubes, checkpoint = _write(tmp_path)
    write_classes(["a", "b", "c"], tmp_path / "classes.txt")
    scores = [_scores(tmp_path / f"{run}.h5", run) for run in "vw"]
    given = {"root": tmp_path, "classes": tmp_path / "classes.txt", "out": tmp_path / "f.png", "scores": scores}
    given |= {"runs": [json.dumps(RUN)] * 2, "checkpoints": [checkpoint] * 2, "cubes": [cubes] * 2}
    draw("states", FIGURE, **given)
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="figure: found action 'z', expected one of a, b, c"):
        draw("states", FIGURE | {"action": "z"}, **given)


def test_each_run_reads_its_own_cubes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first half of the cubes is the baseline's, in the order of the runs."""
    _, checkpoint = _write(tmp_path)
    write_classes(["a", "b", "c"], tmp_path / "classes.txt")
    scores = [_scores(tmp_path / f"{run}.h5", run) for run in "vw"]
    given = {"root": tmp_path, "classes": tmp_path / "classes.txt", "out": tmp_path / "f.png", "scores": scores}
    cubes = [tmp_path / f"{run}{shard}.h5" for run in "vw" for shard in range(2)]
    seen: list[tuple[str, Path, list[Path]]] = []

    def keep(run: str, checkpoint: Path, cubes: list[Path], clip_id: str) -> tuple[np.ndarray, np.ndarray]:
        seen.append((run, checkpoint, cubes))
        return np.zeros((2, 4)), np.arange(2)

    monkeypatch.setattr(states, "hidden_states", keep)
    draw("states", FIGURE, **given, runs=["first", "second"], checkpoints=[checkpoint, tmp_path / "b"], cubes=cubes)
    assert seen == [("first", checkpoint, cubes[:2]), ("second", tmp_path / "b", cubes[2:])]
