"""Manifests of shards: every clip in exactly one, missing files and protocol exclusions noted."""

import json
from pathlib import Path

import pytest

from poseattn.__main__ import main
from poseattn.clips.raw_digests import RawDigests
from poseattn.clips.shard_clips import read_clips
from poseattn.stages import build_manifest, list_uses

FILES = json.dumps({"video": "nturgb+d_rgb/*_rgb.avi", "skeleton": "nturgb+d_skeletons/*.skeleton"})
LIST = "NTU_RGBD_samples_with_missing_skeletons.txt"
CLIPS = [f"S001C00{camera}P00{subject}R001A0{action}" for camera in (1, 2) for subject in (1, 3) for action in (10, 50)]


def _data_set(root: Path) -> Path:
    for clip in CLIPS:
        for name in (f"nturgb+d_rgb/{clip}_rgb.avi", f"nturgb+d_skeletons/{clip}.skeleton"):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
    (root / LIST).write_text(f"prose\n\n{CLIPS[0]}\n")
    return root


def _run(root: Path, out: Path, *, shard: int = 0, n_shards: int = 1) -> None:
    where = {"shard": shard, "n_shards": n_shards, "with_missing": int(shard == 0)}
    build_manifest.run(root=root, layout="ntu", files=FILES, lists=json.dumps([LIST]), **where, out=out)


def test_a_clip_has_its_files_its_numbers_and_its_exclusion(tmp_path: Path) -> None:
    _run(_data_set(tmp_path), tmp_path / "out/000.tsv")
    clips = read_clips(tmp_path / "out/000.tsv").set_index("clip_id")
    assert list(clips.index) == CLIPS
    row = clips.loc["S001C002P003R001A050"].to_dict()
    assert row == {
        "path": "nturgb+d_rgb/S001C002P003R001A050_rgb.avi",
        "pose_path": "nturgb+d_skeletons/S001C002P003R001A050.skeleton",
        "start": "",
        "end": "",
        "excluded": "",
    }
    assert list(clips.index[clips.excluded != ""]) == [CLIPS[0]]


def test_missing_files_are_noted_not_refused(tmp_path: Path) -> None:
    root = _data_set(tmp_path)
    (root / f"nturgb+d_rgb/{CLIPS[1]}_rgb.avi").unlink()
    (root / f"nturgb+d_skeletons/{CLIPS[2]}.skeleton").unlink()
    _run(root, tmp_path / "000.tsv")
    clips = read_clips(tmp_path / "000.tsv").set_index("clip_id")
    assert list(clips.index[clips.path == ""]) == [CLIPS[1]]
    assert list(clips.index[clips.pose_path == ""]) == [CLIPS[2]]
    assert clips.excluded[CLIPS[1]] == clips.excluded[CLIPS[2]] == ""


def test_links_to_nowhere_are_clips_without_a_file(tmp_path: Path) -> None:
    """What git-annex, DVC and datalad leave for a file that was not fetched; other links are followed."""
    root = _data_set(tmp_path)
    video = root / f"nturgb+d_rgb/{CLIPS[1]}_rgb.avi"
    for path in (video, root / f"nturgb+d_rgb/{CLIPS[2]}_rgb.avi", root / f"nturgb+d_skeletons/{CLIPS[2]}.skeleton"):
        path.unlink()
        path.symlink_to("../.git/annex/objects/xx")
    (root / ".git/annex").mkdir(parents=True)
    _run(root, tmp_path / "000.tsv")
    clips = read_clips(tmp_path / "000.tsv").set_index("clip_id")
    assert list(clips.index) == CLIPS
    assert list(clips.index[clips.path == ""]) == CLIPS[1:3]
    assert list(clips.index[clips.pose_path == ""]) == CLIPS[2:3]
    (root / ".git/annex/objects").mkdir()
    (root / ".git/annex/objects/xx").touch()
    _run(root, tmp_path / "000.tsv")
    assert (read_clips(tmp_path / "000.tsv").path != "").all()


