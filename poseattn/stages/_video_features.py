"""How tools open a trained run, and make the features of any video as those of the run were made."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import torch

from poseattn.checkpoint import load_checkpoint
from poseattn.manifest import read_status
from poseattn.roles import kind_of
from poseattn.shard_clips import CLIP_COLUMNS, write_clips
from poseattn.shard_set import BELOW, WEIGHTS, ShardSet
from poseattn.shards import Shard
from poseattn.stages import compute_flow, estimate_heatmaps, extract_cubes, extract_pieces
from poseattn.video.image_folder import is_image
from poseattn.weights import sha256

CLIP = "video"  # name of the one clip that the features are of
_FROM_VIDEO = ("cubes", "pieces", "attended", "heatmaps")  # roles whose features a video alone gives
_DEPTH = 5  # folders between a run's own and that of the workflow: results/runs/<dataset>/<run>/<protocol>/<seed>


class Trained(NamedTuple):
    """A trained run: its settings, those of evaluation included, the state of its model, and what made it."""

    settings: dict[str, Any]
    state: dict[str, torch.Tensor]
    about: dict[str, Any]


def open_run(folder: Path) -> Trained:
    """Settings and model of a run.

    Args:
        folder: Of the run, with its checkpoint and its scores.

    Returns:
        The run.

    Raises:
        ValueError: A file is missing, there is no model, or the run needs more than a video.
    """
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
    for role, origin in about["inputs"].items():
        recipe = json.loads(origin["recipe"])
        heatmaps = recipe if role == "heatmaps" else recipe.get("heatmaps", {})
        if heatmaps.get("crop") == "box":
            raise ValueError(f"run {settings['run']} needs boxes of people, which a video alone does not give")
    return Trained(settings, state, about)


def weights_of(origins: dict[str, dict[str, str]], folder: Path) -> dict[str, list[Path]]:
    """Weights files that features were made with, below the folder of the workflow or the present one.

    Args:
        origins: What the run says of the features in each role.
        folder: Of the run.

    Returns:
        The file by role; none of a network with random weights. `heatmaps_<role>` is the network whose heatmaps are
        below the pictures of a role.

    Raises:
        ValueError: One is missing, or another one.
    """
    return {
        before + role: _weights_file({name: origin.get(before + name, "") for name in WEIGHTS}, folder)
        for role, origin in origins.items()
        for before in ("", BELOW)
    }


def _weights_file(origin: dict[str, str], folder: Path) -> list[Path]:
    if not origin["weights_file"]:
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


class Place(NamedTuple):
    """Where features are made: the folder for them, CPU threads, and `auto`, `cpu` or `cuda`."""

    scratch: Path
    threads: int
    device: str


def extract(video: Path, trained: Trained, weights: dict[str, list[Path]], place: Place, twin: bool) -> str:
    """Make the features of a video as those of the run were made.

    A video that is shorter than a chunk goes on with its last frame, as short clips do where they are not left out.

    Args:
        video: The file.
        trained: The run.
        weights: Files of the networks' weights by role.
        place: Where the features go, which `open_features` opens.
        twin: Whether pieces of the mirrored video are wanted as well.

    Returns:
        What is wrong with the video, if anything.
    """
    scratch = place.scratch
    link = CLIP + (video.suffix.lower() if is_image(video) else "")  # a name that every table takes
    row = dict.fromkeys(CLIP_COLUMNS, "") | {"clip_id": CLIP, "path": link}
    (scratch / link).symlink_to(video.resolve())
    write_clips(pd.DataFrame([row]), scratch / "manifest.tsv")
    for role, origin in trained.about["inputs"].items():
        given = {"root": scratch, "manifest": scratch / "manifest.tsv", "code": origin["code"]}
        given |= {"threads": place.threads, "device": place.device, "status": scratch / "status.tsv"}
        recipe = json.loads(origin["recipe"])
        reason = ""
        if kind_of(role) == "pieces":
            recipe["at_least"] = max(recipe["at_least"] or 0, trained.settings["chunk"])
            recipe["mirror"] = "all" if twin else "none"
            given |= {"weights": weights[role], "recipe": json.dumps(recipe, sort_keys=True)}
            extract_pieces.run(**given, out=scratch / f"{role}.h5")
        elif role == "heatmaps":
            _draw_heatmaps(recipe, weights[role], scratch / "heatmaps.h5", given)
        else:
            reason = _extract_cubes(recipe, weights, scratch, given)
        if reason := reason or str(read_status(given["status"]).reason[0]):
            return reason
    return ""


def open_features(trained: Trained, scratch: Path) -> dict[str, ShardSet]:
    """Features that `extract` made, by role."""
    return {role: ShardSet([scratch / f"{role}.h5"], kind_of(role)) for role in trained.about["inputs"]}


def _extract_cubes(recipe: dict[str, Any], weights: dict[str, list[Path]], scratch: Path, given: dict[str, Any]) -> str:
    """Make the cubes of a video; what is wrong with its flow or with what is below its frames, if anything."""
    frames, below = [], []
    if "heatmaps" in recipe:
        below = [scratch / "below.h5"]
        _draw_heatmaps(recipe["heatmaps"], weights[f"{BELOW}cubes"], below[0], given)
        if reason := read_status(given["status"]).reason[0]:
            return str(reason)
    if "flow" in recipe:
        frames = [scratch / "flow.h5"]
        _compute_flow(recipe["flow"], frames[0], given)
        if reason := read_status(given["status"]).reason[0]:
            return str(reason)
    else:
        recipe["frames"] = {"store": "none", "size": recipe["frames"]["size"]}
    text = json.dumps(recipe | {"mirror": False}, sort_keys=True)
    given = given | {"weights": weights["cubes"], "recipe": text}
    extract_cubes.run(**given, uses=[], frames=frames, heatmaps=below, out=scratch / "cubes.h5")
    return ""


def _draw_heatmaps(recipe: dict[str, Any], weights: list[Path], out: Path, given: dict[str, Any]) -> None:
    """Heatmaps in the whole frames of a video."""
    text = json.dumps(recipe, sort_keys=True)
    estimate_heatmaps.run(**given, poses=[], weights=weights, recipe=text, out=out)


def _compute_flow(recipe: dict[str, Any], out: Path, given: dict[str, Any]) -> None:
    """Flow of a video, by a method that needs no weights."""
    if "pretrained_by" in recipe:
        raise ValueError(f"the run's flow is that of {recipe['method']}, whose weights predict does not load")
    compute_flow.run(weights=[], recipe=json.dumps(recipe, sort_keys=True), out=out, **given)
