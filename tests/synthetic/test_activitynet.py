"""The stand-in of ActivityNet: its files as the data set's module reads them, and that only pictures tell a class."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from snakemake.utils import update_config

from poseattn.clips.standin_record import check_contents
from poseattn.datasets import activitynet as genuine
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import activitynet
from poseattn.synthetic.untrimmed import draw_plan
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.decode import Video
from poseattn.video.frames import VideoError
from tests import raw_clips
from tests.synthetic.chance import check_chance
from tests.synthetic.recipe import untrimmed_recipe

FILES = {"mp4": "**/v_*.mp4"}
LISTS = ["**/activity_net*.json"]
CHUNK = 192


def synthesize(out: Path, recipe: dict, threads: int = 1) -> Path:
    synthesize_dataset.run(layout="activitynet", recipe=json.dumps(recipe), out=out, threads=threads)
    return out.with_suffix("")


def clips_of(root: Path, out: Path) -> pd.DataFrame:
    about = {"layout": "activitynet", "files": json.dumps(FILES), "lists": json.dumps(LISTS)}
    return raw_clips.clips_of(out, root=root, **about, shard=0, n_shards=1, with_missing=1).set_index("clip_id")


def shorter() -> dict:
    """The shipped recipe with an eighth of the frames."""
    recipe = untrimmed_recipe()
    timing = {"chunk": 24, "segment": [25, 33], "short": [13, 22], "evidence": [7, 11], "gap": [2, 6], "shot": [4, 7]}
    update_config(recipe, {"scene": {"timing": timing}})
    return recipe


def fewer() -> dict:
    """The shipped recipe with an eighth of the frames, half as many clips, and smaller pictures of three forms."""
    recipe = shorter()
    update_config(recipe, {"train": 10, "test": 4, "scene": {"sizes": [[80, 60], [88, 56], [64, 72]]}})
    return recipe


def quick(number: int = 5) -> dict:
    """The same with a number of clips of a class for each part, in small pictures of one form."""
    recipe = shorter()
    update_config(recipe, {"train": number, "test": number, "scene": {"sizes": [[64, 48]]}})
    return recipe


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A stand-in with every oddity of the shipped one, and the manifest."""
    folder = tmp_path_factory.mktemp("activitynet")
    root = synthesize(folder / "x.txt", fewer())
    return root, clips_of(root, folder / "m.tsv")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_files_depend_on_the_recipe_alone(tmp_path: Path) -> None:
    recipe = quick(2)
    first = contents(synthesize(tmp_path / "a.txt", recipe))
    assert first == contents(synthesize(tmp_path / "b.txt", recipe, threads=2))
    other = contents(synthesize(tmp_path / "a.txt", recipe | {"seed": recipe["seed"] + 1}))
    assert first.keys() & other.keys() == {activitynet.JSON}
    check_contents(tmp_path / "b", ["."])
    videos = activitynet.list_clips(recipe)
    assert len(first) == len(videos) - 1 + 1  # one video is missing, and there are annotations


def test_the_order_of_classes_in_a_recipe_moves_nothing() -> None:
    recipe = quick()
    turned = recipe | {"classes": dict(reversed(recipe["classes"].items()))}
    assert activitynet.list_clips(turned) == activitynet.list_clips(recipe)
    for video in activitynet.list_clips(recipe):
        assert activitynet.plan_of(video, turned) == activitynet.plan_of(video, recipe)


def test_a_wrong_recipe_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    for change, message in (
        ({"classes": {"Tango": {"object": "teapot"}}, "quirks": {"several": 0}}, "^no drawing of an object 'teapot'"),
        ({"classes": {"Tango": {"place": "sea"}}, "quirks": {"several": 0}}, "^no pattern of a place 'sea'; there are"),
        ({"classes": {"Tango": {"move": "jump"}}, "quirks": {"several": 0}}, "^recipe of the stand-in: key 'jump' is "),
    ):  # fmt: skip
        recipe = quick() | {"classes": {}}
        update_config(recipe, change)
        with pytest.raises(ValueError, match=message):
            synthesize(tmp_path / "x.txt", recipe)
        assert list(tmp_path.iterdir()) == []


def test_all_that_the_genuine_data_set_has_is_there(made: tuple[Path, pd.DataFrame]) -> None:
    root, clips = made
    recipe = fewer()
    videos = {video.name: video for video in activitynet.list_clips(recipe)}
    assert genuine.classes(root, [activitynet.JSON]) == tuple(sorted(recipe["classes"]))
    good = clips[clips.excluded == ""]
    for column, number in (("trains", recipe["train"]), ("tests", recipe["test"])):
        assert set(Counter(good.label[good[column] != ""]).values()) == {number}
    assert all(name.startswith(sign) for name, sign in zip(videos, "-_", strict=False))
    assert len(videos) == len({video.name for video in videos.values()}) and {len(name) for name in videos} == {11}
    assert [len(good[good.path == ""]), (clips.groupby("group").label.nunique() > 1).sum()] in ([1, 4], [2, 4])
    reasons = Counter(reason.split(" at ")[0] for reason in clips.excluded if reason)
    assert reasons == {"build_manifest: annotated to end": 2, "build_manifest: annotated to start": 1}
    database = json.loads((root / activitynet.JSON).read_text())["database"]
    testing = [name for name, video in videos.items() if video.subset == "testing"]
    assert len(testing) == 2 and all((root / f"videos/v_{name}.mp4").is_file() for name in testing)
    assert not any(database[name]["annotations"] for name in testing) and not set(testing) & set(clips.group)
    spans = [(*a["segment"], entry["duration"]) for entry in database.values() for a in entry["annotations"]]
    late = [start < duration for start, end, duration in spans if start < end > duration + 0.2]
    assert sorted(late) == [False, True, True]  # one starts there too, and is bad; two are cut


