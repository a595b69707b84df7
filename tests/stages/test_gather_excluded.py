"""The table of clips that are left out: each once, with the first reason."""

from pathlib import Path

import pandas as pd

from poseattn.manifest import MANIFEST_COLUMNS, read_excluded, write_manifest, write_status
from poseattn.stages import gather_excluded

LISTED = "protocol: listed as without usable skeleton"


def _status(path: Path, stage: str, reasons: dict[str, str]) -> Path:
    write_status([{"clip_id": c, "stage": stage, "n_frames": 0, "reason": r} for c, r in reasons.items()], path)
    return path


def _manifest(path: Path, excluded: dict[str, str]) -> Path:
    row = dict.fromkeys(MANIFEST_COLUMNS, 1) | {"path": "", "pose_path": ""}
    write_manifest(pd.DataFrame([row | {"clip_id": c, "excluded": r} for c, r in excluded.items()]), path)
    return path


def test_every_excluded_clip_is_there_once_with_the_first_stage_that_found_it(tmp_path: Path) -> None:
    manifests = [_manifest(tmp_path / "m0", {"a": "", "b": LISTED}), _manifest(tmp_path / "m1", {"c": "", "d": ""})]
    statuses = [
        _status(tmp_path / "p0", "read_poses", {"a": ""}),
        _status(tmp_path / "p1", "read_poses", {"c": "c.skeleton is empty", "d": ""}),
        _status(tmp_path / "f0", "decode_frames", {"a": "no video"}),
        _status(tmp_path / "f1", "decode_frames", {"c": "no video", "d": ""}),
    ]
    gather_excluded.run(manifests=manifests, statuses=statuses, out=tmp_path / "out.tsv")
    rows = [tuple(row) for row in read_excluded(tmp_path / "out.tsv").to_numpy()]
    assert rows == [
        ("a", "bad", "decode_frames", "no video"),
        ("b", "protocol", "build_manifest", "listed as without usable skeleton"),
        ("c", "bad", "read_poses", "c.skeleton is empty"),
    ]


def test_counts_are_logged_by_kind_and_stage(tmp_path: Path, caplog) -> None:
    manifest = _manifest(tmp_path / "m", {"a": "", "b": LISTED, "c": ""})
    status = _status(tmp_path / "p", "read_poses", {"a": "is empty", "c": "is empty"})
    with caplog.at_level("INFO"):
        gather_excluded.run(manifests=[manifest], statuses=[status], out=tmp_path / "out.tsv")
    assert "3 of 3 clips excluded" in caplog.text
    assert "'bad (read_poses)': 2" in caplog.text
    assert "'protocol (build_manifest)': 1" in caplog.text


def test_nothing_excluded_is_an_empty_table(tmp_path: Path) -> None:
    manifest = _manifest(tmp_path / "m", {"a": ""})
    gather_excluded.run(manifests=[manifest], statuses=[], out=tmp_path / "out.tsv")
    assert len(read_excluded(tmp_path / "out.tsv")) == 0
