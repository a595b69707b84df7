"""Training heatmaps: the loss by a literal loop, changes of pictures that joints follow, and the stage around it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from poseattn.__main__ import main
from poseattn.backbones import hourglass
from poseattn.pretraining.heatmaps import heatmap_loss
from poseattn.pretraining.inputs import Inputs
from poseattn.pretraining.joint_test import test as score
from poseattn.pretraining.people import People, in_cells
from poseattn.pretraining.squares import sample
from poseattn.training.checkpoint import SideFile
from tests.people import MARGIN, REACH, spots, write_people

RECIPE = {
    "method": "heatmaps", "dataset": "toy", "backbone": "hourglass", "arguments": {"stacks": 1, "features": 16},
    "size": 64, "seed": 0,
    "scale": 0.25, "rotation": 30, "mirror": True, "gain": 0.2, "deviation": 1, "batch": 4, "iterations": 3,
    "drops": [2], "drop": 0.5, "optimizer": "adam", "learning_rate": 0.004, "start": None, "weights": "random",
}  # fmt: skip


def _people(folder: Path, part: str = "train", joint: int | None = None, **changes: object) -> People:
    files = write_people(folder, 6, 2, joint)
    inputs = Inputs(**files, classes=[], protocol="official", threads=1, side_file=SideFile(folder / "s.pt", {}))
    return People(inputs, part, RECIPE | changes)


def test_loss_by_a_literal_loop() -> None:
    rng = np.random.default_rng(0)
    stacks, target = rng.normal(size=(3, 2, 4, 5, 6)), rng.normal(size=(2, 4, 5, 6))
    valid = np.array([[1, 0, 1, 1], [0, 0, 1, 1]], np.uint8)
    total = 0.0
    for stack in stacks:
        for person in range(2):
            for joint in range(4):
                if valid[person, joint]:
                    error = 0.0
                    for row in range(5):
                        for col in range(6):
                            error += (stack[person, joint, row, col] - target[person, joint, row, col]) ** 2
                    total += error / 30
    tensors = [torch.from_numpy(stack) for stack in stacks]
    loss = heatmap_loss(tensors, torch.from_numpy(target), torch.from_numpy(valid))
    assert loss.item() == pytest.approx(total / 5)
    assert heatmap_loss(tensors, torch.from_numpy(target), torch.zeros(2, 4, dtype=torch.uint8)).item() == 0


def _centre(image: np.ndarray) -> np.ndarray:
    """Centre of gravity, as a share of half an edge from the middle."""
    levels = image.astype(float).sum(axis=-1)
    rows, cols = (np.mgrid[: len(levels), : len(levels)] + 0.5) / len(levels) * 2 - 1
    return np.array([(cols * levels).sum(), (rows * levels).sum()]) / levels.sum()


@pytest.mark.parametrize("joint", [0, 7])
def test_a_joint_goes_where_its_picture_goes(tmp_path: Path, joint: int) -> None:
    """A spot painted at one joint, through every random change; a mirrored right ankle is a left one."""
    people = _people(tmp_path, joint=joint, scale=0.3, rotation=40)
    batch = people.draw(0, 24)
    images = sample(*(torch.from_numpy(a.astype(t)) for a, t in zip(batch[:3], "Bff", strict=True)), (96, 96)).numpy()
    mirrored = np.linalg.det(batch.move) < 0
    assert 4 < mirrored.sum() < 20
    seen = 0
    for image, flipped, joints in zip(images, mirrored, batch.joints, strict=True):
        x, y = joints[people.body.mirrored[joint] if flipped else joint]
        if max(abs(x), abs(y)) < 0.75:  # the whole spot is inside
            np.testing.assert_allclose(_centre(image), [x, y], atol=0.02)
            seen += 1
    assert seen > 10


def test_unchanged_people_are_the_middle_of_what_is_stored(tmp_path: Path) -> None:
    people = _people(tmp_path, "test")
    (batch,) = people.as_they_are(5)
    assert people.clip_ids == ["p04", "p05"] and len(batch.pictures) == 2
    np.testing.assert_allclose(batch.joints, [(spots(n) - [150, 100]) / REACH for n in (4, 5)], atol=1e-5)
    np.testing.assert_allclose(batch.move, [np.eye(2) / MARGIN] * 2)
    assert in_cells(np.array([[-1.0, -1], [0, 1]]), (10, 20)).tolist() == [[0, 0], [10, 10]]


def test_draws_depend_on_the_place_alone_and_everybody_comes_once_a_round(tmp_path: Path) -> None:
    people, again = _people(tmp_path), _people(tmp_path)
    whole = people.draw(0, 8)
    for first, expected in zip(range(0, 8, 4), (slice(0, 4), slice(4, 8)), strict=True):
        for mine, theirs in zip(again.draw(first, 4), whole, strict=True):
            np.testing.assert_array_equal(mine, theirs[expected])
    rounds = [[people._person_at(place) for place in range(n, n + 4)] for n in range(0, 40, 4)]
    assert all(sorted(one) == [0, 1, 2, 3] for one in rounds) and len(set(map(tuple, rounds))) > 1
    assert not np.array_equal(people.draw(0, 4).move, _people(tmp_path, seed=1).draw(0, 4).move)


def test_an_unknown_joint_stays_unknown_when_mirrored(tmp_path: Path) -> None:
    people = _people(tmp_path)
    batch = people.draw(0, 40)
    mirrored = np.linalg.det(batch.move) < 0
    unknown = {
        (bool(flip), joint)
        for flip, joint in zip(
            *[mirrored[np.nonzero(batch.valid == 0)[0]], np.nonzero(batch.valid == 0)[1].tolist()], strict=True
        )
    }
    assert unknown == {(False, 3), (True, 2)}


class _Perfect(torch.nn.Module):
    """Draws a peak at each joint of the two test people, in the picture as it is and in its mirror image."""

    def __init__(self, people: People, wrong: float) -> None:
        super().__init__()
        self.input_shape, self.anchor, self.calls = (64, 64, 3), torch.nn.Parameter(torch.zeros(1)), 0
        self.people, self.wrong = people, wrong

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        joints = np.stack([(spots(n) - [150, 100]) / REACH for n in (4, 5)])
        self.calls += 1
        if self.calls % 2 == 0:
            joints = joints[:, list(self.people.body.mirrored)] * [-1, 1]
        maps = torch.zeros(2, 64, 64, 16)
        for person, joint in np.ndindex(2, 16):
            col, row = np.floor(in_cells(joints[person, joint] + [0, self.wrong if person else 0], (64, 64))).astype(
                int
            )
            maps[person, row, col, joint] = 1
        return maps


def test_pckh_by_hand(tmp_path: Path) -> None:
    """Heads of 16 pixels: 8 count as near; the second person's joints are 10 pixels too low."""
    people = _people(tmp_path, "test")
    assert score(_Perfect(people, 0.0), people, 8)["pckh"] == 1
    found = score(_Perfect(people, 10 / REACH), people, 8)
    assert found["pckh"] == 0.5 and set(found["pckh_of"]) == set(people.body.joints)
    assert score(_Perfect(people, 6 / REACH), people, 8)["pckh"] == 1


