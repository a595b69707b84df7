"""The manifest for training, and the refusal when too many clips are bad."""

from pathlib import Path

import pandas as pd
import pytest

from poseattn.__main__ import main
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_manifest, write_excluded, write_manifest
from poseattn.stages import gather_manifest


def _inputs(folder: Path, n_good: int, n_bad: int, n_listed: int = 0) -> tuple[list[Path], Path]:
    """Two manifests, clips dealt out in turn, and the table of what is left out."""
    bad, listed = (
        [f"{kind}{number}" for number in range(count)] for kind, count in (("bad", n_bad), ("listed", n_listed))
    )
    row = dict.fromkeys(MANIFEST_COLUMNS, "")
    names = [*(f"good{number}" for number in range(n_good)), *bad, *listed]
    clips = pd.DataFrame(
        [row | {"clip_id": name, "excluded": "protocol: listed" if name in listed else ""} for name in names],
        columns=MANIFEST_COLUMNS,
    )
    for part in (0, 1):
        write_manifest(clips[part::2], folder / f"{part}.tsv")
    reason = {"kind": "bad", "stage": "decode_frames", "reason": "no video"}
    rows = [{"clip_id": name, **reason} for name in bad]
    reason = {"kind": "protocol", "stage": "build_manifest", "reason": "listed"}
    write_excluded([*rows, *({"clip_id": name, **reason} for name in listed)], folder / "excluded.tsv")
    return [folder / "0.tsv", folder / "1.tsv"], folder / "excluded.tsv"


def _run(folder: Path, max_excluded: float, **counts: int) -> pd.DataFrame:
    manifests, excluded = _inputs(folder, **counts)
    out = folder / "all.tsv"
    gather_manifest.run(manifests=manifests, uses=manifests, excluded=excluded, max_excluded=max_excluded, out=out)
    return read_manifest(out)


def test_clips_are_joined_in_order_and_marked(tmp_path: Path) -> None:
    clips = _run(tmp_path, 0.5, n_good=3, n_bad=2, n_listed=1)
    assert dict(zip(clips.clip_id, clips.excluded, strict=True)) == {
        "bad0": "decode_frames: no video",
        "bad1": "decode_frames: no video",
        "good0": "",
        "good1": "",
        "good2": "",
        "listed0": "protocol: listed",
    }
    assert list(clips.clip_id) == sorted(clips.clip_id)


def test_a_clip_that_a_stage_found_too_short_is_the_protocols_and_one_that_lists_contradict_is_bad(
    tmp_path: Path,
) -> None:
    """Neither counts as bad for the protocol's part: of 4 clips 3 are kept, of which one is bad."""
    row = dict.fromkeys(MANIFEST_COLUMNS, "")
    marks = {"bad": "build_manifest: ends at 0 s", "good": "", "good1": "", "short": ""}
    clips = pd.DataFrame([row | {"clip_id": name, "excluded": mark} for name, mark in marks.items()])
    write_manifest(clips, tmp_path / "m.tsv")
    bad = {"clip_id": "bad", "kind": "bad", "stage": "build_manifest", "reason": "ends at 0 s"}
    short = {"clip_id": "short", "kind": "protocol", "stage": "extract_cubes", "reason": "150 frames"}
    write_excluded([bad, short], tmp_path / "e.tsv")
    where = {
        "manifests": [tmp_path / "m.tsv"],
        "uses": [tmp_path / "m.tsv"],
        "excluded": tmp_path / "e.tsv",
        "out": tmp_path / "all.tsv",
    }
    gather_manifest.run(max_excluded=0.34, **where)
    joined = read_manifest(tmp_path / "all.tsv")
    assert joined.excluded.tolist() == ["build_manifest: ends at 0 s", "", "", "protocol: 150 frames"]
    with pytest.raises(ValueError, match="^1 of 3 clips are bad"):
        gather_manifest.run(max_excluded=0.33, **where)


@pytest.mark.parametrize(("n_bad", "fails"), [(0, False), (1, False), (2, True)])
def test_the_limit_is_a_share_of_what_the_protocol_keeps(tmp_path: Path, n_bad: int, fails: bool) -> None:
    counts = {"n_good": 100 - n_bad, "n_bad": n_bad, "n_listed": 150}
    if not fails:
        assert (_run(tmp_path, 0.01, **counts).excluded == "").sum() == 100 - n_bad
        return
    with pytest.raises(ValueError, match="2 of 100 clips are bad"):
        _run(tmp_path, 0.01, **counts)


def test_too_many_bad_clips_are_one_line_that_says_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    manifests, excluded = _inputs(tmp_path, n_good=1, n_bad=41)
    words = ["gather-manifest", "--manifests", *map(str, manifests), "--uses", *map(str, manifests)]
    words += ["--excluded", str(excluded)]
    assert main([*words, "--max-excluded", "0.01", "--out", str(tmp_path / "all.tsv")]) == 1
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("poseattn gather-manifest: error: 41 of 42 clips are bad, more than the configuration's ")
    assert f"max_excluded: 0.01 allows; {excluded} lists them: bad0 (decode_frames: no video), bad1 (" in error
    assert error.endswith(", ...\n")
    assert not (tmp_path / "all.tsv").exists()


def test_with_a_limit_of_one_a_single_clip_is_enough_but_none_is_not(tmp_path: Path) -> None:
    assert (_run(tmp_path, 1.0, n_good=1, n_bad=41).excluded == "").sum() == 1
    with pytest.raises(ValueError, match=r"no clip is left of 3; .*excluded.tsv lists the reasons: bad0 \(decode"):
        _run(tmp_path, 1.0, n_good=0, n_bad=2, n_listed=1)
    with pytest.raises(ValueError, match=r"no clip is left of 1; .* listed0 \(build_manifest: listed\)$"):
        _run(tmp_path, 0.01, n_good=0, n_bad=0, n_listed=1)
