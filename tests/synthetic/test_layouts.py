"""The stand-ins of UCF-11, HMDB-51 and Hollywood2: names, lists and videos as the data sets' modules read them."""

import importlib
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from poseattn.synthetic import hmdb51, hollywood2, ucf11
from tests.synthetic.recipe import moving_recipe

PATTERNS = {"ucf11": "UCF11_updated_mpg/**/*.mpg", "hmdb51": "hmdb51_org/**/*.avi", "hollywood2": "AVIClips/*.avi"}


def rows(name: str, root: Path) -> list[dict[str, str]]:
    """Manifest of a whole stand-in, whether or not its videos are there."""
    files = {path.stem: {"video": str(path.relative_to(root))} for path in root.glob(PATTERNS[name])}
    lists = [str(path.relative_to(root)) for path in sorted(root.rglob("*.txt"))]
    return importlib.import_module(f"poseattn.datasets.{name}").manifest_rows(root, files, lists)


def videos(root: Path) -> dict[str, tuple[int, float, tuple[int, int]]]:
    """Clip -> decoded frames, frames per second, width and height."""
    found = {}
    for path in (*root.rglob("*.avi"), *root.rglob("*.mpg")):
        capture, frames = cv2.VideoCapture(str(path)), 0
        while capture.grab():
            frames += 1
        size = tuple(int(capture.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        found[path.stem] = frames, capture.get(cv2.CAP_PROP_FPS), size
    return found


@pytest.mark.parametrize("name", PATTERNS)
def test_clips_are_few_unique_and_always_the_same(name):
    module, recipe = importlib.import_module(f"poseattn.synthetic.{name}"), moving_recipe(name)
    clips = module.list_clips(recipe)
    assert 150 <= len(clips) == len({clip.name for clip in clips}) <= 300
    assert clips == module.list_clips(recipe)
    lengths = [len(module.scene_of(clip, recipe).evidence[0].path) for clip in clips[:60]]
    assert sum(length < 30 for length in lengths) > 5 and max(lengths) > 50


def test_ucf11_has_all_classes_and_groups_and_both_parts(tmp_path):
    recipe = moving_recipe("ucf11")
    clips = ucf11.list_clips(recipe)
    assert len({(clip.action, clip.group) for clip in clips}) == 11 * 25
    chosen = [clips[0], next(clip for clip in clips if clip.number == 2), clips[-20]]
    for clip in chosen:
        ucf11.write_clip(tmp_path, clip, recipe)
    assert (tmp_path / "UCF11_updated_mpg/basketball/v_shooting_01/v_shooting_01_01.mpg").is_file()
    table = rows("ucf11", tmp_path)
    assert {row["clip_id"] for row in table} == {clip.name for clip in chosen}
    for clip in chosen:
        frames, fps, size = videos(tmp_path)[clip.name]
        scene = ucf11.scene_of(clip, recipe)
        assert (frames, size) == (len(scene.evidence[0].path), scene.size) and abs(fps - 29.97) < 0.01
    second = chosen[1]
    first = second._replace(number=1)
    assert (ucf11.scene_of(first, recipe).background == ucf11.scene_of(second, recipe).background).all()


def test_hmdb51_has_odd_names_and_three_splits_of_whole_films(tmp_path):
    recipe = moving_recipe("hmdb51")
    clips = hmdb51.list_clips(recipe)
    assert all(any(sign in clip.name for clip in clips) for sign in "#@[ (&%'")
    assert any(clip.name.startswith("-") for clip in clips)
    odd = [clip for clip in clips if clip.action == "pour" and clip.number == 0]
    for clip in odd:
        hmdb51.write_clip(tmp_path, clip, recipe)
    hmdb51.finish(tmp_path, clips, recipe)
    table = rows("hmdb51", tmp_path)
    assert len(table) == len(clips)
    assert {row["clip_id"] for row in table if row["path"]} == {clip.name for clip in odd}
    assert len({row["group"] for row in table}) == len(recipe["sources"])
    for split in ("split1", "split2", "split3"):
        training, testing = ([row for row in table if split in row[part].split()] for part in ("trains", "tests"))
        assert set(Counter(row["label"] for row in training).values()) == {18}
        assert set(Counter(row["label"] for row in testing).values()) == {9}
        films = [{(row["label"], row["group"]) for row in part} for part in (training, testing)]
        assert not films[0] & films[1]
    assert {(fps, size[1]) for _, fps, size in videos(tmp_path).values()} == {(30.0, 120)}
    assert len({size[0] for _, _, size in videos(tmp_path).values()}) > 1


def test_hollywood2_has_two_labels_two_rates_several_sizes_and_a_scene_to_ignore(tmp_path):
    recipe = moving_recipe("hollywood2")
    clips = hollywood2.list_clips(recipe)
    both = next(clip for clip in clips if len(clip.actions) == 2)
    chosen = {both, *clips[:12]}
    for clip in sorted(chosen):
        hollywood2.write_clip(tmp_path, clip, recipe)
    hollywood2.finish(tmp_path, clips, recipe)
    table = {row["clip_id"]: row for row in rows("hollywood2", tmp_path)}
    assert set(table) == {clip.name for clip in clips}
    found = videos(tmp_path)
    assert set(found) - set(table) == {"sceneclipautotest00001"}
    assert {fps for _, fps, _ in found.values()} == {24.0, 25.0} and len({size for *_, size in found.values()}) > 2
    for part in ("train", "test"):
        labels = Counter(label for clip in clips if clip.part == part for label in clip.actions)
        assert len(labels) == 12 and min(labels.values()) >= 8
    assert table[both.name]["label"].count("+") == 1
    shown = [mover.prop.kind for mover in hollywood2.scene_of(both, recipe).evidence]
    assert shown == [recipe["classes"][action] for action in both.actions]
    two = np.mean([len(clip.actions) == 2 for clip in clips])
    assert abs(two - recipe["two"]) < 0.02
