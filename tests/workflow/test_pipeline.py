"""From rendered videos to a CSV: the table itself, kills at bad moments, real roots beside stand-ins, wrong inputs."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from poseattn.files import read_sealed
from poseattn.shards.shard import Shard
from tests.faults.mini import Mini
from tests.pipeline import ROOT, TABLE, Pipeline, local_table

pytestmark = pytest.mark.xdist_group("workflow")
SELDOM = [pytest.mark.slow, pytest.mark.ci]


def test_the_table_measures_our_run(finished: Mini) -> None:
    with (finished.folder / finished.table).open() as file:
        (row,) = csv.DictReader(file)
    assert (row["row_label"], row["own_method"], row["data"]) == ("B", "true", "synthetic")
    assert (row["weights"], row["seeds"], row["cs_acc_n_test"]) == ("random", "1", "4")
    assert 0 <= float(row["cs_acc"]) <= 100 and row["cs_acc_delta"] == ""


@pytest.mark.slow
@pytest.mark.ci
def test_table_1_has_the_published_rows_and_measures_our_own(tmp_path: Path) -> None:
    with local_table(tmp_path).open() as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    of_a_metric = ("", "_sd", "_published", "_delta", "_n_test", "_n_excluded")
    metrics = [metric + suffix for metric in ("cs_acc", "cv_acc", "avg_acc") for suffix in of_a_metric]
    assert reader.fieldnames == [
        *("row_label", "method_id", "own_method", "pose_input", "rgb_input"),
        *metrics,
        *("seeds", "data", "weights", "note"),
    ]
    assert [row["row_label"] for row in rows][-3:] == ["Deep GRU [A]", "STA-Hands [B]", "A+B"]
    assert len(rows) == 15
    for row in rows:
        own = row["own_method"] == "true"
        assert bool(row["cs_acc"]) == own and bool(row["cv_acc"]) == own
        assert row["data"] == ("synthetic" if own else "")
        assert row["cs_acc_delta"] == ""
    assert [row["weights"] for row in rows][-3:] == ["none", "standin", "none+standin"]


@pytest.mark.slow
@pytest.mark.ci
def test_soft_attention_goes_from_videos_to_scores_and_a_figure(finished: Mini) -> None:
    folder = "results/runs/ucf11_synthetic/soft_attention_ucf11/groups/seed0"
    finished.run(f"{folder}/scores.h5", "results/figures/soft_attention_fig2.png")
    with Shard(finished.folder / folder / "scores.h5", kind="scores", axes="clip class") as scores:
        assert (scores.n_rows, scores.row_shape) == (117, (11,))
        assert np.allclose(scores.rows(np.arange(117)).sum(axis=1), 1, atol=1e-5)
        assert scores.side_all("location").shape == (117, 2, 6, 49)
        assert scores.attrs["weights"] == "standin"
    cubes = finished.folder / "results/cubes/ucf11_synthetic/googlenet/000.h5"
    with Shard(cubes, kind="cubes", axes="frame row col channel") as shard:
        assert shard.row_shape[:2] == (7, 7)
    assert (finished.folder / "results/figures/soft_attention_fig2.png").stat().st_size > 10_000


@pytest.mark.slow
@pytest.mark.ci
def test_own_videos_in_a_list_train_a_run_that_scores_any_video(finished: Mini) -> None:
    """Two clips train, one validates, one tests; a text file that is called a video is left out."""
    finished.run("results/synthetic/ucf11.txt", "results/backbones/moving_objects.pt")
    videos = sorted((finished.folder / "results/synthetic/ucf11").rglob("*.mpg"))[:4]
    own = finished.folder / "own videos"
    own.mkdir()
    for name, video in zip("abcd", videos, strict=True):
        shutil.copy(video, own / f"{name} #1.mpg")
    (own / "text.avi").write_text("no video")
    lines = ["a #1.mpg,run,train,,", "b #1.mpg,sit,train,0,0.2", "c #1.mpg,run,val,,", "d #1.mpg,sit,test,0.1,"]
    (own / "clips.csv").write_text("\n".join(["path,label,split,start,end", *lines, "text.avi,run,test,,", ""]))
    entry = {"layout": "csv", "root": "own videos", "manifest": "clips.csv", "weights": "standin", "max_excluded": 0.2}
    small = {"epochs": 1, "frames": 4, "arguments": {"hidden": 8, "layers": 1}}
    settings = {"datasets": {"mine": entry}, "runs": {"soft_attention_ucf11": {"paper": small}}}
    (finished.folder / "mine.yaml").write_text(yaml.safe_dump(settings))
    folder = "results/runs/mine/soft_attention_ucf11/listed/seed0"
    overlay = "results/figures/overlays/mine/soft_attention_ucf11/listed/b #1__0-0.2.mp4"
    finished.run(f"{folder}/scores.h5", overlay, configs=["mine.yaml"])
    with Shard(finished.folder / folder / "scores.h5", kind="scores") as scores:
        assert scores.clip_ids == ["d #1__0.1-end"]
        assert scores.attrs["n_excluded"] == 1
    assert (finished.folder / overlay).stat().st_size > 1000
    excluded = (finished.folder / "results/manifests/mine.excluded.tsv").read_text()
    assert "text\tbad\textract_cubes\tno video that FFmpeg can open" in excluded
    command = [sys.executable, "-m", "poseattn", "predict", folder, "own videos/d #1.mpg", "--threads", "1"]
    done = subprocess.run(command, cwd=finished.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    written = {path.name for path in (finished.folder / "predictions").iterdir()}
    assert written == {"scores.csv", "scores.json", "d #1.attention.mp4"}


@pytest.mark.slow
def test_a_killed_snakemake_ends_with_the_same_bytes(finished: Mini, tmp_path: Path) -> None:
    """SIGKILL of Snakemake and its jobs while crops are written, and again in the middle of a training."""
    pipeline = Mini(tmp_path / "pipeline")
    pipeline.kill_when("results/frames/*/*/*.part*", pipeline.table)
    pipeline.run("--unlock")
    pipeline.kill_when("results/runs/*/*/*/seed0/resume.pt", pipeline.table)
    pipeline.run("--unlock")
    pipeline.run(pipeline.table)
    assert (pipeline.folder / pipeline.table).read_bytes() == (finished.folder / pipeline.table).read_bytes()
    assert not list((pipeline.folder / "results").rglob("*.part*"))
    assert not list((pipeline.folder / "results").rglob("resume.pt"))


def test_a_standin_leaves_what_real_data_made_untouched(finished: Mini) -> None:
    names = {Path(path).name for path in finished.of_real_data}
    assert {"ntu.poses_only.tsv", "ntu.poses_only.excluded.tsv", "000.h5", "000.status.tsv", "000.tsv"} <= names
    assert finished.made_from_real() == finished.of_real_data


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.ci
def test_the_real_samples_go_from_files_to_a_table(samples: Path, tmp_path: Path) -> None:
    """One video, 42 skeletons: features of one clip, a pose stream, and empty cells where a protocol lacks clips."""
    pipeline = Pipeline(tmp_path / "pipeline")
    root = {"root": str(samples / "ntu_rgbd"), "shards": 2, "max_excluded": 1.0, "weights": "random"}
    (pipeline.folder / "tiny.yaml").write_text(yaml.safe_dump({"datasets": {"ntu": root}}))
    pipeline.run(TABLE)
    with (pipeline.folder / TABLE).open() as file:
        rows = {row["method_id"]: row for row in csv.DictReader(file)}
    pose, hands = rows["deep_gru"], rows["sta_hands_pose"]
    assert (pose["cs_acc_n_test"], pose["cv_acc_n_test"], pose["data"]) == ("1", "41", "real")
    assert float(pose["cs_acc_delta"]) == pytest.approx(float(pose["cs_acc"]) - 68.0, abs=0.01)
    assert (hands["cs_acc"], hands["cs_acc_n_test"], hands["cs_acc_n_excluded"]) == ("", "0", "1")
    assert "no test clip in cross_subject" in hands["note"] and "no training clip in cross_view" in hands["note"]
    excluded = read_sealed(pipeline.folder / "results/manifests/ntu.excluded.tsv").splitlines()
    assert len(excluded) == 1 + 41 and all(line.endswith("decode_frames\tno video") for line in excluded[1:])
    shards = [Shard(path) for path in sorted((pipeline.folder / "results/glimpses/ntu/hands").iterdir())]
    assert [clip for shard in shards for clip in shard.clip_ids] == ["S001C001P001R001A001"]
    assert sum(shard.n_rows for shard in shards) == 103 and shards[0].row_shape == (4, 2048)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "root: synthetic",
            "rot: synthetic",
            "config.datasets.ntu: unknown key 'rot' (did you mean root?); expected one of",
        ),
        ("root: synthetic", "root: /no/such/folder", "config: datasets.ntu.root: root /no/such/folder is not a folder"),
        pytest.param(
            "root: synthetic",
            "root: empty",
            "datasets.ntu.root: no file nturgb+d_rgb/*_rgb.avi, nturgb+d_skeletons/",
            marks=SELDOM,
        ),
        pytest.param(
            "root: synthetic",
            "root: workflow",
            "root workflow has none of the folders nturgb+d_rgb, nturgb+d_skeletons",
            marks=SELDOM,
        ),
        pytest.param(
            "  ntu:",
            "  ntv: {root: synthetic}\n  ntu:",
            "datasets.ntv: no data set 'ntv'; there are ",
            marks=SELDOM,
        ),
    ],
)
def test_a_wrong_config_stops_before_any_job(finished: Mini, old: str, new: str, message: str) -> None:
    (finished.folder / "empty/nturgb+d_rgb").mkdir(parents=True, exist_ok=True)
    (finished.folder / "empty/NTU_RGBD_samples_with_missing_skeletons.txt").write_text("")
    with finished.edited("config.yaml", old, new):
        output = finished.run(finished.table, code=1)
    assert message in output
    assert "Traceback" not in output


@pytest.mark.parametrize("jobs", ["0", "two"])
def test_a_wrong_number_of_jobs_on_a_gpu_is_one_line(
    finished: Mini, jobs: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSEATTN_JOBS_PER_GPU", jobs)
    output = finished.run(finished.table, "--dry-run", code=1)
    assert f"POSEATTN_JOBS_PER_GPU: found '{jobs}', expected a number from 1 to 999" in output
    assert "Traceback" not in output and "usage:" not in output


def test_the_workflow_is_lint_clean() -> None:
    done = subprocess.run([sys.executable, "-m", "snakemake", "--lint"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