def test_shards_part_the_clips(tmp_path: Path) -> None:
    root = _data_set(tmp_path)
    parts = []
    for shard in range(20):  # more shards than clips: some are empty
        _run(root, tmp_path / "part.tsv", shard=shard, n_shards=20)
        parts.append(list(read_clips(tmp_path / "part.tsv").clip_id))
    assert sorted(sum(parts, [])) == CLIPS
    assert [] in parts


def test_the_folder_that_holds_the_data_set_will_do_and_paths_start_there(tmp_path: Path) -> None:
    _data_set(tmp_path / "release")
    _run(tmp_path, tmp_path / "000.tsv")
    for path in read_clips(tmp_path / "000.tsv").pose_path:
        assert (tmp_path / path).is_file()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        ("root", "root .* has none of the folders nturgb"),
        ("list", f"{LIST} is missing"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], spoil: str, message: str
) -> None:
    root = _data_set(tmp_path / "ntu")
    if spoil == "root":
        root = root / "nturgb+d_rgb"
    else:
        (root / LIST).unlink()
    words = ["build-manifest", "--root", str(root), "--layout", "ntu", "--files", FILES, "--lists", f'["{LIST}"]']
    assert (
        main([*words, "--shard", "0", "--n-shards", "1", "--with-missing", "1", "--out", str(tmp_path / "000.tsv")])
        == 1
    )
    error = capfd.readouterr().err
    assert error.count("\n") == 1
    with pytest.raises(ValueError, match=message):
        raise ValueError(error)
    assert not list(tmp_path.glob("000*"))


def test_files_of_other_names_are_left_aside_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    root = _data_set(tmp_path / "ntu")
    for name in ("a copy.skeleton", f"._{CLIPS[0]}.skeleton"):
        (root / "nturgb+d_skeletons" / name).touch()
    _run(root, tmp_path / "000.tsv")
    assert list(read_clips(tmp_path / "000.tsv").clip_id) == CLIPS
    left = [message for message in caplog.messages if "left aside" in message]
    assert left == [
        "nturgb+d_skeletons/a copy.skeleton is left aside: clip 'a copy': expected a name such as S001C002P003R001A013"
    ]


@pytest.mark.data
def test_the_real_samples(samples: Path, tmp_path: Path) -> None:
    _run(samples / "ntu_rgbd", tmp_path / "000.tsv")
    clips = read_clips(tmp_path / "000.tsv")
    assert len(clips) == 42
    assert (clips.path != "").sum() == 1
    assert (clips.pose_path != "").all()
    assert (clips.excluded == "").all()


@pytest.mark.parametrize("change", ["video", "skeleton", "list", "all"])
def test_files_that_are_not_as_planned_fail_the_job_and_count_once_they_are_back(tmp_path: Path, change: str) -> None:
    """A share that is gone for a moment: its clips would be missing for good, since they come back as they were."""
    root = _data_set(tmp_path / "ntu")
    planned = RawDigests(root, "ntu", json.loads(FILES), [LIST], 1)
    gone = {
        "video": root / f"nturgb+d_rgb/{CLIPS[1]}_rgb.avi",
        "skeleton": root / f"nturgb+d_skeletons/{CLIPS[1]}.skeleton",
        "list": root / LIST,
        "all": root / "nturgb+d_rgb",
    }[change]
    gone.rename(tmp_path / "elsewhere")
    if change == "list":
        gone.write_text("prose\n")
    about = {"root": root, "layout": "ntu", "files": FILES, "lists": json.dumps([LIST])}
    where = {"shard": 0, "n_shards": 1, "with_missing": 1}
    runs = {
        "clips.tsv": lambda: build_manifest.run(
            **about, **where, planned=planned.of_clips(0), out=tmp_path / "clips.tsv"
        ),
        "uses.tsv": lambda: list_uses.run(**about, **where, planned=planned.of_uses(0), out=tmp_path / "uses.tsv"),
    }
    for name, run in runs.items():
        with pytest.raises(OSError, match="changed since Snakemake began .* give the same command again"):
            run()
        assert not (tmp_path / name).exists()
    (tmp_path / "elsewhere").rename(gone)
    for run in runs.values():
        run()
    clips = read_clips(tmp_path / "clips.tsv").set_index("clip_id")
    assert list(clips.index) == CLIPS and (clips.path != "").all() and (clips.pose_path != "").all()
