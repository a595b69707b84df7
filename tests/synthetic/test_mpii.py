"""The stand-in of MPII: layout and arrays of the genuine files, and joints that lie on the people."""

import json
from copy import deepcopy
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest

from poseattn.datasets import mpii as dataset
from poseattn.datasets.mpii_annotations import read_people
from poseattn.pose.parts import BODIES
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import mpii
from tests.synthetic.recipe import still_recipe

RECIPE = still_recipe("mpii")
GENUINE = {"center": 2, "imgname": 0, "index": 0, "normalize": 0, "part": (16, 2), "person": 0, "scale": 0}
GENUINE |= {"torsoangle": 0, "visible": 16}


def few(**changes: object) -> dict:
    return deepcopy(RECIPE) | {"train": 30, "test": 12} | changes


def synthesize(out: Path, recipe: dict) -> Path:
    synthesize_dataset.run(layout="mpii", recipe=json.dumps(recipe), out=out, threads=1)
    return out.with_suffix("")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(tmp_path_factory.mktemp("mpii") / "a.txt", few())


def test_files_lie_and_read_as_the_genuine_ones(root: Path) -> None:
    assert sorted(path.name for path in root.iterdir()) == ["annot", "images"]
    names = ["train.h5", "train_images.txt", "valid.h5", "valid_images.txt"]
    assert sorted(path.name for path in (root / "annot").iterdir()) == names
    images = {path.name for path in (root / "images").iterdir()}
    assert len(images) == 42 and all(len(name) == 13 and name[:9].isdigit() for name in images)
    for part, count in (("train", 30), ("valid", 12)):
        with h5py.File(root / f"annot/{part}.h5") as file:
            assert {name: file[name].dtype.kind for name in file} == dict.fromkeys(GENUINE, "f") | {"imgname": "S"}
            n_people = len(file["scale"])
            for name, shape in GENUINE.items():
                shape = shape if isinstance(shape, tuple) else (shape,) if shape else ()
                assert file[name].shape == (n_people, *shape)
        listed = (root / f"annot/{part}_images.txt").read_text().split()
        assert len(listed) == count and set(read_people(root / f"annot/{part}.h5").image) <= set(listed) <= images


def test_rows_are_read_as_those_of_the_data_set(root: Path) -> None:
    files = {path.stem: {"image": f"images/{path.name}"} for path in (root / "images").iterdir()}
    rows = dataset.manifest_rows(root, files, ["annot/train.h5", "annot/valid.h5"])
    assert len(rows) > 42 and all(row["path"] for row in rows)
    assert len({row["group"] for row in rows if "trains" in row}) == 30
    assert any(row["clip_id"].endswith("=1") for row in rows)


def test_marks_lie_on_the_joints_and_crops_around_people(root: Path) -> None:
    recipe = few()
    clips = {f"{clip.name}.jpg": clip for clip in mpii.list_clips(recipe)}
    people = read_people(root / "annot/train.h5")
    gaps, ankles, heads = [], [], []
    for row, (image, number) in enumerate(zip(people.image, people.number.tolist(), strict=True)):
        scene = mpii.scene_of(clips[image], recipe)
        gap = np.linalg.norm(people.joints[row] + 0.5 - 1 - mpii.joints_of(scene, number), axis=-1)
        gaps += gap[people.valid[row] > 0].tolist()
        half = 100 * people.scale[row]
        share = abs(people.joints[row] - people.center[row])[people.valid[row] > 0] / half
        assert share.max() < 1.15 and 0.4 < share.max()
        ankles.append(people.joints[row, [0, 5], 1].mean())
        heads.append(people.joints[row, 9, 1])
        inside = (people.joints[row] > 0) & (people.joints[row] < cv2.imread(str(root / "images" / image)).shape[1::-1])
        assert inside[people.valid[row] > 0].all()
    assert 0.5 < np.median(gaps) < 1.5 and max(gaps) < 4
    assert (np.array(ankles) > np.array(heads) + 30).mean() > 0.95
    np.testing.assert_allclose(people.head, 20 * people.scale, rtol=1e-5)  # as in the genuine files


def test_right_is_the_person_s_right(root: Path) -> None:
    """Nobody turns their back, so a right shoulder is on the left of the image, as in photographs."""
    names = BODIES["mpii"].joints
    joints = read_people(root / "annot/train.h5").joints
    right, left = (joints[:, names.index(f"{side}_shoulder"), 0] for side in ("right", "left"))
    assert (right < left).mean() > 0.95


def test_files_depend_on_the_recipe_alone(root: Path, tmp_path: Path) -> None:
    again = synthesize(tmp_path / "b.txt", few())
    for path in (path for path in root.rglob("*") if path.is_file()):
        other = again / path.relative_to(root)
        if path.suffix == ".h5":
            with h5py.File(path) as mine, h5py.File(other) as theirs:
                assert all(np.array_equal(mine[name][:], theirs[name][:]) for name in GENUINE)
        else:
            assert path.read_bytes() == other.read_bytes()
    names = [{clip.name for clip in mpii.list_clips(few(seed=seed))} for seed in (25000, 7)]
    assert not names[0] & names[1]


def test_people_of_both_parts_are_drawn_from_numbers_of_their_own() -> None:
    clips = mpii.list_clips(RECIPE)
    assert len({clip.number for clip in clips}) == len({clip.name for clip in clips}) == len(clips) == 1440
    assert [clip.part for clip in clips].count("valid") == RECIPE["test"]
