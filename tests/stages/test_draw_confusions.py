"""Runs are drawn in the order asked for, and scores of another run are refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from poseattn.clips.manifest import write_classes
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages import draw_confusions

FIGURE = {"source": "s", "title": "Answers", "runs": [{"run": "v", "label": "before"}, {"run": "w", "label": "after"}]}


def _scores(path: Path, run: str, guesses: list[int]) -> Path:
    attrs = {"run": run, "protocol": "p", "seed": 0, "data": "synthetic", "weights": "standin"}
    header = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": "", "attrs": attrs}
    with ShardWriter(path, side={"label": SideArray("clip class", "1")}, **header) as writer:
        for number, guess in enumerate(guesses):
            label = np.eye(2, dtype=np.uint8)[[number % 2]]
            writer.append(f"clip{number}", np.eye(2, dtype=np.float32)[[guess]], label=label)
    return path


def test_matrices_in_the_order_of_the_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    draw = draw_confusions.draw_confusions
    monkeypatch.setattr(draw_confusions, "draw_confusions", lambda *given: seen.append(given) or draw(*given))
    scores = [_scores(tmp_path / "v.h5", "v", [0, 0, 1]), _scores(tmp_path / "w.h5", "w", [0, 1, 0])]
    write_classes(["run", "walk"], tmp_path / "classes.txt")
    given = {"figure": json.dumps(FIGURE), "classes": tmp_path / "classes.txt", "out": tmp_path / "f.png"}
    draw_confusions.run(**given, scores=scores)
    matrices, names, title, caption = seen[0]
    assert [(one.counts.tolist(), one.title) for one in matrices] == [
        ([[1, 1], [1, 0]], "before"), ([[2, 0], [0, 1]], "after"),
    ]  # fmt: skip
    assert (names, title) == (("run", "walk"), "Answers") and "synthetic data, weights standin" in caption
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="w.h5: scores of run w, expected v"):
        draw_confusions.run(**given, scores=scores[::-1])
