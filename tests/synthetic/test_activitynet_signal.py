"""The shipped stand-in of ActivityNet: its classes show in the evidence, and nowhere else."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from poseattn.synthetic import activitynet
from poseattn.video.clip_frames import ClipFrames
from tests.synthetic.recipe import untrimmed_recipe
from tests.synthetic.test_activitynet import check_side_information, clips_of, synthesize

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """The shipped stand-in and its manifest."""
    folder = tmp_path_factory.mktemp("activitynet")
    root = synthesize(folder / "x.txt", untrimmed_recipe(), threads=2)
    return root, clips_of(root, folder / "m.tsv")


def test_side_information_does_not_tell_the_class(shipped: tuple[Path, pd.DataFrame]) -> None:
    check_side_information(*shipped)


def edges(pictures: list[np.ndarray]) -> np.ndarray:
    """Edges by direction in 8x8 cells, a mean over pictures: nothing of colours."""
    cells = []
    for picture in pictures:
        gray = cv2.cvtColor(cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
        right, down = (cv2.Sobel(gray, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
        angle = np.arctan2(down, right) % np.pi / np.pi * 8
        apart = abs((angle[..., None] - np.arange(8) + 4) % 8 - 4)
        weight = np.hypot(right, down)[..., None] * np.maximum(1 - apart, 0)
        cells.append(cv2.resize(weight, (8, 8), interpolation=cv2.INTER_AREA))
    mean = np.mean(cells, axis=0)
    return mean.ravel() / mean.sum()


def follow(pictures: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Centre and area of what moves before a still background, (frame, xy) and (frame,), shares of the picture."""
    small = np.float32([cv2.resize(picture, (64, 64), interpolation=cv2.INTER_AREA) for picture in pictures])
    moves = abs(small - np.median(small, axis=0)).max(-1) > 30
    area = moves.mean((1, 2)) + 1e-9
    share = (np.arange(64) + 0.5) / 64
    center = [(moves.mean(axis) * share).mean(-1) / area for axis in (1, 2)]
    return np.stack(center, axis=-1), area


def around(picture: np.ndarray, center: np.ndarray) -> np.ndarray:
    """Window of a picture about as large as an object."""
    height, width = picture.shape[:2]
    half = int(0.22 * np.sqrt(width * height))
    left, top = (center * (width, height)).astype(int)
    return cv2.copyMakeBorder(picture, *[half] * 4, cv2.BORDER_REPLICATE)[top : top + 2 * half, left : left + 2 * half]


def describe(pictures: list[np.ndarray]) -> dict[str, np.ndarray]:
    """What tells a place, an object and a move."""
    center, area = follow(pictures)
    x, y = center.T
    with np.errstate(invalid="ignore"):
        moves = [x.std(), y.std(), area.std() / area.mean(), abs(np.corrcoef(x, y)[0, 1])]
    windows = [around(*pair) for pair in list(zip(pictures, center, strict=True))[::3]]
    return {"place": edges(pictures[::3]), "object": edges(windows), "move": np.nan_to_num(moves)}


def accuracy(features: list[np.ndarray], labels: np.ndarray, tests: np.ndarray) -> float:
    table = np.array(features)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=3000))
    return model.fit(table[~tests], labels[~tests]).score(table[tests], labels[tests])


def test_evidence_tells_each_kind_of_class_and_the_rest_of_a_clip_does_not(
    shipped: tuple[Path, pd.DataFrame],
) -> None:
    """Of four classes that one aspect tells apart: 24 test clips, chance is a quarter."""
    root, clips = shipped
    recipe = untrimmed_recipe()
    videos = activitynet.list_clips(recipe)
    evidence = {name: span for video in videos for name, span in activitynet.evidence_of(video, recipe).items()}
    clips = clips[(clips.path != "") & (clips.excluded == "")]
    there, before, after = [], [], []
    for row in clips.itertuples():
        pictures = [frame.image for frame in ClipFrames(root, row.path, row.start, row.end)]
        first, stop = evidence[row.Index]
        there.append(describe(pictures[first:stop]))
        before.append(pictures[:first])
        after.append(pictures[stop:])
    elsewhere = [describe(max(parts, key=len)) for parts in zip(before, after, strict=True)]
    names, tests = np.array(sorted(recipe["classes"]))[clips.label.to_numpy(int)], (clips.tests != "").to_numpy()
    for kind, least, others in (("place", 0.7, ["move"]), ("object", 0.6, []), ("move", 0.8, ["place", "object"])):
        told = np.array([kind in recipe["classes"][name] for name in names])
        about = names[told], tests[told]
        scores = {aspect: accuracy([there[i][aspect] for i in np.flatnonzero(told)], *about) for aspect in there[0]}
        assert scores[kind] > least and all(scores[other] < 0.55 for other in others), (kind, scores)
        assert accuracy([elsewhere[i][kind] for i in np.flatnonzero(told)], *about) < 0.55
