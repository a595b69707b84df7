"""Figures of the kind pose_attention: which clip is drawn, and the joints, frames and maps of the steps it shows."""

import json
from pathlib import Path

import numpy as np
import pytest

from poseattn.clips.manifest import write_classes
from poseattn.datasets.pose_format import planar_format
from poseattn.figures import pose_attention
from poseattn.figures.drawing.pose_attention import PosedClip
from poseattn.pose.parts import BODIES
from poseattn.shards.jpegs import HEADER, LAYOUT, write_clip
from poseattn.shards.shard import ShardWriter, SideArray
from tests.drawn import draw
from tests.frames import as_frames

FIGURE = {"source": "s", "title": "Pose attention", "action": "jump"}
STEPS = np.array([1, 4, 6])
GRID = (3, 4)
# clip -> class and scores of the classes `jump` and `run`
ANSWERS = {"a": (0, [0.6, 0.4]), "b": (0, [0.8, 0.2]), "c": (0, [0.1, 0.9]), "d": (1, [0.99, 0.01])}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, object]:
    """Frames of 60 x 80 pixels, annotated in frames of twice that size; frame i is grey level 10 i."""
    with ShardWriter(tmp_path / "frames.h5", **HEADER, recipe="{}", code="", attrs={"layout": LAYOUT}) as writer:
        for clip_id in ANSWERS:
            write_clip(writer, clip_id, as_frames([np.full((60, 80, 3), 10 * i, np.uint8) for i in range(8)], 30), 95)
    form = planar_format(BODIES["penn_action"])
    header = {"axes": form.axes, "units": form.units, "recipe": "{}", "code": "", "side": form.side}
    with ShardWriter(tmp_path / "poses.h5", kind="poses", **header, attrs={"layout": "penn_action"}) as writer:
        for clip_id in ANSWERS:
            position = np.zeros((8, 1, 13, 2), np.float32) + 20 * np.arange(8)[:, None, None, None]
            flags = np.ones((8, 1, 13), np.uint8)
            side = {
                "presence": flags[..., 0],
                "visibility": flags,
                "valid": flags,
                "box": np.zeros((8, 1, 4), np.float32),
            }
            writer.append(clip_id, position, **side, size=np.tile(np.array([120, 160], np.int32), (8, 1)))
    with ShardWriter(
        tmp_path / "cubes.h5", kind="cubes", axes="frame row col channel", units="1", recipe="{}", code="",
        side={"time": SideArray("frame", "seconds")},
    ) as writer:  # fmt: skip
        for clip_id in ANSWERS:
            cube = np.arange(8, dtype=np.float16)[:, None, None, None] * np.ones((1, *GRID, 5), np.float16)
            writer.append(clip_id, cube, time=np.arange(8) / 30)
    write_classes(["jump", "run"], tmp_path / "classes.txt")
    shards = {kind: [tmp_path / f"{kind}.h5"] for kind in ("frames", "cubes", "poses")}
    return shards | {"root": tmp_path, "classes": tmp_path / "classes.txt", "out": tmp_path / "figure.png"}


def _scores(path: Path, answers: dict[str, tuple[int, list[float]]], n_maps: int = 13) -> Path:
    side = {"label": "clip class", "frame": "clip window frame", "heatmap": "clip window frame joint place"}
    attrs = {"run": "rpan", "data": "synthetic", "weights": "standin", "seed": 0, "grid": json.dumps(GRID)}
    with ShardWriter(
        path, kind="scores", axes="clip class", units="probabilities", recipe="{}", code="", attrs=attrs,
        side={name: SideArray(axes, "1") for name, axes in side.items()}, empty=((2,), np.float32),
    ) as writer:  # fmt: skip
        for clip_id, (label, values) in answers.items():
            heatmap = np.zeros((1, 2, 3, n_maps, 12), np.float32)
            heatmap[..., 6] = 1
            frame = np.stack([STEPS, STEPS])[None]
            label_of = np.eye(2, dtype=np.uint8)[[label]]
            writer.append(clip_id, np.array([values], np.float32), label=label_of, frame=frame, heatmap=heatmap)
    return path


def test_everything_is_of_the_steps_that_the_model_saw(
    files: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[PosedClip] = []
    pure = pose_attention.draw_posed_clip
    monkeypatch.setattr(pose_attention, "draw_posed_clip", lambda clip, *rest: seen.append(clip) or pure(clip, *rest))
    draw("pose_attention", FIGURE, **files, scores=[_scores(tmp_path / "scores.h5", ANSWERS)])
    clip = seen[0]
    np.testing.assert_allclose(clip.images[:, 0, 0, 0], 10 * STEPS, atol=2)
    np.testing.assert_allclose(clip.annotated[:, 5, 0], 20 * STEPS / 2)
    np.testing.assert_array_equal(clip.cube[:, 1, 1, 1], STEPS)
    assert clip.heatmap.shape == (3, 13, *GRID) and clip.heatmap[0, 0, 1, 2] == 1
    np.testing.assert_allclose(clip.estimated[0, 0], [50, 30])  # the centre of cell (1, 2)
    picture = (tmp_path / "figure.png").read_bytes()
    assert picture.startswith(b"\x89PNG") and b"Pose attention: jump, clip b" in picture


@pytest.mark.parametrize(("present", "expected"), [("abcd", b"clip b"), ("ac", b"clip a"), ("c", b"clip c")])
def test_the_clip_is_the_surest_of_those_recognised(
    files: dict[str, object], tmp_path: Path, present: str, expected: bytes
) -> None:
    scores = _scores(tmp_path / "scores.h5", {name: ANSWERS[name] for name in present})
    draw("pose_attention", FIGURE, **files, scores=[scores])
    assert expected in (tmp_path / "figure.png").read_bytes()


def test_without_a_clip_a_notice_says_so(files: dict[str, object], tmp_path: Path) -> None:
    scores = _scores(tmp_path / "scores.h5", {"d": ANSWERS["d"]})
    draw("pose_attention", FIGURE, **files, scores=[scores])
    assert b"none of the 1 test clips shows it" in (tmp_path / "figure.png").read_bytes()


def test_one_map_for_all_joints_cannot_be_drawn(files: dict[str, object], tmp_path: Path) -> None:
    scores = _scores(tmp_path / "scores.h5", ANSWERS, n_maps=1)
    with pytest.raises(ValueError, match="run rpan has 1 heatmaps a frame, the data set 13 joints"):
        draw("pose_attention", FIGURE, **files, scores=[scores])


def test_an_unknown_action_is_refused(files: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="figure: found action 'fly', expected one of jump, run"):
        draw("pose_attention", FIGURE | {"action": "fly"}, **files, scores=[tmp_path / "s.h5"])
