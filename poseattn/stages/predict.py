"""Tool predict: what a trained run says of any video files, and where it looks in them."""

import json
import logging
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch

from poseattn import runs
from poseattn.checkpoint import load_checkpoint
from poseattn.device import pick_device
from poseattn.evaluate import score_clips
from poseattn.features import load_features
from poseattn.files import replace_file
from poseattn.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.shard_set import ShardSet
from poseattn.shards import Shard
from poseattn.stages import compute_flow, extract_cubes
from poseattn.stages._overlays import ClipFile, likeliest, places_of, write_overlay
from poseattn.weights import sha256

_log = logging.getLogger(__name__)
_FROM_VIDEO = ("cubes",)  # kinds of input that a video alone gives
_DEPTH = 5  # folders between a run's own and that of the workflow: results/runs/<dataset>/<run>/<protocol>/<seed>


class Trained(NamedTuple):
    """A trained run: its settings, those of evaluation included, the state of its model, and what made it."""

    settings: dict[str, Any]
    state: dict[str, torch.Tensor]
    about: dict[str, Any]


class Prediction(NamedTuple):
    """Classes and probabilities of a video, the likeliest first, and the attention over the places of its frames."""

    answers: list[tuple[str, float]]
    location: np.ndarray | None


def run(
    *, folder: Path, videos: list[Path], out: Path = Path("predictions"), threads: int = 4, device: str = "auto"
) -> None:
    """Score videos with a trained run as its test clips are scored, and draw its attention into them.

    Writes `scores.json` and `scores.csv`, a row a video with the probability of each class; then, for a model with
    attention over places or heatmaps of joints, `<name of the video>.attention.mp4`. Features of one video at a time
    lie in the output folder (100 KB a frame for GoogLeNet). A video that cannot be decoded costs no other one; the
    command then ends with an error all the same. Frames are taken from the video as they are, also where those of the
    run were stored as JPEG.

    Args:
        folder: Folder of the run, such as `results/runs/ucf11/soft_attention_ucf11/groups/seed0`.
        videos: Files, at least one.
        out: Folder for what is written.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: The run has no model or needs more than a video, the weights of its backbone are not the ones its
            features were made with, a video would be overwritten, or a video is bad.
    """
    place, trained = pick_device(device), _open_run(folder)
    overlays = _name_overlays(videos, out)
    origin = trained.about["inputs"]["cubes"]
    weights = _weights_of(origin, folder)
    out.mkdir(parents=True, exist_ok=True)
    predictions: dict[Path, Prediction] = {}
    bad = []
    for video in overlays:
        with tempfile.TemporaryDirectory(prefix=".features-", dir=out) as scratch:
            reason = _extract_cubes(video, origin, weights, Path(scratch), threads, device)
            if reason:
                bad.append(f"{video}: {reason}")
                continue
            predictions[video] = _predict(trained, Path(scratch) / "cubes.h5", place)
        name, probability = predictions[video].answers[0]
        sys.stdout.write(f"{video}: {name} ({probability:.3f})\n")
        sys.stdout.flush()
    _write(out, {video: prediction.answers for video, prediction in predictions.items()}, trained.about["classes"])
    for video, (answers, location) in predictions.items():
        if location is not None:
            _log.info("drawing %s", overlays[video])
            write_overlay(overlays[video], ClipFile(video.resolve(), "", ""), location, answers)
    if bad:
        raise ValueError(f"{len(bad)} of {len(overlays)} videos could not be used: {'; '.join(bad)}")


def _open_run(folder: Path) -> Trained:
    """Settings and model of a run; refuses one that needs more than a video."""
    for name in ("checkpoint.pt", "scores.h5"):
        if not (folder / name).is_file():
            raise ValueError(
                f"{folder}: no {name} in it; expected the folder of a trained and scored run, which "
                "`snakemake --cores 8 results/runs/<dataset>/<run>/<protocol>/seed0/scores.h5` makes"
            )
    state, about = load_checkpoint(folder / "checkpoint.pt")
    if state is None:
        raise ValueError(f"{folder / 'checkpoint.pt'} has no model: {about['note']}")
    with Shard(folder / "scores.h5", kind="scores") as scores:
        settings = json.loads(scores.attrs["recipe"])
    if more := sorted(set(settings["inputs"]) - set(_FROM_VIDEO)):
        raise ValueError(f"run {settings['run']} needs {', '.join(more)}, which a video alone does not give")
    return Trained(settings, state, about)


