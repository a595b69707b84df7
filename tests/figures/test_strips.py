"""Figures of the kind strips: which clips are drawn, what the figure says, notices, and the light itself."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.figures.drawing.strips import attended
from poseattn.figures.strips import rank_answers
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from tests.drawn import draw
from tests.video.rendered import Writer

NAMES = ("biking", "diving", "swing")
FIGURE = {"source": "Sharma et al. 2015, Fig. 2", "title": "Where it looks", "steps": 3, "spread": False}
# clip -> class and scores
ANSWERS = {
    "a": (0, [0.9, 0.1, 0.0]), "b": (0, [0.8, 0.2, 0.0]), "c": (1, [0.1, 0.7, 0.2]), "d": (2, [0.6, 0.0, 0.4]),
}  # fmt: skip


def _scores(path: Path, answers: dict = ANSWERS, run: str = "ours") -> Path:
    side = {"label": SideArray("clip class", "1")}
    if answers:
        side |= {
            "location": SideArray("clip window frame place", "1"),
            "frame": SideArray("clip window frame", "frames"),
        }
    attrs = {"run": run, "protocol": "groups", "seed": 0, "data": "synthetic", "weights": "standin", "grid": "[3, 3]"}
    header = {"kind": "scores", "axes": "clip class", "units": "probabilities", "recipe": "{}", "code": ""}
    with ShardWriter(path, **header, side=side, attrs=attrs, empty=((3,), np.float32)) as writer:
        for clip_id, (label, values) in answers.items():
            frame = np.array([[[0, 1, 2, 3], [4, 5, 6, 6]]])
            location = np.full((1, 2, 4, 9), 1 / 9, np.float32)
            one_hot = np.eye(3, dtype=np.uint8)[[label]]
            writer.append(clip_id, np.array([values], np.float32), label=one_hot, location=location, frame=frame)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    writer = Writer(tmp_path / "a.avi", "MJPG", 25, (64, 48))
    for number in range(7):
        writer.write(np.full((48, 64, 3), 30 * number, np.uint8))
    writer.release()
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"path": "a.avi"}
    rows = [row | {"clip_id": clip_id, "label": str(label)} for clip_id, (label, _) in ANSWERS.items()]
    write_manifest(pd.DataFrame(rows), tmp_path / "m.tsv")
    write_classes(NAMES, tmp_path / "classes.txt")
    return tmp_path


def _run(root: Path, strips: list[dict], scores: list[Path], name: str = "out.png") -> dict[str, str]:
    inputs = {"manifest": [root / "m.tsv"], "scores": scores}
    draw("strips", FIGURE | {"strips": strips}, root=root, classes=root / "classes.txt", out=root / name, **inputs)
    return Image.open(root / name).info


def test_the_surest_clip_of_each_class_comes_first(tmp_path: Path) -> None:
    with Shard(_scores(tmp_path / "s.h5")) as shard:
        right, wrong = (rank_answers(shard, value) for value in (True, False))
    assert [answer.clip_id for answer in right] == ["a", "c", "b"]
    assert [(answer.clip_id, answer.guess, round(answer.score, 3)) for answer in wrong] == [("d", 0, 0.6)]


def test_the_picture_is_always_the_same_and_says_what_it_shows(root: Path) -> None:
    scores = [_scores(root / "s.h5"), _scores(root / "t.h5", run="other")]
    strips = [{"run": "ours", "pick": "wrong", "rank": 0, "window": "first"}]
    strips += [{"run": "ours", "clip_of": 0, "window": "last"}, {"run": "other", "clip_of": 0, "window": "first"}]
    texts = _run(root, strips, scores)
    assert texts["Title"] == "Where it looks"
    assert texts["Description"] == (
        "After Sharma et al. 2015, Fig. 2: Where it looks. synthetic data, weights standin, groups, seed 0."
    )
    _run(root, strips, scores, "again.png")
    assert (root / "out.png").read_bytes() == (root / "again.png").read_bytes()


@pytest.mark.parametrize(("pick", "rank", "answers"), [("wrong", 1, ANSWERS), ("correct", 0, {})])
def test_without_such_a_clip_the_picture_says_so(root: Path, pick: str, rank: int, answers: dict) -> None:
    strips = [{"run": "ours", "pick": pick, "rank": rank, "window": "first"}]
    texts = _run(root, strips, [_scores(root / "s.h5", answers)])
    assert texts["Description"].endswith("Fig. 2: none of the test clips of groups is such a case")


def test_missing_scores_and_vanished_videos_are_named(root: Path) -> None:
    strips = [{"run": "theirs", "pick": "correct", "rank": 0, "window": "first"}]
    with pytest.raises(ValueError, match="no scores with attention over places of run theirs"):
        _run(root, strips, [_scores(root / "s.h5")])
    (root / "a.avi").unlink()
    strips[0]["run"] = "ours"
    with pytest.raises(FileNotFoundError, match="a.avi"):
        _run(root, strips, [root / "s.h5"])
    assert not (root / "out.png").exists()


def test_light_falls_where_the_attention_is() -> None:
    location = np.zeros((7, 7), np.float32)
    location[1, 5] = 1.0
    image = np.full((224, 224, 3), 100, np.uint8)
    picture = attended(image, location)
    row, col, _ = np.unravel_index(picture.argmax(), picture.shape)
    assert (row // 32, col // 32) == (1, 5)
    assert picture.max() == round(100 + 0.8 * 155)
    assert (picture[150:, :100] == 100).all()
