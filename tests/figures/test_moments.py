"""Figures of the kind moments: which clips and frames are drawn, what the figure says, replaced actions, notices."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.figures import moments
from poseattn.figures._shared import surest_clips
from poseattn.figures.drawing.moments import Moments, extremes
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from tests.drawn import draw
from tests.video.rendered import Writer

NAMES = ("sailing", "curling", "juggling")
FIGURE = {"source": "Torabi, Sigal 2017, Fig. 2", "title": "Moments", "show": "extremes", "clips": 2}
# clip -> class and scores
ANSWERS = {
    "a": (0, [0.9, 0.1, 0.0]), "b": (0, [0.6, 0.4, 0.0]), "c": (0, [0.2, 0.8, 0.0]), "d": (1, [0.3, 0.7, 0.0]),
    "e": (1, [0.7, 0.3, 0.0]),
}  # fmt: skip
N_MOMENTS, STRIDE = 4, 3


def _scores(path: Path, answers: dict = ANSWERS, run: str = "ours") -> Path:
    """Attention of all clips: two steps, whose mean is highest in moment 2 and lowest in moment 1."""
    side = {"label": SideArray("clip class", "1")}
    if answers:
        side |= {
            "moment": SideArray("clip window step moment", "1"),
            "attended_frame": SideArray("clip window moment", "frames"),
        }
    attrs = {"run": run, "protocol": "official", "seed": 0, "data": "synthetic", "weights": "standin"}
    header = {"kind": "scores", "axes": "clip class", "units": "probabilities", "recipe": "{}", "code": ""}
    weights = np.array([[0.2, 0.2, 0.3, 0.3], [0.4, 0.0, 0.5, 0.1]], np.float32)
    with ShardWriter(path, **header, side=side, attrs=attrs, empty=((3,), np.float32)) as writer:
        for clip_id, (label, values) in answers.items():
            frame = np.stack([np.arange(2, 2 + N_MOMENTS * STRIDE, STRIDE), np.zeros(N_MOMENTS, int)])[None]
            one_hot = np.eye(3, dtype=np.uint8)[[label]]
            moment = np.stack([weights, weights[::-1]])[None]
            writer.append(clip_id, np.array([values], np.float32), label=one_hot, moment=moment, attended_frame=frame)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A video whose frame i is of the grey 10 * i."""
    writer = Writer(tmp_path / "a.avi", "MJPG", 25, (64, 48))
    for number in range(16):
        writer.write(np.full((48, 64, 3), 10 * number, np.uint8))
    writer.release()
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"path": "a.avi"}
    rows = [row | {"clip_id": clip_id, "label": str(label)} for clip_id, (label, _) in ANSWERS.items()]
    write_manifest(pd.DataFrame(rows), tmp_path / "m.tsv")
    write_classes(NAMES, tmp_path / "classes.txt")
    return tmp_path


def _run(root: Path, scores: list[Path], actions: list[str], **changes: Any) -> dict[str, str]:
    panels = [{"action": action, "runs": changes.pop("runs", ["ours"])} for action in actions]
    figure, inputs = FIGURE | {"panels": panels} | changes, {"manifest": [root / "m.tsv"], "scores": scores}
    draw("moments", figure, root=root, classes=root / "classes.txt", out=root / "out.png", **inputs)
    return Image.open(root / "out.png").info


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Moments]:
    rows: list[Moments] = []
    draw_rows = moments.draw_moments

    def look(given: list[Moments], *texts: str) -> bytes:
        rows.extend(given)
        return draw_rows(given, *texts)

    monkeypatch.setattr(moments, "draw_moments", look)
    return rows


def test_the_strongest_and_the_weakest_moment_of_recognised_clips(root: Path, drawn: list[Moments]) -> None:
    texts = _run(root, [_scores(root / "s.h5")], ["Sailing"])
    (row,) = drawn
    assert row.title == "ours: sailing" and len(row.images) == 4  # clips a and b, two moments each
    assert row.weights.tolist() == pytest.approx([0.4, 0.1, 0.4, 0.1])
    assert row.seconds.tolist() == pytest.approx([8 / 25, 5 / 25] * 2)
    assert [round(float(image.mean()) / 10) for image in row.images] == [8, 5, 8, 5]
    assert row.colors[:2] == extremes(row.weights)[1] and (row.brightness == 1).all()
    assert texts["Title"] == "Moments"
    assert texts["Description"] == (
        "After Torabi, Sigal 2017, Fig. 2: Moments, mean over the steps of a chunk. "
        "synthetic data, weights standin, official, seed 0."
    )
    before = (root / "out.png").read_bytes()
    _run(root, [_scores(root / "s.h5")], ["Sailing"])
    assert (root / "out.png").read_bytes() == before


def test_moments_are_as_dark_as_their_weights_are_small(root: Path, drawn: list[Moments]) -> None:
    scores = [_scores(root / "s.h5"), _scores(root / "t.h5", run="other")]
    _run(root, scores, ["curling"], show="weights", clips=1, frames=4, runs=["ours", "other"])
    assert [row.label for row in drawn] == ["ours", "other"]
    assert [row.title for row in drawn] == ["curling, clip d", ""]
    assert drawn[0].weights.tolist() == pytest.approx([0.3, 0.1, 0.4, 0.2])
    assert drawn[0].brightness.tolist() == pytest.approx([0.75, 0.25, 1, 0.5])
    assert drawn[0].seconds.tolist() == pytest.approx([2 / 25, 5 / 25, 8 / 25, 11 / 25])


def test_an_action_that_the_data_set_lacks_is_replaced(root: Path, drawn: list[Moments]) -> None:
    """Two thirds of the sailing clips are recognised, half of the curling ones; juggling has none."""
    _run(root, [_scores(root / "s.h5")], ["juggling", "Setting the table"])
    assert [row.title for row in drawn] == [
        "ours: sailing (the data set has no clip of 'juggling')",
        "ours: curling (the data set has no clip of 'Setting the table')",
    ]


def test_frames_beyond_the_end_are_the_last_one(root: Path) -> None:
    clip = pd.Series({"path": "a.avi", "pose_path": "", "start": "", "end": ""})
    images, seconds = moments._decode(root, clip, np.array([3, 40]))
    assert [round(float(image.mean()) / 10) for image in images] == [3, 15]
    assert seconds.tolist() == pytest.approx([3 / 25, 15 / 25])


def test_without_clips_the_picture_says_so(root: Path) -> None:
    texts = _run(root, [_scores(root / "s.h5", {})], ["sailing"])
    assert texts["Description"] == "Torabi, Sigal 2017, Fig. 2: no test clip of official was scored"


def test_missing_scores_and_vanished_videos_are_named(root: Path) -> None:
    with pytest.raises(ValueError, match="no scores with attention over moments of run theirs"):
        _run(root, [_scores(root / "s.h5")], ["sailing"], runs=["theirs"])
    (root / "a.avi").unlink()
    with pytest.raises(FileNotFoundError, match="a.avi"):
        _run(root, [root / "s.h5"], ["sailing"])
    assert not (root / "out.png").exists()


def test_clips_come_in_the_order_of_their_scores(tmp_path: Path) -> None:
    with Shard(_scores(tmp_path / "s.h5")) as shard:
        assert surest_clips(shard, 0, 3) == ["a", "b", "c"]
        assert surest_clips(shard, 1, 9) == ["d", "e"]
        assert moments.choose_action(shard, NAMES, "CURLING", {1}) == 1
        assert moments.choose_action(shard, NAMES, "x", {0, 1}) is None
