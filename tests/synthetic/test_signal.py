"""Where the evidence is matters: a classifier that looks there beats one that averages over the picture."""

import json
from collections.abc import Callable, Iterable
from itertools import combinations

import cv2
import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torchvision.models.feature_extraction import create_feature_extractor

from poseattn.extraction.backbone import build_backbone
from poseattn.stages import pretrain_backbone, render_objects
from poseattn.synthetic import hmdb51, moving, people, sub_jhmdb
from poseattn.synthetic.camera import project
from tests import papers
from tests.synthetic.recipe import moving_recipe, people_recipe, stills


@pytest.fixture(scope="module")
def layer3(tmp_path_factory: pytest.TempPathFactory) -> Callable[[np.ndarray], torch.Tensor]:
    """The stand-in of a pretrained network: RGB pictures, (frame, row, col, 3), to maps, (frame, d, row, col)."""
    folder = tmp_path_factory.mktemp("signal")
    pretraining = papers.paper("soft_attention")["pretrain"]["moving_objects"]["standin"]
    render_objects.run(recipe=json.dumps(stills(6000)), out=folder / "stills.h5", code="c0de")
    about = {"recipe": json.dumps(pretraining), "threads": 1, "device": "cpu", "code": "c0de"}
    about |= {"poses": [], "manifest": [], "classes": [], "protocol": "", "start": []}
    pretrain_backbone.run(images=[folder / "stills.h5"], out=folder / "weights.pt", **about)
    backbone = build_backbone(pretraining | {"size": 112}, folder / "weights.pt")
    network = create_feature_extractor(backbone.network, ["layer3"])
    mean, std = (torch.tensor(backbone.network.pretrained_cfg[name])[:, None, None] * 255 for name in ("mean", "std"))

    def maps(pictures: np.ndarray) -> torch.Tensor:
        with torch.no_grad():
            return network((torch.from_numpy(pictures).permute(0, 3, 1, 2) - mean) / std)["layer3"]

    return maps


def accuracy(features: list[np.ndarray], labels: np.ndarray, tests: np.ndarray) -> float:
    table = np.stack(features)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
    return model.fit(table[~tests], labels[~tests]).score(table[tests], labels[tests])


def shrink(pictures: Iterable[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """BGR pictures as RGB ones of a width and height."""
    return np.stack([cv2.resize(picture, size, interpolation=cv2.INTER_AREA)[..., ::-1] for picture in pictures])


@pytest.mark.slow
def test_looking_at_the_evidence_beats_averaging_and_both_beat_chance(layer3: Callable) -> None:
    recipe = moving_recipe("hmdb51")
    average, there, labels, tests = [], [], [], []
    for clip in hmdb51.list_clips(recipe):
        scene = hmdb51.scene_of(clip, recipe)
        pictures = list(moving.grainy(np.random.default_rng(0), scene, recipe["scene"]))[::3]
        cube = layer3(shrink(pictures, (112, 112)))
        assert cube.shape[2:] == (7, 7)
        cols, rows = (7 * scene.evidence[0].path[::3]).astype(int).T
        average.append(cube.mean((0, 2, 3)).numpy())
        there.append(cube[np.arange(len(rows)), :, rows, cols].mean(0).numpy())
        labels.append(clip.action)
        tests.append(clip.source < 3)
    about = np.array(labels), np.array(tests)
    assert accuracy(there, *about) > 0.85
    assert 0.35 < accuracy(average, *about) < accuracy(there, *about) - 0.2


@pytest.mark.slow
def test_looking_at_hands_and_feet_tells_objects_and_not_the_direction_of_a_swing(layer3: Callable) -> None:
    recipe = people_recipe("sub_jhmdb")
    average, parts, labels, tests = [], [], [], []
    for clip in sub_jhmdb.list_clips(recipe):
        scene = sub_jhmdb.scene_of(clip, recipe)
        pictures = list(people.film(np.random.default_rng(0), scene, recipe))[::3]
        cube = layer3(shrink(pictures, (240, 180)))
        cells = np.array(cube.shape[:1:-1]) / sub_jhmdb.SIZE
        place = (project(scene.position[0][::3], scene.lens) * cells).astype(int)
        place = place.clip(0, np.array(cube.shape[:1:-1]) - 1)
        limbs = [cube[np.arange(len(place)), :, place[:, j, 1], place[:, j, 0]].mean(0) for j in (7, 11, 14, 18)]
        parts.append(torch.cat([limbs[0] + limbs[1], limbs[2] + limbs[3]]).numpy())
        average.append(cube.mean((0, 2, 3)).numpy())
        labels.append(clip.action)
        tests.append(clip.source < 5)
    labels, tests = np.array(labels), np.array(tests)
    assert accuracy(parts, labels, tests) > 2 * accuracy(average, labels, tests) > 2 / 12
    entries = recipe["classes"]
    for told_by, low, high in (("object", 0.75, 1.0), ("move", 0.3, 0.7)):
        scores = []
        for first, second in combinations(entries, 2):
            same = [key for key in entries[first] if entries[first][key] == entries[second][key]]
            if len(same) == len(entries[first]) - 1 and told_by not in same:
                pair = np.isin(labels, [first, second])
                scores.append(
                    accuracy([part for part, kept in zip(parts, pair, strict=True) if kept], labels[pair], tests[pair])
                )
        assert len(scores) == 3 and low <= np.mean(scores) <= high