def _name_overlays(videos: Sequence[Path], out: Path) -> dict[Path, Path]:
    """File to write for each video; a video given twice counts once, and none is overwritten."""
    overlays: dict[Path, Path] = {}
    for video in videos:
        number, path = 1, out / f"{video.stem}.attention.mp4"
        while path in overlays.values() and video not in overlays:
            number += 1
            path = out / f"{video.stem}-{number}.attention.mp4"
        overlays.setdefault(video, path)
    inputs = {video.resolve(): video for video in videos}
    for path in overlays.values():
        if path.resolve() in inputs:
            raise ValueError(f"{inputs[path.resolve()]} would be overwritten: name another folder with --out")
    return overlays


def _weights_of(origin: dict[str, str], folder: Path) -> list[Path]:
    """Weights file that features were made with, below the folder of the workflow or the present one."""
    if "weights_file" not in origin:
        return []
    parents = Path(os.path.abspath(folder)).parents
    places = ([parents[_DEPTH]] if len(parents) > _DEPTH else []) + [Path.cwd()]
    files = [place / origin["weights_file"] for place in places]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise ValueError(f"{files[0]}, the weights that the features of the run were made with, is missing")
    if sha256(file) != origin["weights_sha256"]:
        raise ValueError(f"{file} is not the file that the features of the run were made with")
    return [file]


def _extract_cubes(
    video: Path, origin: dict[str, str], weights: list[Path], scratch: Path, threads: int, device: str
) -> str:
    """Make the cubes of a video as those of the run were made; what is wrong with it, if anything."""
    recipe = json.loads(origin["recipe"])
    row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": "video", "path": "video"}
    (scratch / "video").symlink_to(video.resolve())  # a name that every table takes
    write_manifest(pd.DataFrame([row]), scratch / "manifest.tsv")
    given = {"root": scratch, "manifest": scratch / "manifest.tsv", "threads": threads, "device": device}
    given |= {"code": origin["code"], "status": scratch / "status.tsv"}
    frames = []
    if "flow" in recipe:
        frames = [scratch / "flow.h5"]
        _compute_flow(recipe["flow"], frames[0], given)
        if reason := read_status(given["status"]).reason[0]:
            return str(reason)
    else:
        recipe["frames"] = {"store": "none", "size": recipe["frames"]["size"]}
    text = json.dumps(recipe, sort_keys=True)
    extract_cubes.run(frames=frames, weights=weights, recipe=text, out=scratch / "cubes.h5", **given)
    return str(read_status(given["status"]).reason[0])


def _compute_flow(recipe: dict[str, Any], out: Path, given: dict[str, Any]) -> None:
    """Flow of a video, by a method that needs no weights."""
    if "pretrained_by" in recipe:
        raise ValueError(f"the run's flow is that of {recipe['method']}, whose weights predict does not load")
    compute_flow.run(weights=[], recipe=json.dumps(recipe, sort_keys=True), out=out, **given)


def _predict(trained: Trained, cubes: Path, device: torch.device) -> Prediction:
    """Answer for the one clip of a shard."""
    inputs, names = {"cubes": ShardSet([cubes], "cubes")}, trained.about["classes"]
    model = runs.load_model(trained.settings, inputs, len(names), trained.state, device)
    features = load_features(["video"], inputs, model.inputs, trained.settings, device, budget=0)
    scores, maps = score_clips(model, features, trained.settings)
    grid = inputs["cubes"].row_shape[:2]
    has_places = maps.keys() & {"location", "heatmap"}
    location = places_of(model, features, trained.settings, 0, grid) if has_places else None
    return Prediction(likeliest(scores[0], names, trained.settings), location)


def _write(out: Path, answers: dict[Path, list[tuple[str, float]]], names: Sequence[str]) -> None:
    """Write scores as JSON and as CSV."""
    found = {str(video): dict(ranked) for video, ranked in answers.items()}
    table = pd.DataFrame.from_dict(found, orient="index", columns=names).rename_axis("video")
    best = [ranked[0][0] for ranked in answers.values()]
    table.insert(0, "prediction", best, allow_duplicates=True)  # a class may have this name
    replace_file(out / "scores.csv", table.to_csv(float_format="%.6f", lineterminator="\n").encode())
    replace_file(out / "scores.json", (json.dumps(found, indent=2) + "\n").encode())
