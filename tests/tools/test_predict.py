"""Tool predict: the same scores as the pipeline gives, an overlay of every frame, and messages for what is missing."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from poseattn.__main__ import main
from poseattn.figures.overlays.clip_overlay import likeliest, name_overlays
from poseattn.shards.shard import Shard
from poseattn.tools import _trained_runs, predict
from poseattn.video.decode import Video
from tests import trained


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained.make(tmp_path_factory.mktemp("workflow"))


def _videos(folder: Path) -> list[Path]:
    return [folder.parents[5] / f"videos/{clip_id}.avi" for clip_id in trained.CLIPS]


def test_a_test_clip_gets_the_scores_of_the_pipeline(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    videos = _videos(folder)
    words = ["predict", str(folder), *map(str, videos), "--out", str(tmp_path / "out"), "--threads", "1"]
    assert main([*words, "--device", "cpu"]) == 0
    found = json.loads((tmp_path / "out/scores.json").read_text())
    with Shard(folder / "scores.h5", kind="scores") as shard:
        expected = shard.clip("a #1")[0]
    assert list(found) == [str(video) for video in videos]
    assert [found[str(videos[0])][name] for name in trained.NAMES] == pytest.approx(expected, abs=1e-6)
    table = pd.read_csv(tmp_path / "out/scores.csv")
    assert list(table) == ["video", "prediction", *trained.NAMES]
    assert table[list(trained.NAMES)].sum(axis=1).to_numpy() == pytest.approx(np.ones(3), abs=1e-5)
    assert table.prediction[0] == max(found[str(videos[0])], key=found[str(videos[0])].get)
    assert f"{videos[0]}: {table.prediction[0]} (" in capsys.readouterr().out
    for clip_id, length in trained.CLIPS.items():
        with Video(tmp_path / f"out/{clip_id}.attention.mp4") as video:
            assert (sum(1 for _ in video.frames()), video.fps) == (length, 25)
    assert sorted(path.suffix for path in (tmp_path / "out").iterdir()) == [".csv", ".json", ".mp4", ".mp4", ".mp4"]


def test_a_run_on_flow_predicts_from_the_video_alone(tmp_path: Path) -> None:
    folder = trained.make(tmp_path / "workflow", trained.FLOW, trained.RPAN)
    videos = _videos(folder)
    predict.run(folder=folder, videos=videos, out=tmp_path / "out", threads=1, device="cpu")
    found = json.loads((tmp_path / "out/scores.json").read_text())
    with Shard(folder / "scores.h5", kind="scores") as shard:
        expected = shard.clip("a #1")[0]
    assert [found[str(videos[0])][name] for name in trained.NAMES] == pytest.approx(expected, abs=1e-6)
    with Video(tmp_path / "out/c.attention.mp4") as video:  # heatmaps drawn over the picture
        assert sum(1 for _ in video.frames()) == trained.CLIPS["c"]


def test_a_bad_video_costs_no_other_and_is_an_error(folder: Path, tmp_path: Path) -> None:
    good, bad, twin = _videos(folder)[2], tmp_path / "bad.mp4", tmp_path / "c.avi"
    bad.write_text("no video")
    shutil.copy(good, twin)
    with pytest.raises(
        ValueError,
        match=r"2 of 4 videos could not be used: .*bad.mp4: no video.*; .*gone.mp4: \[Errno 2\] No such file",
    ):
        predict.run(folder=folder, videos=[good, bad, twin, tmp_path / "gone.mp4"], out=tmp_path / "out", threads=1)
    assert list(json.loads((tmp_path / "out/scores.json").read_text())) == [str(good), str(twin)]
    assert {path.name for path in (tmp_path / "out").glob("*.mp4")} == {"c.attention.mp4", "c-2.attention.mp4"}


def test_every_video_has_an_overlay_of_its_own_and_none_is_overwritten(tmp_path: Path) -> None:
    videos = [Path(name) for name in ("a.mp4", "x/a.mp4", "a-2.mp4", "a.mp4")]
    names = name_overlays(videos, tmp_path, "attention")
    assert list(names) == videos[:3]
    assert [path.name for path in names.values()] == ["a.attention.mp4", "a-2.attention.mp4", "a-2-2.attention.mp4"]
    with pytest.raises(ValueError, match="a.attention.mp4 would be overwritten: name another folder with --out"):
        name_overlays([tmp_path / "a.attention.mp4", tmp_path / "a.mp4"], tmp_path, "attention")


def test_a_video_beside_its_results_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    video = tmp_path / "tab\there.avi"
    shutil.copy(_videos(folder)[2], video)
    before = video.read_bytes()
    predict.run(folder=folder, videos=[video], out=tmp_path, threads=1, device="cpu")
    assert video.read_bytes() == before and (tmp_path / "tab\there.attention.mp4").exists()


def test_what_is_missing_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"no checkpoint.pt in it; expected the folder of a trained and scored run"):
        predict.run(folder=tmp_path, videos=_videos(folder), out=tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    origin = {"cubes": {"weights_file": "w.pt", "weights_sha256": "0"}}
    with pytest.raises(ValueError, match=r"w.pt, the weights that the features of the run were made with, is missing"):
        _trained_runs.weights_of(origin, folder)
    (tmp_path / "w.pt").write_bytes(b"another")
    with pytest.raises(ValueError, match=r"w.pt is not the file that the features of the run were made with"):
        _trained_runs.weights_of(origin, Path("/copied"))


def test_a_run_that_needs_poses_is_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = json.loads
    inputs = {"inputs": {"cubes": "x", "poses": "y"}}
    monkeypatch.setattr(_trained_runs.json, "loads", lambda text: read(text) | inputs)
    with pytest.raises(ValueError, match="run toy_attention needs poses, which a video alone does not give"):
        predict.run(folder=folder, videos=_videos(folder), out=tmp_path / "out")


def test_classes_come_in_the_order_of_their_probabilities() -> None:
    logits, names = np.array([0.0, np.log(3), -1e3]), ("a", "b", "c")
    ranked = likeliest(logits, names, {"average": "logits", "loss": "softmax"})
    assert [name for name, _ in ranked] == ["b", "a", "c"]
    assert [value for _, value in ranked] == pytest.approx([0.75, 0.25, 0])
    ranked = likeliest(logits[:2], names, {"average": "logits", "loss": "sigmoid"})
    assert [value for _, value in ranked] == pytest.approx([0.75, 0.5])
    assert likeliest(np.array([0.2, 0.8]), names, {"average": "probabilities", "loss": "softmax"})[0] == ("b", 0.8)


def test_names_of_any_bytes_and_lengths_cost_no_scores(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Latin-1, a line end, 249 characters, a dash in front, and the same name twice."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    latin, long = os.fsdecode(b"caf\xe9.avi"), "x" * 245 + ".avi"
    names = ["a.avi", latin, "b\nc.avi", long, "-rf", "in/a.avi"]
    for name in names:
        shutil.copy(_videos(folder)[2], name)
    (tmp_path / "bad.avi").write_text("no video")
    words = ["--out", "out", "--threads", "1", "--device", "cpu", "--", str(folder), *names, "bad.avi"]
    assert main(["predict", *words]) == 1
    said = capsys.readouterr()
    shown = ["a.avi", r"caf\xe9.avi", r"b\nc.avi", long, "-rf", "in/a.avi"]
    assert [line.partition(": ")[0] for line in said.out.splitlines()] == shown
    assert said.err.splitlines()[0].startswith("bad.avi: no video")
    assert said.err.splitlines()[-1].startswith(
        "poseattn predict: error: 1 of 7 videos could not be used: bad.avi: no v"
    )
    found = json.loads((tmp_path / "out/scores.json").read_text())
    table = pd.read_csv(tmp_path / "out/scores.csv")
    assert list(found) == list(table.video) == ["a.avi", r"caf\xe9.avi", "b\nc.avi", long, "-rf", "in/a.avi"]
    digest = hashlib.sha256(b"x" * 245).hexdigest()[:8]
    made = {path.name for path in (tmp_path / "out").glob("*.mp4")}
    assert made == {f"{name}.attention.mp4" for name in ("a", r"caf\xe9", "b\nc", "-rf", "a-2")} | {
        f"{'x' * 217}~{digest}.attention.mp4"
    }


def test_names_are_cut_between_letters_and_stay_apart(tmp_path: Path) -> None:
    videos = [Path(f"{'é' * 123}{number}.avi") for number in (1, 2)] + [Path(f"x/{'é' * 123}1.avi")]
    names = [path.name for path in name_overlays(videos, tmp_path, "attention").values()]
    assert len(set(names)) == 3 and all(len(name.encode()) <= 240 and name.startswith("é" * 107) for name in names)
    assert names[2].endswith("-2.attention.mp4") and name_overlays(videos[1:2], tmp_path, "attention") == {
        videos[1]: tmp_path / names[1]
    }


def test_names_that_would_be_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="would have one name in the results: rename one of them"):
        name_overlays([Path(os.fsdecode(b"caf\xe9.avi")), Path(r"caf\xe9.avi")], tmp_path, "attention")


def test_what_was_scored_before_ctrl_c_is_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    videos, extract = _videos(folder), predict.extract

    def stopped(video: Path, *rest: object) -> None:
        if video == videos[1]:
            raise KeyboardInterrupt
        extract(video, *rest)

    monkeypatch.setattr(predict, "extract", stopped)
    words = ["predict", str(folder), *map(str, videos), "--out", str(tmp_path / "out"), "--threads", "1"]
    assert main([*words, "--device", "cpu"]) == 130
    assert capsys.readouterr().err.splitlines()[-1] == "poseattn predict: stopped"
    assert list(json.loads((tmp_path / "out/scores.json").read_text())) == [str(videos[0])]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["scores.csv", "scores.json"]


def test_a_mistake_in_one_video_costs_no_other(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Libraries raise errors of many kinds; of a fault of the run itself all videos would tell."""
    videos, extract = _videos(folder), predict.extract

    def failing(video: Path, *rest: object) -> None:
        if video == videos[0]:
            raise IndexError("list index out of range")
        extract(video, *rest)

    monkeypatch.setattr(predict, "extract", failing)
    words = ["predict", str(folder), *map(str, videos), "--out", str(tmp_path / "out"), "--threads", "1"]
    assert main([*words, "--device", "cpu"]) == 1
    assert "1 of 3 videos could not be used: " in capsys.readouterr().err.splitlines()[-1]
    assert list(json.loads((tmp_path / "out/scores.json").read_text())) == [str(video) for video in videos[1:]]
