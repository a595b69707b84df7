"""The stand-in of Stanford 40: layout of the genuine files, a signal in pose and in objects, and nowhere else."""

import json
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score

from poseattn.datasets import stanford40 as dataset
from poseattn.datasets.voc_xml import read_box
from poseattn.pose.parts import BODIES
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import people, stanford40
from tests.synthetic.chance import check_chance
from tests.synthetic.recipe import still_recipe

RECIPE = still_recipe("stanford40")
CLIPS = stanford40.list_clips(RECIPE)


def few() -> dict:
    recipe = deepcopy(RECIPE) | {"train": 4, "test": 2}
    recipe["classes"] = dict(list(recipe["classes"].items())[:5])
    return recipe


def synthesize(out: Path, recipe: dict) -> Path:
    synthesize_dataset.run(layout="stanford40", recipe=json.dumps(recipe), out=out, threads=1)
    return out.with_suffix("")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_classes_are_those_of_the_data_set() -> None:
    assert len(RECIPE["classes"]) == 40 and {"watching_TV", "throwing_frisby"} <= RECIPE["classes"].keys()
    told = [(entry["limb"], entry["place"], entry["object"]) for entry in RECIPE["classes"].values()]
    assert len(set(told)) == 40
    assert len({told_[1] for told_ in told}) == 6 and len({told_[2] for told_ in told}) == 12
    assert RECIPE["train"] + RECIPE["test"] >= 25  # what the small subsets take


@pytest.mark.data
def test_classes_are_the_published_ones(samples: Path) -> None:
    names = (samples / "stanford40/annotations/voc_classes.txt").read_text().split()
    assert set(RECIPE["classes"]) == set(names)


def test_files_lie_and_read_as_the_genuine_ones(tmp_path: Path) -> None:
    recipe = few()
    root = synthesize(tmp_path / "s.txt", recipe)
    assert sorted(path.name for path in root.iterdir()) == ["ImageSplits", "JPEGImages", "XMLAnnotations"]
    lists = [f"ImageSplits/{path.name}" for path in (root / "ImageSplits").iterdir()]
    assert len(lists) == 11 and all((root / name).read_bytes().endswith(b"\r\n") for name in lists)
    assert dataset.read_counts(root / "ImageSplits/actions.txt") == dict.fromkeys(sorted(recipe["classes"]), 6)
    files = {path.stem: {"image": f"JPEGImages/{path.name}"} for path in (root / "JPEGImages").iterdir()}
    rows = dataset.manifest_rows(root, files, lists)
    assert len(rows) == 30 and all(row["path"] for row in rows)
    numbers = [
        sorted(int(clip.name[-3:]) for clip in stanford40.list_clips(recipe) if clip.action == a)
        for a in recipe["classes"]
    ]
    assert numbers == [[1, 2, 3, 4, 5, 6]] * 5
    for clip in stanford40.list_clips(recipe):
        image = cv2.imread(str(root / f"JPEGImages/{clip.name}.jpg"))
        box, size = read_box(root / f"XMLAnnotations/{clip.name}.xml")
        assert image.shape == (*size, 3) and size[::-1] == stanford40.size_of(clip, recipe)
        joints = people.pixels_of(stanford40.scene_of(clip, recipe), BODIES["penn_action"])[0] + 0.5
        inside = ((joints >= 0) & (joints <= size[::-1])).all(axis=1)
        within = (joints >= box[:2] - 1) & (joints <= box[2:] + 1)
        assert within[inside].all() and (box[2:] - box[:2]).max() < 1.3 * np.ptp(joints, axis=0).max() + 2


def test_files_depend_on_the_recipe_alone(tmp_path: Path) -> None:
    first = contents(synthesize(tmp_path / "a.txt", few()))
    assert first == contents(synthesize(tmp_path / "b.txt", few()))
    other = contents(synthesize(tmp_path / "a.txt", few() | {"seed": 7}))
    assert not any(first[name] == other[name] for name in first if name.endswith(".jpg"))


def test_pose_and_objects_tell_the_class_together_only() -> None:
    """What tells it: joints around the pelvis, and the kinds of objects at hand and foot; of every third image."""
    poses, kinds, classes = [], [], []
    names = RECIPE["scene"]["props"]["kinds"]
    for clip in CLIPS[::3]:
        scene = stanford40.scene_of(clip, RECIPE)
        joints = people.pixels_of(scene, BODIES["penn_action"])[0]
        poses.append((joints - joints.mean(axis=0)).ravel() / joints.std())
        kinds.append(np.eye(len(names))[[names.index(prop.kind) for prop in scene.acts[0].props]].ravel())
        classes.append(sorted(RECIPE["classes"]).index(clip.action))
    shares = []
    for features in (poses, kinds, np.concatenate([poses, kinds], axis=1)):
        forest = RandomForestClassifier(30, random_state=0, n_jobs=1)
        shares.append(cross_val_score(forest, np.array(features), classes, cv=3).mean())
    pose, object_, both = shares
    assert pose > 2 / 40 and object_ > 4 / 40
    assert max(pose, object_) < 0.35 < 0.6 < both


def side_information(root: Path, clips: list[stanford40.Clip]) -> np.ndarray:
    """Everything about an image but what it shows and its name: number, bytes, size, colours."""
    rows = []
    for clip in clips:
        path = root / stanford40.IMAGES / f"{clip.name}.jpg"
        picture = cv2.imread(str(path)).astype(float)
        colours = [*picture.mean((0, 1)), *picture[:20].mean((0, 1)), *picture[-20:].mean((0, 1)), picture.std()]
        note = (root / stanford40.ANNOTATIONS / f"{clip.name}.xml").stat().st_size - 2 * len(clip.action)
        rows.append([int(clip.name[-3:]), path.stat().st_size, note, *picture.shape[:2], *colours])
    return np.array(rows, float)


@pytest.mark.parametrize("images", [(6, 4), pytest.param((18, 12), marks=pytest.mark.slow)])
def test_side_information_does_not_tell_the_class(tmp_path: Path, images: tuple[int, int]) -> None:
    recipe = RECIPE | dict(zip(("train", "test"), images, strict=True))
    root, clips = synthesize(tmp_path / "s.txt", recipe), stanford40.list_clips(recipe)
    actions = np.unique([clip.action for clip in clips], return_inverse=True)[1]
    check_chance(side_information(root, clips), actions, np.array([clip.scene for clip in clips]))
