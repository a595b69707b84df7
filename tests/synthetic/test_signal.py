"""Where the evidence is matters: a classifier that looks there beats one that averages over the picture."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import yaml
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torchvision.models.feature_extraction import create_feature_extractor

from poseattn.stages import pretrain_backbone, render_objects
from poseattn.stages._backbones import build_backbone
from poseattn.synthetic import hmdb51, moving
from tests.synthetic.recipe import moving_recipe, stills

PAPER = Path(__file__).parents[2] / "workflow/papers/soft_attention.yaml"


def maps(weights: Path, pretraining: dict, scene: moving.Scene, recipe: dict) -> torch.Tensor:
    """Maps of layer3 of every third frame at 112 pixels, (frame, d, row, col)."""
    backbone = build_backbone(pretraining | {"size": 112}, weights)
    layer3 = create_feature_extractor(backbone.network, ["layer3"])
    mean, std = (torch.tensor(backbone.network.pretrained_cfg[name])[:, None, None] * 255 for name in ("mean", "std"))
    pictures = list(moving.grainy(np.random.default_rng(0), scene, recipe["scene"]))[::3]
    pixels = np.stack([cv2.resize(picture, (112, 112), interpolation=cv2.INTER_AREA) for picture in pictures])
    with torch.no_grad():
        rgb = torch.from_numpy(pixels[..., ::-1].copy()).permute(0, 3, 1, 2)
        return layer3((rgb - mean) / std)["layer3"]


@pytest.mark.slow
def test_looking_at_the_evidence_beats_averaging_and_both_beat_chance(tmp_path: Path) -> None:
    pretraining = yaml.safe_load(PAPER.read_text(encoding="utf-8"))["pretrain"]["moving_objects"]["standin"]
    render_objects.run(recipe=json.dumps(stills(6000)), out=tmp_path / "stills.h5", code="c0de")
    about = {"recipe": json.dumps(pretraining), "threads": 1, "device": "cpu", "code": "c0de"}
    pretrain_backbone.run(images=tmp_path / "stills.h5", out=tmp_path / "weights.pt", **about)
    recipe = moving_recipe("hmdb51")
    average, there, labels, tests = [], [], [], []
    for clip in hmdb51.list_clips(recipe):
        scene = hmdb51.scene_of(clip, recipe)
        cube = maps(tmp_path / "weights.pt", pretraining, scene, recipe)
        assert cube.shape[2:] == (7, 7)
        cols, rows = (7 * scene.evidence[0].path[::3]).astype(int).T
        average.append(cube.mean((0, 2, 3)).numpy())
        there.append(cube[np.arange(len(rows)), :, rows, cols].mean(0).numpy())
        labels.append(clip.action)
        tests.append(clip.source < 3)
    labels, tests = np.array(labels), np.array(tests)

    def accuracy(features: list[np.ndarray]) -> float:
        table = np.stack(features)
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
        return model.fit(table[~tests], labels[~tests]).score(table[tests], labels[tests])

    assert accuracy(there) > 0.85
    assert 0.35 < accuracy(average) < accuracy(there) - 0.2
