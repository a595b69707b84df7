"""Figures of the kind confusions: counts at their places, runs in their order, and scores of another run refused."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poseattn.clips.manifest import write_classes
from poseattn.figures import confusions
from poseattn.figures.confusions import Confusion, _draw, draw_confusions
from poseattn.shards.shard import ShardWriter, SideArray
from tests.drawn import draw

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
    monkeypatch.setattr(confusions, "draw_confusions", lambda *given: seen.append(given) or draw_confusions(*given))
    scores = [_scores(tmp_path / "v.h5", "v", [0, 0, 1]), _scores(tmp_path / "w.h5", "w", [0, 1, 0])]
    write_classes(["run", "walk"], tmp_path / "classes.txt")
    given = {"root": tmp_path, "classes": tmp_path / "classes.txt", "out": tmp_path / "f.png"}
    draw("confusions", FIGURE, **given, scores=scores)
    matrices, names, title, caption = seen[0]
    assert [(one.counts.tolist(), one.title) for one in matrices] == [
        ([[1, 1], [1, 0]], "before"), ([[2, 0], [0, 1]], "after"),
    ]  # fmt: skip
    assert (names, title) == (("run", "walk"), "Answers") and "synthetic data, weights standin" in caption
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="w.h5: scores of run w, expected v"):
        draw("confusions", FIGURE, **given, scores=scores[::-1])


def test_counts_are_written_where_they_belong() -> None:
    counts = np.array([[2, 0, 1], [0, 0, 0], [0, 3, 4]])
    figure = _draw([Confusion(counts, "ours"), Confusion(counts, "theirs")], ("a", "b", "c"), "title")
    first, second = figure.axes
    written = {(int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in first.texts}
    assert written == {(0, 0): "2", (0, 2): "1", (2, 1): "3", (2, 2): "4"}
    np.testing.assert_allclose(first.images[0].get_array(), [[2 / 3, 0, 1 / 3], [0, 0, 0], [0, 3 / 7, 4 / 7]])
    assert (first.get_title(), second.get_title()) == ("ours: 6 of 10 right", "theirs: 6 of 10 right")
    assert [text.get_text() for text in first.get_yticklabels()] == ["a", "b", "c"]


def test_the_same_bytes() -> None:
    matrices = [Confusion(np.eye(3, dtype=int), "ours")]
    first, second = (draw_confusions(matrices, ("a", "b", "c"), "title", "caption") for _ in range(2))
    assert first == second
    picture = Image.open(io.BytesIO(first))
    assert picture.info["Title"] == "title" and picture.info["Description"] == "caption"
