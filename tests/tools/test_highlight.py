"""Tool highlight, and predict with a run on pieces: whole videos of any length, marked, and messages for mistakes."""

import json
from pathlib import Path

import numpy as np
import pytest

from poseattn.__main__ import main
from poseattn.shards.shard import Shard
from poseattn.tools import highlight, predict
from poseattn.video.decode import Video
from tests import attending
from tests.frames import write_at


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return attending.make(tmp_path_factory.mktemp("workflow"))


def _run(folder: Path, out: Path, *videos: Path, **changes: float) -> dict:
    highlight.run(folder=folder, videos=[*videos], out=out, threads=1, device="cpu", **changes)
    return json.loads((out / "highlights.json").read_text())


def test_moments_cover_videos_of_any_length(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """Two chunks and a part, half of one, and exactly one: moments follow each other from first frame to last."""
    lengths = {"long": 133, "short": 30, "one": 64}
    videos = [attending.write_video(tmp_path / f"{name}.avi", length, 60, 9) for name, length in lengths.items()]
    words = ["highlight", str(folder), *map(str, videos), "--out", str(tmp_path / "out"), "--threads", "1"]
    assert main([*words, "--device", "cpu"]) == 0
    said = json.loads((tmp_path / "out/highlights.json").read_text())
    for video, length in zip(videos, lengths.values(), strict=True):
        one = said[str(video)]
        starts, ends = ([moment[key] for moment in one["moments"]] for key in ("start", "end"))
        assert starts == pytest.approx(np.arange(0, length // 8 * 8 if length > 64 else length, 8) / 25)
        assert ends[:-1] == starts[1:] and ends[-1] == pytest.approx(length / 25)
        best = max(moment["score"] for moment in one["moments"])
        inside = [m["score"] for h in one["highlights"] for m in one["moments"] if h["start"] <= m["start"] < h["end"]]
        assert min(inside) >= 0.5 * best - 1e-6 and max(inside) == best
        assert len(inside) == sum(moment["score"] >= 0.5 * best for moment in one["moments"])
        assert sum(one["classes"].values()) == pytest.approx(1)
        with Video(tmp_path / f"out/{video.stem}.highlights.mp4") as made:
            assert (sum(1 for _ in made.frames()), made.fps) == (length, 25)
    one = said[str(videos[2])]
    weights = np.array([moment["weight"] for moment in one["moments"]])
    assert len(weights) == 8 and weights.mean() == pytest.approx(1, abs=1e-5)
    probability = max(one["classes"].values())
    assert [m["score"] for m in one["moments"]] == pytest.approx((weights * probability).tolist(), abs=1e-5)
    assert f"{videos[0]}: " in capsys.readouterr().out


def test_predict_gives_the_scores_of_the_pipeline(folder: Path, tmp_path: Path) -> None:
    video = folder.parents[5] / "videos/a.avi"
    predict.run(folder=folder, videos=[video], out=tmp_path, threads=1, device="cpu")
    found = json.loads((tmp_path / "scores.json").read_text())[str(video)]
    with Shard(folder / "scores.h5", kind="scores") as shard:
        expected = shard.clip("a")[0]
    assert [found[name] for name in attending.NAMES] == pytest.approx(expected, abs=1e-5)
    assert {path.name for path in tmp_path.iterdir()} == {"scores.json", "scores.csv"}


def test_a_bad_video_costs_no_other_and_is_an_error(folder: Path, tmp_path: Path) -> None:
    good, bad = attending.write_video(tmp_path / "good.avi", 40, 0, 1), tmp_path / "bad.mp4"
    bad.write_text("no video")
    with pytest.raises(ValueError, match=r"1 of 2 videos could not be used: .*bad.mp4: no video"):
        _run(folder, tmp_path / "out", bad, good)
    assert list(json.loads((tmp_path / "out/highlights.json").read_text())) == [str(good)]


def test_mistakes_are_named_before_any_decoding(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="share: found 1.5, expected a number above 0 and at most 1"):
        _run(folder, tmp_path / "out", tmp_path / "x.mp4", share=1.5)
    with pytest.raises(ValueError, match=r"b.jpg is a picture, expected videos: a picture has no moments"):
        _run(folder, tmp_path / "out", tmp_path / "x.mp4", tmp_path / "b.jpg")
    (tmp_path / "notes").touch()
    with pytest.raises(ValueError, match=r"^out: .*/notes is a file, expected a folder$"):
        _run(folder, tmp_path / "notes", tmp_path / "x.mp4")
    plain = {"model": "vanilla_lstm", "arguments": {"hidden": 4, "dropout": 0.0}, "inputs": {"pieces": "toy"}}
    without = attending.make(tmp_path / "workflow", **plain, epochs=1)
    with pytest.raises(ValueError, match="run toy_alstm has no attention over moments"):
        _run(without, tmp_path / "out", tmp_path / "x.mp4")
    assert not (tmp_path / "out").exists()


def test_moments_are_at_the_times_of_their_frames_where_the_rate_varies(tmp_path: Path) -> None:
    """Moments of 8 frames; the picture begins 2 s after the sound, and slows down to ten frames a second."""
    times = [*range(0, 320, 40), *range(320, 1520, 100)]  # ms: 8 and then 12 of them
    video = write_at(tmp_path / "a.mp4", times, late=2000)
    found = highlight.FoundMoments([("run", 1.0)], np.array([0, 8, 16, 20]), np.ones(3), np.array([0.1, 1.0, 0.2]), [])
    seconds = highlight._write_video(video, tmp_path / "out.mp4", found)
    assert seconds[:3] == pytest.approx([2.0, 2.32, 3.12], abs=2e-3)
    assert seconds[3] == pytest.approx(3.42 + 1.42 / 19, abs=2e-3)  # the last frame is shown as long as the others
    with Video(tmp_path / "out.mp4") as made:
        n_frames = sum(1 for _ in made.frames())
    assert n_frames / made.fps == pytest.approx(1.42, abs=1.5 / made.fps)