def _words(folder: Path, out: Path, recipe: dict) -> list[str]:
    files = write_people(folder, 6, 2)
    words = ["pretrain-backbone", *(str(w) for k, (v,) in files.items() for w in (f"--{k}", v)), "--classes", "--start"]
    rest = ["--protocol", "official", "--recipe", json.dumps(recipe), "--out", str(out), "--threads", "1"]
    return [*words, *rest, "--device", "cpu", "--code", "c"]


def test_stage_gives_weights_that_the_backbone_loads_and_twice_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert main(_words(tmp_path, tmp_path / f"{name}.pt", RECIPE)) == 0
    assert (tmp_path / "first.pt").read_bytes() == (tmp_path / "second.pt").read_bytes()
    saved = torch.load(tmp_path / "first.pt", weights_only=True)
    assert (saved["n_train"], saved["n_test"], saved["weights"]) == (4, 2, "trained-on-toy")
    assert 0 <= saved["pckh"] <= 1 and len(saved["pckh_of"]) == 16
    hourglass.build(weights=tmp_path / "first.pt", size=64, seed=1, stacks=1, features=16)
    assert not list(tmp_path.glob("*.resume.pt"))


def test_a_killed_training_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("poseattn.pretraining.heatmaps._SAVED_EVERY", 2)
    assert main(_words(tmp_path, tmp_path / "whole.pt", RECIPE | {"iterations": 4})) == 0

    def kill(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("poseattn.pretraining.heatmaps.test", kill)
        assert main(_words(tmp_path, tmp_path / "killed.pt", RECIPE | {"iterations": 4})) == 130
    progress = torch.load(tmp_path / "killed.resume.pt", weights_only=True)
    assert len(progress["history"]) == 4
    assert main(_words(tmp_path, tmp_path / "killed.pt", RECIPE | {"iterations": 4})) == 0
    assert (tmp_path / "whole.pt").read_bytes() == (tmp_path / "killed.pt").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "sgd"}, "optimizer 'sgd', expected adam or rmsprop"),
        (
            {"arguments": {"stacks": 1, "features": 16, "joints": 14}},
            "backbone has 14 heatmaps, 16 joints are annotated",
        ),
        ({"learning_rate": 1e30}, "the loss is nan after"),
    ],
)
def test_what_does_not_fit_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict, message: str
) -> None:
    assert main(_words(tmp_path, tmp_path / "a.pt", RECIPE | change)) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]
    recipe = {key: value for key, value in RECIPE.items() if key != "deviation"}
    assert main(_words(tmp_path, tmp_path / "a.pt", recipe)) == 1
    assert capsys.readouterr().err.splitlines()[-1].endswith("key 'deviation' is missing")


def test_nobody_to_train_on_and_pictures_of_another_kind(tmp_path: Path) -> None:
    files = write_people(tmp_path, 3, 3)
    inputs = Inputs(**files, classes=[], protocol="official", threads=1, side_file=SideFile(tmp_path / "s.pt", {}))
    with pytest.raises(ValueError, match="nobody to train on in official: 0 in the manifest, none stored"):
        People(inputs, "train", RECIPE)
    with pytest.raises(ValueError, match="expected one manifest, and shards of poses"):
        People(inputs._replace(poses=[]), "test", RECIPE)


@pytest.mark.slow
def test_a_small_network_learns_where_coloured_spots_are(tmp_path: Path) -> None:
    """Joints 1 to 7 have colours of their own; chance to hit is about a sixteenth."""
    recipe = RECIPE | {"iterations": 700, "drops": [500], "drop": 0.1, "rotation": 0, "mirror": False, "gain": 0.0}
    assert main(_words(tmp_path, tmp_path / "a.pt", recipe | {"scale": 0.0})) == 0
    files = write_people(tmp_path, 6, 6)
    inputs = Inputs(**files, classes=[], protocol="official", threads=1, side_file=SideFile(tmp_path / "s.pt", {}))
    network = hourglass.build(weights=tmp_path / "a.pt", size=64, seed=0, stacks=1, features=16)
    known = People(inputs, "test", recipe)
    assert score(network, known, 6)["pckh"] > 0.5
