"""The stand-in of sub-JHMDB: layout and quirks of the genuine files, and nothing that tells the class."""

import json
from collections import Counter
from copy import deepcopy
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.io import loadmat

from poseattn.datasets.hmdb51 import read_split
from poseattn.pose.parts import BODIES
from poseattn.stages import synthesize_dataset
from poseattn.synthetic import people, sub_jhmdb
from tests.synthetic.chance import check_chance
from tests.synthetic.recipe import people_recipe

RECIPE = people_recipe("sub_jhmdb")
CLIPS = sub_jhmdb.list_clips(RECIPE)


def few() -> dict:
    """The shipped recipe with short clips of two classes."""
    recipe = deepcopy(RECIPE)
    recipe["classes"] = dict(list(recipe["classes"].items())[:2])
    recipe["scene"] |= {"frames": [3, 4]}
    return recipe


def synthesize(out: Path, recipe: dict) -> Path:
    synthesize_dataset.run(layout="sub_jhmdb", recipe=json.dumps(recipe), out=out, threads=1)
    return out.with_suffix("")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def count(path: Path) -> tuple[int, int]:
    """Frames that a video claims to have, and that decode."""
    capture, frames = cv2.VideoCapture(str(path)), 0
    while capture.grab():
        frames += 1
    return int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), frames


def test_names_are_unique_and_odd():
    names = [clip.name for clip in CLIPS]
    assert 240 <= len(names) == len(set(names)) <= 340
    assert all(any(sign in name for name in names) for sign in "#@[]( &%'!")
    assert any(name.startswith("-") for name in names)


def test_files_lie_and_read_as_the_genuine_ones(tmp_path):
    recipe = few()
    root = synthesize(tmp_path / "jhmdb.txt", recipe)
    clips = sub_jhmdb.list_clips(recipe)
    assert sorted(path.name for path in root.iterdir()) == ["ReCompress_Videos", "joint_positions", "sub_splits"]
    claims = []
    for clip in clips:
        claimed, frames = count(root / "ReCompress_Videos" / clip.action / f"{clip.name}.avi")
        found = loadmat(root / "joint_positions" / clip.action / clip.name / "joint_positions.mat")
        fields = {name: value.shape for name, value in found.items() if name[0] != "_"}
        both, one = (2, 15, frames), (1, frames)
        assert fields == {"pos_img": both, "pos_world": both, "scale": one, "viewpoint": one}
        true = people.pixels_of(sub_jhmdb.scene_of(clip, recipe), BODIES["sub_jhmdb"]) + 1
        assert abs(np.moveaxis(found["pos_img"], 0, -1).swapaxes(0, 1) - true).max() < 6
        # as a genuine file has it: (x - W / 2) / H / scale
        world = (found["pos_img"][0] - 160) / 240 / found["scale"]
        np.testing.assert_allclose(found["pos_world"][0], world)
        claims.append(claimed - frames)
    assert min(claims) < 3 and max(claims) > 5


def test_a_split_gives_whole_people_to_training_or_testing(tmp_path):
    sub_jhmdb.finish(tmp_path, CLIPS, RECIPE)
    films = {clip.name: clip.source for clip in CLIPS}
    tested = []
    for number in (1, 2, 3):
        parts: dict[str, set[int]] = {"trains": set(), "tests": set()}
        for action in RECIPE["classes"]:
            uses = read_split(tmp_path / f"sub_splits/{action}_test_split{number}.txt")
            assert set(uses) == {clip.name for clip in CLIPS if clip.action == action}
            assert Counter(uses.values()) == {"trains": 15, "tests": 7}
            for name, use in uses.items():
                parts[use].add(films[name])
        assert not parts["trains"] & parts["tests"]
        tested.append(parts["tests"])
    assert tested[0] != tested[1] != tested[2]
    lines = (tmp_path / "sub_splits/golf_test_split1.txt").read_text().splitlines()
    assert all(line.endswith((".avi 1", ".avi 2")) for line in lines)


def test_files_depend_on_the_recipe_alone(tmp_path):
    first = contents(synthesize(tmp_path / "a.txt", few()))
    assert first == contents(synthesize(tmp_path / "b.txt", few()))
    other = contents(synthesize(tmp_path / "a.txt", few() | {"seed": 7}))
    assert not any(first[name] == other[name] for name in first.keys() & other.keys())


def side_information(root: Path) -> np.ndarray:
    """Everything about a clip but what its pictures show and where the joints are, (clip, feature)."""
    return np.array([_of_video(root, clip) + _of_name(clip) for clip in CLIPS])


def _of_video(root: Path, clip: sub_jhmdb.Clip) -> list[float]:
    """Length, frames too many, bytes and how they vary, colours of the first picture and its edges; the other files."""
    path = root / sub_jhmdb.VIDEOS / clip.action / f"{clip.name}.avi"
    content = path.read_bytes()
    sizes = np.frombuffer(content, "<u4", offset=content.rindex(b"idx1") + 8).reshape(-1, 4)[:, 3].astype(float)
    picture = cv2.VideoCapture(str(path)).read()[1].astype(float)
    colors = [*picture.mean((0, 1)), *picture[:20].mean((0, 1)), *picture[-20:].mean((0, 1)), picture.std()]
    spread = [sizes.mean(), sizes.std(), sizes.min(), sizes.max(), np.abs(np.diff(sizes)).mean()]
    fields = loadmat(root / sub_jhmdb.JOINTS / clip.action / clip.name / "joint_positions.mat")
    puppet = [fields["scale"].mean(), abs(fields["viewpoint"]).mean()]
    return [len(sizes), count(path)[0] - len(sizes), len(content), *spread, *colors, *puppet]


def _of_name(clip: sub_jhmdb.Clip) -> list[float]:
    """Length of the name without its class, and its tags."""
    tags = clip.name.rpartition(f"_{clip.action}_")[2].split("_")
    known = ("f", "u", "h", "l", "cm", "nm", "np1", "np2", "fr", "ba", "le", "ri", "goo", "med", "bad", "0")
    return [len(clip.name) - len(clip.action), *map(known.index, tags)]


@pytest.mark.parametrize("frames", [[3, 5], pytest.param(RECIPE["scene"]["frames"], marks=pytest.mark.slow)])
def test_side_information_does_not_tell_the_class(tmp_path, frames):
    root = synthesize(tmp_path / "jhmdb.txt", RECIPE | {"scene": RECIPE["scene"] | {"frames": frames}})
    actions = np.unique([clip.action for clip in CLIPS], return_inverse=True)[1]
    check_chance(side_information(root), actions, np.array([clip.source for clip in CLIPS]))
