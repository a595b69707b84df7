"""Figures of the kind gains: gains by hand, the order of classes, and scores that do not belong together."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from poseattn.clips.manifest import write_classes
from poseattn.figures import gains
from poseattn.figures.gains import largest_gains
from poseattn.shards.shard import ShardWriter, SideArray
from tests.drawn import draw

NAMES = ("a", "b", "c", "d")
LABEL = [0, 0, 1, 1, 2, 2]  # no clip of d
FIGURE = {"source": "Torabi, Sigal 2017, Fig. 5", "title": "Gains", "baseline": "lstm", "count": 2}
FIGURE |= {"runs": [{"run": "obj", "label": "objects"}]}


def _scores(path: Path, run: str, guesses: list[int], label: list[int] = LABEL) -> Path:
    attrs = {"run": run, "protocol": "official", "seed": 0, "data": "synthetic", "weights": "standin"}
    header = {"kind": "scores", "axes": "clip class", "units": "probabilities", "recipe": "{}", "code": ""}
    side = {"label": SideArray("clip class", "1")}
    with ShardWriter(path, **header, side=side, attrs=attrs, empty=((4,), np.float32)) as writer:
        for number, (guess, truth) in enumerate(zip(guesses, label, strict=True)):
            values = np.eye(4, dtype=np.float32)[[guess]]
            writer.append(f"clip{number}", values, label=np.eye(4, dtype=np.uint8)[[truth]])
    return path


def _run(folder: Path, scores: list[Path]) -> dict[str, str]:
    write_classes(NAMES, folder / "classes.txt")
    draw("gains", FIGURE, root=folder, classes=folder / "classes.txt", scores=scores, out=folder / "out.png")
    return Image.open(folder / "out.png").info


def test_classes_with_the_largest_gains_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Class a falls from 1 to 1/2, b rises from 0 to 1/2, c from 0 to 1; nothing is known of d."""
    seen = []
    draw_bars = gains.draw_gains
    monkeypatch.setattr(gains, "draw_gains", lambda found, *texts: (seen.extend(found), draw_bars(found, *texts))[1])
    scores = [
        _scores(tmp_path / "0.h5", "lstm", [0, 0, 0, 0, 0, 0]),
        _scores(tmp_path / "1.h5", "obj", [0, 1, 1, 0, 2, 2]),
    ]
    texts = _run(tmp_path, scores)
    assert (seen[0].names, seen[0].values.tolist(), seen[0].title) == (["c", "b"], [1.0, 0.5], "objects")
    assert texts["Description"] == (
        "After Torabi, Sigal 2017, Fig. 5: Gains, of the 6 test clips. "
        "synthetic data, weights standin, official, seed 0."
    )


def test_equal_gains_keep_the_order_of_the_classes() -> None:
    found = largest_gains(np.array([0.5, np.nan, 0.5, 0.1]), np.zeros(4), NAMES, 9, "x")
    assert found.names == ["a", "c", "d"]


def test_without_clips_the_picture_says_so(tmp_path: Path) -> None:
    texts = _run(tmp_path, [_scores(tmp_path / f"{run}.h5", run, [], []) for run in ("lstm", "obj")])
    assert texts["Description"] == "Torabi, Sigal 2017, Fig. 5: no test clip of official was scored"


def test_scores_of_other_runs_or_clips_are_refused(tmp_path: Path) -> None:
    first = _scores(tmp_path / "0.h5", "lstm", LABEL)
    with pytest.raises(ValueError, match="1.h5: scores of run sce, expected obj"):
        _run(tmp_path, [first, _scores(tmp_path / "1.h5", "sce", LABEL)])
    with pytest.raises(ValueError, match="2.h5: 3 clips, expected the 6 clips of lstm"):
        _run(tmp_path, [first, _scores(tmp_path / "2.h5", "obj", [0, 1, 2], [0, 1, 2])])
