"""Figures of the kind hands: which clip is drawn, what the figure says of it, and what is refused."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from poseattn.clips.manifest import MANIFEST_COLUMNS, write_classes, write_manifest
from poseattn.datasets.ntu import CLASSES
from poseattn.figures.hands import choose_clip
from poseattn.figures.overlays.overlay import choose_view
from poseattn.shards.shard import Shard, ShardWriter, SideArray
from poseattn.video.decode import Video
from tests.drawn import draw
from tests.video.rendered import Writer

FIGURE = {"action": 58, "columns": 4, "crop": 10, "source": "Baradel et al. 2017, Fig. 5"}
MAPS = {"spatial": "clip window frame hand", "temporal": "clip window frame", "frame": "clip window frame"}
SIDE = {"color_xy": SideArray("frame body joint xy", "pixels"), "presence": SideArray("frame body", "1")}
N_FRAMES = 12


def _scores(path: Path, answers: dict[str, tuple[int, dict[int, float]]], maps: dict[str, str] = MAPS) -> Path:
    """Clip -> action, and the logits of some actions (all from 1); all other logits are 0."""
    attrs = {"run": "sta_hands_pose", "protocol": "cross_subject", "seed": 0, "data": "synthetic", "weights": "standin"}
    side = {name: SideArray(axes, "1") for name, axes in maps.items()} | {"label": SideArray("clip class", "1")}
    arrays = {
        "spatial": np.full((1, 2, 6, 4), 0.25, np.float32),
        "temporal": np.full((1, 2, 6), 1 / 6, np.float32),
        "frame": np.array([[[0, 2, 4, 6, 8, 10], [1, 3, 5, 7, 9, 11]]]),
    }
    with ShardWriter(
        path,
        kind="scores",
        axes="clip class",
        units="logits",
        recipe="{}",
        code="",
        side=side,
        attrs=attrs,
        empty=((60,), "float32"),
    ) as writer:
        for clip_id, (action, given) in answers.items():
            logits = np.zeros((1, 60), np.float32)
            for other, value in given.items():
                logits[0, other - 1] = value
            writer.append(
                clip_id, logits, label=np.eye(60, dtype=np.uint8)[[action - 1]], **{name: arrays[name] for name in maps}
            )
    return path


def _clips(root: Path, clip_ids: tuple[str, ...]) -> tuple[Path, Path]:
    """Manifest and poses of clips that all show the same noise."""
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"path": "a.avi", "label": "0"}
    rows = [row | {"clip_id": clip_id} for clip_id in clip_ids]
    write_classes(CLASSES, root / "classes.txt")
    write_manifest(pd.DataFrame(rows), root / "m.tsv")
    writer = Writer(root / "a.avi", "MJPG", 30, (96, 64))
    for number in range(N_FRAMES):
        writer.write(np.full((64, 96, 3), 20 * number, np.uint8))
    writer.release()
    rng = np.random.default_rng(0)
    with ShardWriter(
        root / "p.h5", kind="poses", axes="frame body joint xyz", units="metres", recipe="{}", code="", side=SIDE
    ) as poses:
        for clip_id in clip_ids:
            xy = rng.uniform((20, 10), (80, 60), (N_FRAMES, 2, 25, 2)).astype(np.float32)
            presence = np.ones((N_FRAMES, 2), np.uint8)
            poses.append(clip_id, np.zeros((N_FRAMES, 2, 25, 3), np.float32), color_xy=xy, presence=presence)
    return root / "m.tsv", root / "p.h5"


def _run(root: Path, scores: Path, name: str = "out.png") -> Path:
    manifest, poses = _clips(root, ("a", "b", "c", "d"))
    inputs = {"manifest": [manifest], "poses": [poses], "scores": [scores]}
    draw("hands", FIGURE, root=root, classes=root / "classes.txt", out=root / name, **inputs)
    return root / name


@pytest.mark.parametrize(
    ("answers", "chosen", "answer"),
    [
        # b is recognised with more certainty than a; c is of another action
        ({"a": (58, {58: 1.0}), "b": (58, {58: 2.0}), "c": (1, {58: 9.0})}, "b", 58),
        # d has the higher probability for 58, but is taken for 50
        ({"a": (58, {58: 0.5}), "d": (58, {58: 5.0, 50: 6.0})}, "a", 58),
        ({"b": (58, {58: 1.0, 2: 9.0}), "d": (58, {58: 1.0, 50: 6.0})}, "d", 50),
        ({"d": (58, {58: 1.0}), "c": (58, {58: 1.0})}, "c", 58),
    ],
)
def test_the_best_recognised_clip_is_chosen(
    answers: dict[str, tuple[int, dict[int, float]]], chosen: str, answer: int, tmp_path: Path
) -> None:
    with Shard(_scores(tmp_path / "s.h5", answers)) as scores:
        choice = choose_clip(scores, 58)
    assert (choice.clip_id, choice.answer) == (chosen, answer - 1)
    given = answers[chosen][1]
    expected = np.exp(given[58]) / (sum(np.exp(value) for value in given.values()) + 60 - len(given))
    assert choice.probability == pytest.approx(expected)


def test_the_picture_says_what_it_shows_and_is_always_the_same(tmp_path: Path) -> None:
    scores = _scores(tmp_path / "s.h5", {"a": (58, {58: 20.0}), "b": (57, {57: 1.0})})
    first, second = _run(tmp_path, scores, "1.png"), _run(tmp_path, scores, "2.png")
    assert first.read_bytes() == second.read_bytes()
    texts = Image.open(first).info
    assert texts["Title"] == "handshaking (A058)"
    assert texts["Description"] == (
        "After Baradel et al. 2017, Fig. 5: attention of sta_hands_pose, cross_subject, seed 0, over the hands and "
        "over the steps of the test clip a (recognised, probability 1.00). Synthetic data, weights standin."
    )


def test_the_picture_admits_that_no_clip_is_recognised(tmp_path: Path) -> None:
    texts = Image.open(_run(tmp_path, _scores(tmp_path / "s.h5", {"a": (58, {1: 5.0})}))).info
    assert "(taken for 'drink water', no clip of this action is recognised)" in texts["Description"]


def test_the_same_clip_comes_as_a_video_of_all_its_frames(tmp_path: Path) -> None:
    out = _run(tmp_path, _scores(tmp_path / "s.h5", {"a": (58, {58: 20.0})}), "out.mp4")
    with Video(out) as video:
        assert len(list(video.frames([]))) == N_FRAMES


@pytest.mark.parametrize(("answers", "count"), [({"b": (57, {57: 1.0})}, 1), ({}, 0)])
def test_without_such_a_clip_the_picture_says_so(tmp_path: Path, answers: dict, count: int) -> None:
    maps = MAPS if answers else {}
    texts = Image.open(_run(tmp_path, _scores(tmp_path / "s.h5", answers, maps))).info
    assert texts["Title"] == "handshaking (A058)"
    reason = f"none of the {count} test clips of cross_subject shows it"
    assert texts["Description"] == f"Baradel et al. 2017, Fig. 5: {reason}"
    with pytest.raises(ValueError, match=reason):
        _run(tmp_path, _scores(tmp_path / "s.h5", answers, maps), "out.mp4")
    assert not (tmp_path / "out.mp4").exists()


def test_scores_without_attention_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="run sta_hands_pose has no attention over hands"):
        _run(tmp_path, _scores(tmp_path / "s.h5", {"a": (58, {58: 1.0})}, maps={}))
    assert not (tmp_path / "out.png").exists()


def test_a_video_that_has_vanished_is_named(tmp_path: Path) -> None:
    scores = _scores(tmp_path / "s.h5", {"a": (58, {58: 1.0})})
    manifest, poses = _clips(tmp_path, ("a",))
    with pytest.raises(FileNotFoundError, match="gone/a.avi"):
        inputs = {"manifest": [manifest], "poses": [poses], "scores": [scores]}
        out, classes = tmp_path / "out.png", tmp_path / "classes.txt"
        draw("hands", FIGURE, root=tmp_path / "gone", classes=classes, out=out, **inputs)


def test_the_view_holds_everybody_and_is_neither_tall_nor_flat() -> None:
    xy = np.array([[[100.0, 200.0], [140.0, 600.0], [np.nan, 3.0], [-5.0, 3.0], [1e9, 0.0]]])
    rows, cols = choose_view(xy, 1920, 1080)
    assert rows.start < 200 < 600 < rows.stop <= 1080
    assert 0 <= cols.start < 100 < 140 < cols.stop
    assert (cols.stop - cols.start) / (rows.stop - rows.start) == pytest.approx(0.75, abs=0.01)
    assert choose_view(np.full((3, 2), np.nan), 64, 48) == (slice(0, 48), slice(0, 64))
