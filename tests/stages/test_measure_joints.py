"""Joints from heatmaps: two clips of two people-sized frames, every number worked out by hand."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from poseattn.__main__ import main
from poseattn.datasets.pose_format import planar_format
from poseattn.pose.parts import BODIES
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.stages import measure_joints

BODY = BODIES["penn_action"]
GRID = (2, 4)  # of frames of 100 x 200 pixels: cells of 50 x 50, centres at 25, 75, ...
TABLE = json.dumps({"threshold": 0.2, "published": 0.68})


def _poses(path: Path, clip_ids: tuple[str, ...] = ("a", "b")) -> Path:
    """Every joint stands at (75, 25), the centre of cell 1; of the longer side of the box, 100, a fifth is allowed."""
    form = planar_format(BODY)
    header = {"kind": "poses", "axes": form.axes, "units": form.units, "recipe": "{}", "code": "", "side": form.side}
    with ShardWriter(path, **header, attrs={"layout": "penn_action"}) as writer:
        for clip_id in clip_ids:
            position = np.tile(np.array([75, 25], np.float32), (6, 1, 13, 1))
            visible = np.ones((6, 1, 13), np.uint8)
            visible[4, 0, 0] = 0
            side = {"presence": np.ones((6, 1), np.uint8), "visibility": visible, "valid": np.ones_like(visible)}
            side |= {"box": np.tile(np.array([0, 0, 100, 60], np.float32), (6, 1, 1))}
            writer.append(clip_id, position, **side, size=np.tile(np.array([100, 200], np.int32), (6, 1)))
    return path


def _scores(path: Path, wrong: dict[tuple[str, int, int], int], seed: int = 0) -> Path:
    """Frames 2 and 4 of each clip; attention peaks in cell 1 but where `wrong` says otherwise (clip, step, joint)."""
    side = {
        "frame": SideArray("clip window frame", "frames"),
        "heatmap": SideArray("clip window frame joint place", "1"),
    }
    attrs = {
        "run": "rpan",
        "n_excluded": 3,
        "seed": seed,
        "grid": json.dumps(GRID),
        "data": "synthetic",
        "weights": "random",
        "note": "x",
    }
    header = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": "", "attrs": attrs}
    with ShardWriter(path, **header, side=side) as writer:
        for clip_id in ("a", "b"):
            best = np.ones((2, 13), int)
            for (clip, step, joint), cell in wrong.items():
                best[step, joint] = cell if clip == clip_id else best[step, joint]
            maps = 0.1 + np.eye(8)[best]
            heatmap = np.stack([maps, np.zeros_like(maps)])[None].astype(np.float32)
            writer.append(clip_id, np.zeros((1, 3), np.float32), heatmap=heatmap, frame=np.array([[[2, 4], [0, 0]]]))
    return path


def _run(folder: Path, scores: list[Path], poses: Path) -> tuple[dict[str, dict[str, str]], list[dict[str, str]]]:
    out, joints = folder / "table.csv", folder / "joints.csv"
    measure_joints.run(table=TABLE, scores=scores, poses=[poses], out=out, joints=joints)
    table, lines = (list(csv.DictReader(path.open())) for path in (out, joints))
    return {row["row_label"]: row for row in table}, lines


def test_shares_by_hand(tmp_path: Path) -> None:
    """Clip a, first frame: a wrist in cell 2, 50 pixels off; the head of second frames is not seen, never counted."""
    wrong = {("a", 0, 5): 2, ("a", 1, 0): 7}
    seeds = [_scores(tmp_path / "0.h5", wrong), _scores(tmp_path / "1.h5", {}, seed=1)]
    table, lines = _run(tmp_path, seeds, _poses(tmp_path / "poses.h5"))
    assert [*table] == [*BODY.joints, "all"]
    assert table["left_wrist"]["pck"] == f"{(0.75 + 1) / 2:.4f}"
    assert table["left_wrist"]["pck_sd"] == f"{0.25 / 2**0.5:.4f}"
    assert (table["head"]["pck"], table["head"]["n_joints"]) == ("1.0000", "2")
    assert table["all"]["n_joints"] == str(2 * 2 * 13 - 2)
    assert table["all"]["pck"] == f"{(49 / 50 + 1) / 2:.4f}"
    assert {row["pck_uniform"] for row in table.values()} == {f"{1 / 8:.4f}"}  # one of eight cells is near enough
    assert [row["pck_published"] for row in table.values()] == [""] * 13 + ["0.6800"]
    shared = (
        "method_id",
        "own_method",
        "pck_delta",
        "pck_n_test",
        "pck_n_excluded",
        "seeds",
        "data",
        "weights",
        "note",
    )
    expected = ("rpan", "true", "", "2", "3", "2", "synthetic", "random", "x")
    assert {tuple(row[name] for name in shared) for row in table.values()} == {expected}
    assert len(lines) == 2 * 2 * 13
    assert lines[0] == {"clip_id": "a", "frame": "2", "joint": "head", "x": "75.0", "y": "25.0"}
    assert lines[5] == {"clip_id": "a", "frame": "2", "joint": "left_wrist", "x": "125.0", "y": "25.0"}


def test_one_seed_has_no_deviation(tmp_path: Path) -> None:
    table, _ = _run(tmp_path, [_scores(tmp_path / "0.h5", {})], _poses(tmp_path / "poses.h5"))
    assert (table["all"]["pck"], table["all"]["pck_sd"]) == ("1.0000", "")


def test_mistakes_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scores = _scores(tmp_path / "0.h5", {})
    with pytest.raises(ValueError, match="clip 'b' has no annotated joints"):
        _run(tmp_path, [scores], _poses(tmp_path / "poses.h5", ("a",)))
    header = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": ""}
    with ShardWriter(tmp_path / "1.h5", **header, attrs={"run": "tsn"}) as writer:
        writer.append("a", np.zeros((1, 3), np.float32))
    words = [
        "measure-joints",
        "--table",
        TABLE,
        "--scores",
        str(tmp_path / "1.h5"),
        "--poses",
        str(tmp_path / "poses.h5"),
    ]
    assert main([*words, "--out", str(tmp_path / "o"), "--joints", str(tmp_path / "j")]) == 1
    assert "run tsn has no heatmaps of joints" in capsys.readouterr().err


def test_without_a_test_clip_cells_are_empty_and_say_why(tmp_path: Path) -> None:
    header = {"kind": "scores", "axes": "clip class", "units": "logits", "recipe": "{}", "code": ""}
    attrs = {"run": "rpan", "n_excluded": 0, "data": "real", "weights": "x", "note": "no test clip in official"}
    with ShardWriter(tmp_path / "0.h5", **header, attrs=attrs, empty=((3,), np.float32)):
        pass
    table, lines = _run(tmp_path, [tmp_path / "0.h5"], _poses(tmp_path / "poses.h5"))
    assert not lines and [*table] == [*BODY.joints, "all"]
    for name, row in table.items():
        assert {row[key] for key in ("pck", "pck_sd", "pck_delta", "pck_uniform")} == {""}
        assert (row["pck_n_test"], row["n_joints"]) == ("0", "0")
        assert row["note"] == f"no test clip in official; {name}: no joint to count"