def test_clips_have_the_frames_that_were_planned(made: tuple[Path, pd.DataFrame]) -> None:
    """Cut by their times, at five frame rates; what is annotated beyond the end is not there."""
    root, clips = made
    rates = set()
    recipe = fewer()
    for video in activitynet.list_clips(recipe):
        plan = activitynet.plan_of(video, recipe)
        for number, segment in enumerate(plan.segments if video.quirk != "missing" else []):
            clip = clips.loc[f"{video.name}={number}"]
            assert sum(1 for _ in ClipFrames(root, clip.path, clip.start, clip.end)) == segment.stop - segment.first
            rates.add(plan.fps)
    assert rates == {15, 24, 25, 29.97, 30}


def test_videos_have_some_hundred_frames_and_a_tenth_of_the_clips_is_shorter_than_a_chunk() -> None:
    recipe = untrimmed_recipe()
    plans = [activitynet.plan_of(video, recipe) for video in activitynet.list_clips(recipe)]
    lengths = [segment.stop - segment.first for plan in plans for segment in plan.segments]
    assert len(plans) == 12 * (16 + 6) + 2 and len(lengths) == 12 * 28
    assert 0.04 < np.mean(np.array(lengths) < CHUNK) < 0.14
    frames = [sum(shot.frames for shot in plan.shots) for plan in plans]
    assert max(frames) < 700 and sum(frames) < 312 * len(lengths)


def test_evidence_is_a_part_of_every_chunk_of_a_clip() -> None:
    recipe = untrimmed_recipe()
    shares = []
    for video in activitynet.list_clips(recipe):
        for segment in activitynet.plan_of(video, recipe).segments:
            first, stop = segment.evidence
            length = segment.stop - segment.first
            earliest, latest = max(0, length - CHUNK), min(length, CHUNK)
            assert segment.first + earliest <= first < stop <= segment.first + latest
            shares.append((stop - first) / min(length, CHUNK))
        assert set(activitynet.evidence_of(video, recipe)) == {f"{video.name}={n}" for n in range(len(video.labels))}
    assert 0.3 < np.mean(shares) < 0.5 and np.max(shares) < 0.9


def check_side_information(root: Path, clips: pd.DataFrame) -> None:
    """One clip of each video is looked at, since the others share much with it."""
    clips = clips[(clips.path != "") & (clips.excluded == "")]
    clips = clips[~clips.group.duplicated()]
    features = np.array([_about(root, row, clips) for row in clips.itertuples()])
    check_chance(features, clips.label.to_numpy(int), clips.group.to_numpy())


def test_side_information_does_not_tell_the_class(made: tuple[Path, pd.DataFrame]) -> None:
    check_side_information(*made)


def _about(root: Path, row: Any, clips: pd.DataFrame) -> list[float]:
    """All about a clip but what its pictures show: its name, times and video, and colours of its first picture."""
    with Video(root / row.path) as video:
        n_frames = sum(1 for _ in video.frames(np.zeros(0)))
        form = [video.fps, video.width, video.height]
    size = (root / row.path).stat().st_size
    picture = next(iter(ClipFrames(root, row.path, row.start, row.end))).image.astype(float)
    begin, end = float(row.start), min(float(row.end), n_frames / form[0])
    times = [begin, end, end - begin, (end - begin) * form[0], begin * form[0], begin / end]
    colors = np.concatenate([picture.mean((0, 1)), picture.std((0, 1))])
    number, siblings = int(row.Index.rpartition("=")[2]), (clips.group == row.group).sum()
    return [*form, n_frames, size, size / n_frames, *times, number, siblings, *map(ord, row.group), *colors]


def test_a_missing_video_is_a_clip_without_frames(made: tuple[Path, pd.DataFrame]) -> None:
    root, clips = made
    missing = clips[clips.path == ""]
    assert len(missing) and (missing.excluded == "").all()
    with pytest.raises(VideoError, match="^no video$"):
        list(ClipFrames(root, "", missing.start.iloc[0], missing.end.iloc[0]))


def test_classes_move_nothing_but_what_tells_them() -> None:
    """Two classes of one aspect; where shots and segments are, and what else is in them, is the same."""
    recipe = untrimmed_recipe()
    for first, second in (("Sailing", "Paintball"), ("Playing piano", "Chopping wood"), ("Hula hoop", "Rope skipping")):
        one, other = (draw_plan(np.random.default_rng(5), [label] * 2, recipe, False) for label in (first, second))
        differ = [pair for pair in zip(one.shots, other.shots, strict=True) if pair[0] != pair[1]]
        ((aspect, kind),) = recipe["classes"][first].items()
        assert len(differ) == 2 and all(getattr(pair[0], aspect) == kind for pair in differ)
        assert all(pair[0]._replace(**recipe["classes"][second]) == pair[1] for pair in differ)
        assert [segment[1:] for segment in one.segments] == [segment[1:] for segment in other.segments]
        assert (one.size, one.fps) == (other.size, other.fps)
