"""Tool predict: what a trained run says of any video files, and where it looks in them."""

import json
import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from poseattn.figures.overlays.clip_overlay import ClipFile, likeliest, name_overlays, places_of, write_overlay
from poseattn.files import replace_file
from poseattn.inputs.features import load_features
from poseattn.messages import in_utf8, say
from poseattn.networks.device import pick_device
from poseattn.shards.shard_set import mirrored_of
from poseattn.tools._any_video import CLIP, Place, extract, open_features
from poseattn.tools._bad_videos import Bad, check_folder
from poseattn.tools._trained_runs import Trained, open_run, refusing, weights_of
from poseattn.training.evaluate import score_clips
from poseattn.training.model import load_model

_log = logging.getLogger(__name__)


class Prediction(NamedTuple):
    """Classes and probabilities of a video, the likeliest first, and the attention over the places of its frames."""

    answers: list[tuple[str, float]]
    location: np.ndarray | None


def run(
    *, folder: Path, videos: list[Path], out: Path = Path("predictions"), threads: int = 4, device: str = "auto"
) -> None:
    """Score videos with a trained run as its test clips are scored, and draw its attention into them.

    Writes `scores.json` and `scores.csv`, a row a video with the probability of each class; then, for a model with
    attention over places or heatmaps of joints, `<name of the video>.attention.mp4`. Attention over moments is drawn by
    `highlight`. Features of one video at a time lie in the output folder (100 KB a frame for GoogLeNet). A video that
    cannot be decoded costs no other one; the command then ends with an error all the same. Frames are taken from the
    video as they are, also where those of the run were stored as JPEG.

    Args:
        folder: Folder of the run, such as `results/runs/ucf11/soft_attention_ucf11/groups/seed0`.
        videos: Files, at least one; images if the run is on images.
        out: Folder for what is written.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: The run has no model or needs more than a video, the weights of its backbone are not the ones its
            features were made with, a video would be overwritten, or a video is bad.
    """
    place, trained = pick_device(device), open_run(folder)
    overlays = name_overlays(videos, out, "attention")
    with refusing(folder):
        weights = weights_of(trained.about["inputs"], folder)
        twin = trained.settings.get("test_mirror", False)
    check_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    predictions: dict[Path, Prediction] = {}
    bad, is_whole = Bad(), False
    try:
        for video in overlays:
            with bad.noting(video), tempfile.TemporaryDirectory(prefix=".features-", dir=out) as scratch:
                with refusing(folder, as_kind=ValueError):
                    extract(video, trained, weights, Place(Path(scratch), threads, device), twin)
                with refusing(folder, ValueError):
                    predictions[video] = _predict(trained, Path(scratch), place)
                name, probability = predictions[video].answers[0]
                say(f"{video}: {name} ({probability:.3f})")
        is_whole = True
    finally:
        if is_whole or predictions:  # also what was scored before Ctrl-C
            _write(out, predictions, trained.about["classes"])
    _draw(predictions, overlays, bad)
    bad.report(len(overlays))


def _draw(predictions: dict[Path, Prediction], overlays: dict[Path, Path], bad: Bad) -> None:
    """Draw the attention of each video that has any."""
    for video, (answers, location) in predictions.items():
        if location is not None:
            _log.info("drawing %s", overlays[video])
            with bad.noting(video):
                write_overlay(overlays[video], ClipFile(Path(os.path.realpath(video))), location, answers)


def _predict(trained: Trained, scratch: Path, device: torch.device) -> Prediction:
    """Answer for the video whose features are in a folder."""
    inputs, names = open_features(trained, scratch), trained.about["classes"]
    model = load_model(trained.settings, inputs, len(names), trained.state, device)
    clip_ids = [CLIP, *([mirrored_of(CLIP)] if trained.settings.get("test_mirror") else [])]
    features = load_features(clip_ids, inputs, model.inputs, trained.settings, device, budget=0)
    scores, maps = score_clips(model, features, trained.settings)
    location = None
    if maps.keys() & {"location", "heatmap"}:
        location = places_of(model, features, trained.settings, 0, inputs["cubes"].row_shape[:2])
    return Prediction(likeliest(scores[0], names, trained.settings), location)


def _write(out: Path, predictions: dict[Path, Prediction], names: Sequence[str]) -> None:
    """Write scores as JSON and as CSV."""
    found = {in_utf8(video): dict(prediction.answers) for video, prediction in predictions.items()}
    table = pd.DataFrame.from_dict(found, orient="index", columns=names).rename_axis("video")
    best = [prediction.answers[0][0] for prediction in predictions.values()]
    table.insert(0, "prediction", best, allow_duplicates=True)  # a class may have this name
    replace_file(out / "scores.csv", table.to_csv(float_format="%.6f", lineterminator="\n").encode())
    replace_file(out / "scores.json", (json.dumps(found, indent=2) + "\n").encode())
