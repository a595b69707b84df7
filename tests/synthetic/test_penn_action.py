"""The stand-in of Penn Action: layout, types and quirks of the genuine files, and nothing that tells the class."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import loadmat

from poseattn.clips.standin_record import check_contents
from poseattn.pose.parts import BODIES
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import penn_action, people
from tests.synthetic.chance import check_chance
from tests.synthetic.recipe import people_recipe

RECIPE = people_recipe("penn_action")
CLIPS = penn_action.list_clips(RECIPE)


def few() -> dict:
    """The shipped recipe with two subjects and short clips of three classes."""
    recipe = deepcopy(RECIPE) | {"train": 1, "test": 1}
    recipe["classes"] = dict(list(recipe["classes"].items())[:3])
    recipe["scene"] |= {"frames": [3, 4]}
    return recipe


def synthesize(out: Path, recipe: dict) -> Path:
    synthesize_dataset.run(layout="penn_action", recipe=json.dumps(recipe), out=out, threads=1)
    return out.with_suffix("")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def labels() -> list[dict[str, np.ndarray]]:
    """Fields of all label files."""
    return [penn_action.labels_of(clip, penn_action.scene_of(clip, RECIPE), RECIPE) for clip in CLIPS]


def test_every_subject_does_every_action_and_is_in_one_part():
    assert 400 <= len(CLIPS) <= 600
    shown = Counter((clip.action, clip.subject) for clip in CLIPS)
    assert len(shown) == len(CLIPS) == 15 * (RECIPE["train"] + RECIPE["test"])
    parts = [{clip.subject for clip in CLIPS if clip.trains == trains} for trains in (True, False)]
    assert not parts[0] & parts[1] and len(parts[0]) == RECIPE["train"] and len(parts[1]) == RECIPE["test"]
    assert [clip.name for clip in CLIPS[:2]] == ["0001", "0002"]
    assert len({clip.action for clip in CLIPS[:14]}) > 5  # numbers do not follow the classes


def test_files_lie_and_read_as_the_genuine_ones(tmp_path):
    recipe = few()
    root = synthesize(tmp_path / "penn.txt", recipe)
    clips = penn_action.list_clips(recipe)
    check_contents(root, ["."])
    assert sorted(path.name for path in (root / "Penn_Action/labels").iterdir()) == [f"{c.name}.mat" for c in clips]
    for clip in clips:
        found = loadmat(root / f"Penn_Action/labels/{clip.name}.mat")
        fields = ["action", "pose", "x", "y", "visibility", "train", "bbox", "dimensions", "nframes"]
        assert [name for name in found if name[0] != "_"] == fields
        frames = int(found["nframes"][0, 0])
        assert found["action"].tolist() == [clip.action] and found["train"].tolist() == [[1 if clip.trains else -1]]
        assert found["pose"][0] in ("front", "back", "left", "right")
        assert found["dimensions"].tolist() == [[clip.size[1], clip.size[0], frames]]
        assert {found[name].shape for name in ("x", "y", "visibility")} == {(frames, 13)}
        images = sorted((root / "Penn_Action/frames" / clip.name).iterdir())
        assert [path.name for path in images] == [f"{number:06d}.jpg" for number in range(1, frames + 1)]
        assert cv2.imread(str(images[-1])).shape == (*clip.size[::-1], 3)


def test_files_depend_on_the_recipe_alone(tmp_path):
    first = contents(synthesize(tmp_path / "a.txt", few()))
    assert first == contents(synthesize(tmp_path / "b.txt", few()))
    other = contents(synthesize(tmp_path / "a.txt", few() | {"seed": 7}))
    assert not any(first[name] == other[name] for name in first.keys() & other.keys())


def test_types_vary_as_in_the_genuine_files(labels):
    kinds = {name: Counter(str(np.asarray(fields[name]).dtype) for fields in labels) for name in labels[0]}
    assert set(kinds["x"]) | set(kinds["y"]) == {"float64", "uint16", "uint8"}
    assert len(set(kinds["x"])) > 1 < len(set(kinds["y"]))
    assert kinds["x"]["float64"] > 0.8 * len(labels)
    assert set(kinds["bbox"]) >= {"float64", "uint16"}
    assert set(kinds["nframes"]) == {"uint8", "uint16"} and kinds["nframes"]["uint8"] > 0.9 * len(labels)
    assert (set(kinds["visibility"]), set(kinds["train"]), set(kinds["dimensions"])) == (
        {"uint8"},
        {"int32"},
        {"uint16"},
    )
    assert {fields["pose"] for fields in labels} == {"front", "back", "left", "right"}


def test_boxes_are_missing_or_empty_and_frames_of_other_sizes(labels):
    assert Counter(len(fields["x"]) - len(fields["bbox"]) for fields in labels) == {0: len(labels) - 1, 1: 1}
    boxes = np.concatenate([fields["bbox"].astype(float) for fields in labels])
    empty = (boxes[:, :2] == boxes[:, 2:]).all(1)
    assert 0 < empty.sum() < 0.03 * len(boxes)
    assert (boxes[~empty, 2:] > boxes[~empty, :2]).all()
    assert Counter(clip.size for clip in CLIPS) == {(480, 270): len(CLIPS) - 2, (480, 360): 1, (270, 480): 1}


def test_some_joints_are_guessed_and_some_are_placeholders(labels):
    visible = np.concatenate([fields["visibility"].ravel() for fields in labels]).astype(bool)
    x, y = (np.concatenate([fields[name].ravel().astype(float) for fields in labels]) for name in "xy")
    placeholder = (x == y) & (x < 1.6)
    assert not (placeholder & visible).any()
    assert 0.07 < placeholder.mean() < 0.11 and 0.19 < (~visible).mean() < 0.25
    ratios = {round(value, 4) for value in x[placeholder].tolist()}
    assert ratios == {round(ratio, 4) for ratio in RECIPE["quirks"]["ratios"]}


def test_marks_lie_on_the_joints_and_on_the_grid_of_their_file(labels):
    for clip, fields in list(zip(CLIPS, labels, strict=True))[:40]:
        marks = np.stack([fields["x"], fields["y"]], axis=-1).astype(float)
        visible = fields["visibility"].astype(bool)
        true = people.pixels_of(penn_action.scene_of(clip, RECIPE), BODIES["penn_action"]) + 1
        gap = np.linalg.norm(marks - true, axis=-1)
        assert np.median(gap[visible]) < 2.5 and gap[visible].max() < 9
        assert any(np.allclose(marks / ratio, np.rint(marks / ratio)) for ratio in set(RECIPE["quirks"]["ratios"]))


def side_information(root: Path) -> np.ndarray:
    """Everything about a clip but what its pictures show and where the joints are, (clip, feature)."""
    return np.array([_of_frames(root, clip.name) + _of_labels(root, clip.name) for clip in CLIPS])


def _of_frames(root: Path, name: str) -> list[float]:
    """Number of the clip, length, frame size, bytes and how they vary, colours of the first picture and its edges."""
    paths = sorted((root / penn_action.FRAMES / name).iterdir())
    sizes = np.array([path.stat().st_size for path in paths], float)
    picture = cv2.imread(str(paths[0])).astype(float)
    colors = [*picture.mean((0, 1)), *picture[:20].mean((0, 1)), *picture[-20:].mean((0, 1)), picture.std()]
    spread = [sizes.mean(), sizes.std(), sizes.min(), sizes.max(), np.abs(np.diff(sizes)).mean()]
    return [int(name), len(paths), *picture.shape[:2], *spread, *colors]


def _of_labels(root: Path, name: str) -> list[float]:
    """Which direction, types, and what is missing."""
    path = root / penn_action.LABELS / f"{name}.mat"
    fields = loadmat(path)
    hidden = fields["visibility"] == 0
    x = fields["x"].astype(float)
    placeholder = hidden & (x < 1.6)
    types = [fields[key].dtype.itemsize for key in ("x", "bbox", "nframes")]
    boxes = fields["bbox"].astype(float)
    empty = (boxes[:, :2] == boxes[:, 2:]).sum()
    facing = ("front", "back", "left", "right").index(fields["pose"][0])
    return [*hidden.mean(0), placeholder.mean(), *types, empty, len(boxes) - len(x), facing]


@pytest.mark.parametrize("frames", [[3, 5], pytest.param(RECIPE["scene"]["frames"], marks=pytest.mark.slow)])
def test_side_information_does_not_tell_the_class(tmp_path, frames):
    root = synthesize(tmp_path / "penn.txt", RECIPE | {"scene": RECIPE["scene"] | {"frames": frames}})
    actions = np.unique([clip.action for clip in CLIPS], return_inverse=True)[1]
    check_chance(side_information(root), actions, np.array([clip.subject for clip in CLIPS]))
