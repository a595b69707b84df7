"""Skeleton files of a shard become poses; broken ones cost themselves only."""

import errno
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from poseattn.__main__ import main
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.shards.shard import Shard
from poseattn.stages import read_poses
from tests.failing import refuse
from tests.pose.test_tracks import RULE
from tests.skeletons import color_of, ghost, person, write_skeleton

RECIPE = json.dumps(RULE._asdict(), sort_keys=True)
GOOD = {"alone": 1, "haunted": 1, "two": 2}  # clip -> people


def _data_set(root: Path) -> Path:
    """Three good clips, five bad ones, and one that the protocol leaves out."""
    write_skeleton(root / "alone.skeleton", ("7205759403793110100", person(30)))
    write_skeleton(root / "haunted.skeleton", ("1", ghost(20)), ("2", person(20)), newline="\r\n")
    write_skeleton(root / "two.skeleton", ("1", person(20, -0.4)), ("2", person(20, 0.4, sway=0.2)))
    text = (root / "two.skeleton").read_text()
    broken = {"cut": text[:3000], "zero": "", "letters": text.replace("277.4", "x", 1), "nobody": "2\n0\n0\n"}
    for name, content in broken.items():
        (root / f"{name}.skeleton").write_text(content)
    row = dict.fromkeys(MANIFEST_COLUMNS, 1) | {"path": "", "excluded": ""}
    names = [*GOOD, *broken, "gone", "left_out"]
    clips = pd.DataFrame([row | {"clip_id": name, "pose_path": f"{name}.skeleton"} for name in names])
    clips.loc[clips.clip_id == "gone", "pose_path"] = ""
    clips.loc[clips.clip_id == "left_out", "excluded"] = "protocol: listed"
    write_manifest(clips, root / "000.tsv")
    return root


def _run(root: Path, recipe: str = RECIPE, out: str = "000.h5") -> Path:
    status = (root / out).with_suffix(".status.tsv")
    read_poses.run(
        layout="ntu",
        root=root, manifest=root / "000.tsv", recipe=recipe, out=root / out, status=status, code="c0de"
    )  # fmt: skip
    return root / out


def test_good_clips_are_written_with_the_right_people(tmp_path: Path) -> None:
    with Shard(_run(_data_set(tmp_path)), kind="poses", axes="frame body joint xyz", recipe=RECIPE) as shard:
        assert shard.clip_ids == sorted(GOOD)
        assert {clip: int(shard.side("presence", clip).max(axis=0).sum()) for clip in GOOD} == GOOD
        np.testing.assert_allclose(shard.clip("haunted")[:, 0], person(20), rtol=1e-5)
        assert not shard.clip("haunted")[:, 1].any()
        np.testing.assert_allclose(shard.clip("two")[:, 0], person(20, 0.4, sway=0.2), rtol=1e-5)
        np.testing.assert_allclose(shard.side("color_xy", "two")[:, 1], color_of(person(20, -0.4)), rtol=1e-5)
        assert np.isnan(shard.side("color_xy", "alone")[:, 1]).all()
        assert (shard.attrs["units"], shard.attrs["code"]) == ("metres", "c0de")


def test_each_bad_clip_has_a_reason_and_the_excluded_one_is_not_read(tmp_path: Path) -> None:
    status = read_status(_run(_data_set(tmp_path)).with_suffix(".status.tsv")).set_index("clip_id")
    assert set(status.stage) == {"read_poses"}
    assert status.reason.to_dict() == {
        "alone": "",
        "haunted": "",
        "two": "",
        "cut": "cut.skeleton ends at line 45, in the middle of a body of frame 1",
        "zero": "zero.skeleton is empty",
        "letters": "letters.skeleton line 5 has 'x' for a number",
        "nobody": "nobody.skeleton has no body in any of its 2 frames",
        "gone": "no skeleton",
    }
    assert status.n_frames.to_dict() == dict.fromkeys(status.index, 0) | {"alone": 30, "haunted": 20, "two": 20}


def test_twice_gives_equal_arrays_and_attributes(tmp_path: Path) -> None:
    with Shard(_run(_data_set(tmp_path), out="1.h5")) as one, Shard(_run(tmp_path, out="2.h5")) as other:
        assert one.clip_ids == other.clip_ids
        assert one.attrs == other.attrs
        np.testing.assert_array_equal(one.rows(np.arange(one.n_rows)), other.rows(np.arange(other.n_rows)))
        for name in one.side_names:
            np.testing.assert_array_equal(one.side_all(name), other.side_all(name))


def test_a_shard_of_bad_clips_only_is_a_shard_without_clips(tmp_path: Path) -> None:
    root = _data_set(tmp_path)
    for name in GOOD:
        (root / f"{name}.skeleton").write_bytes(b"")
    with Shard(_run(root)) as shard:
        assert shard.clip_ids == []
        assert shard.row_shape == (2, 25, 3)
    reasons = read_status(root / "000.status.tsv").set_index("clip_id").reason
    assert reasons["alone"] == "alone.skeleton is empty"


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EIO, errno.EACCES, errno.ESTALE, errno.EMFILE])
def test_a_skeleton_that_cannot_be_read_fails_the_job_and_costs_no_clip(tmp_path: Path, number: int) -> None:
    root = _data_set(tmp_path)
    with pytest.MonkeyPatch.context() as monkeypatch:
        refuse(monkeypatch, root / "haunted.skeleton", number)
        with pytest.raises(OSError, match="haunted.skeleton") as raised:
            _run(root)
    assert raised.value.errno == number and not list(root.glob("000.h5*")) and not (root / "000.status.tsv").exists()
    with Shard(_run(root)) as shard:
        assert shard.clip_ids == sorted(GOOD)


def test_a_recipe_of_other_keys_is_one_line_and_nothing_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = _data_set(tmp_path)
    words = [
        "read-poses",
        "--root",
        str(root),
        "--manifest",
        str(root / "000.tsv"),
        "--recipe",
        '{"min_size": 1}',
        "--layout",
        "ntu",
    ]
    assert main([*words, "--out", str(root / "0.h5"), "--status", str(root / "0.tsv"), "--code", ""]) == 1
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert "recipe: has min_size; expected min_track, spread_ratio, max_bad_frames, height_quantile" in error
    assert not list(root.glob("0.*"))


@pytest.mark.data
def test_every_real_skeleton_is_read(samples: Path, tmp_path: Path) -> None:
    folder = samples / "ntu_rgbd/nturgb+d_skeletons"
    row = dict.fromkeys(MANIFEST_COLUMNS, 1) | {"path": "", "excluded": ""}
    clips = [row | {"clip_id": path.stem, "pose_path": path.name} for path in folder.glob("*.skeleton")]
    write_manifest(pd.DataFrame(clips), tmp_path / "000.tsv")
    arguments = {"manifest": tmp_path / "000.tsv", "recipe": RECIPE, "code": ""}
    read_poses.run(layout="ntu", root=folder, out=tmp_path / "000.h5", status=tmp_path / "000.status.tsv", **arguments)
    status = read_status(tmp_path / "000.status.tsv")
    assert len(status) == 42
    assert (status.reason == "").all()
    assert status.n_frames.sum() == sum(int(path.read_text().split()[0]) for path in folder.glob("*.skeleton"))
