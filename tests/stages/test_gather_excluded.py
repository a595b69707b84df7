"""The table of clips that are left out: each once, with the first reason."""

from pathlib import Path

import pandas as pd

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_excluded, write_manifest, write_status
from poseattn.stages import gather_excluded
from poseattn.video.frames import Account

NONE = {"reason": "", "n_frames": 0} | Account()._asdict()
LISTED = "protocol: listed as without usable skeleton"


def _status(path: Path, stage: str, reasons: dict[str, str]) -> Path:
    write_status([NONE | {"clip_id": c, "stage": stage, "reason": r} for c, r in reasons.items()], path)
    return path


def _counts(path: Path, stage: str, counts: dict[str, int]) -> Path:
    write_status([NONE | {"clip_id": c, "stage": stage, "n_frames": n} for c, n in counts.items()], path)
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
    gather_excluded.run(manifests=manifests, statuses=statuses, min_frames=0, out=tmp_path / "out.tsv")
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
        gather_excluded.run(manifests=[manifest], statuses=[status], min_frames=0, out=tmp_path / "out.tsv")
    assert "3 of 3 clips excluded" in caplog.text
    assert "'bad (read_poses)': 2" in caplog.text
    assert "'protocol (build_manifest)': 1" in caplog.text


def test_nothing_excluded_is_an_empty_table(tmp_path: Path) -> None:
    manifest = _manifest(tmp_path / "m", {"a": ""})
    gather_excluded.run(manifests=[manifest], statuses=[], min_frames=0, out=tmp_path / "out.tsv")
    assert len(read_excluded(tmp_path / "out.tsv")) == 0


def test_a_clip_in_which_stages_found_other_frames_is_left_out(tmp_path: Path) -> None:
    """One frame more or less is common: the last one often does not decode. A clip that is bad keeps its reason."""
    manifest = _manifest(tmp_path / "m", dict.fromkeys("abcd", ""))
    _status(tmp_path / "bad", "decode_frames", {"d": "no video"})
    statuses = [
        _counts(tmp_path / "p", "read_poses", {"a": 48, "b": 48, "c": 30, "d": 9}),
        _counts(tmp_path / "f", "decode_frames", {"a": 47, "b": 47, "c": 29}),
        tmp_path / "bad",
        _counts(tmp_path / "o", "compute_flow", {"a": 40, "b": 48, "c": 31}),
    ]
    gather_excluded.run(manifests=[manifest], statuses=statuses, min_frames=0, out=tmp_path / "out.tsv")
    rows = [tuple(row) for row in read_excluded(tmp_path / "out.tsv").to_numpy()]
    assert rows == [
        ("a", "bad", "gather_excluded", "read_poses found 48 frames, compute_flow 40"),
        ("c", "bad", "gather_excluded", "compute_flow found 31 frames, decode_frames 29"),
        ("d", "bad", "decode_frames", "no video"),
    ]


def test_a_good_clip_with_fewer_frames_than_the_protocol_asks_for_is_its_exclusion(tmp_path: Path) -> None:
    """191 and 192 frames; a clip that is bad or out already keeps its reason; each is there once."""
    manifest = _manifest(tmp_path / "m", dict.fromkeys("abcd", "") | {"e": LISTED})
    first = _counts(tmp_path / "f", "decode_frames", {"a": 191, "b": 192, "c": 191})
    bad = _status(tmp_path / "b", "extract_cubes", {"c": "cannot be decoded", "d": "no video"})
    second = _counts(tmp_path / "s", "extract_cubes", {"a": 191, "b": 191})
    out = tmp_path / "out.tsv"
    gather_excluded.run(manifests=[manifest], statuses=[first, bad], min_frames=192, out=out)
    short = ("a", "protocol", "decode_frames", "191 frames, the protocol asks for 192")
    others = [
        ("c", "bad", "extract_cubes", "cannot be decoded"),
        ("d", "bad", "extract_cubes", "no video"),
        ("e", "protocol", "build_manifest", "listed as without usable skeleton"),
    ]
    assert [tuple(row) for row in read_excluded(out).to_numpy()] == [short, *others]
    gather_excluded.run(manifests=[manifest], statuses=[first, second], min_frames=192, out=out)
    found = [tuple(row) for row in read_excluded(out).to_numpy()]
    assert found == [
        short, ("b", "protocol", "extract_cubes", "191 frames, the protocol asks for 192"),
        ("c", "protocol", "decode_frames", "191 frames, the protocol asks for 192"), others[-1],
    ]  # fmt: skip


def test_a_clip_that_lists_contradict_is_bad(tmp_path: Path) -> None:
    manifest = _manifest(tmp_path / "m", {"a": "build_manifest: annotated to end: 3 s", "b": ""})
    gather_excluded.run(manifests=[manifest], statuses=[], min_frames=0, out=tmp_path / "out.tsv")
    rows = [tuple(row) for row in read_excluded(tmp_path / "out.tsv").to_numpy()]
    assert rows == [("a", "bad", "build_manifest", "annotated to end: 3 s")]


def test_damaged_frames_that_are_kept_are_counted_once(tmp_path: Path, caplog) -> None:
    """Two stages open clip a; clip b is good and whole; the frames of clip c, which is bad, are not kept."""
    manifest = _manifest(tmp_path / "m", dict.fromkeys("abc", ""))
    for stage, damaged in (("extract_cubes", {"a": 3, "b": 0}), ("compute_flow", {"a": 3, "b": 0, "c": 7})):
        rows = [NONE | {"clip_id": c, "stage": stage, "n_frames": 90, "damaged": n} for c, n in damaged.items()]
        write_status([row | {"reason": "too many" if row["clip_id"] == "c" else ""} for row in rows], tmp_path / stage)
    statuses = [tmp_path / "extract_cubes", tmp_path / "compute_flow"]
    with caplog.at_level("INFO"):
        gather_excluded.run(manifests=[manifest], statuses=statuses, min_frames=0, out=tmp_path / "out.tsv")
    assert "3 damaged frames are kept, in 1 of 3 clips" in caplog.text
    assert read_excluded(tmp_path / "out.tsv").clip_id.tolist() == ["c"]
