"""Make the features of any video in the same way as the features of a trained run."""

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from poseattn.clips.manifest import read_status
from poseattn.clips.shard_clips import CLIP_COLUMNS, write_clips
from poseattn.inputs.roles import kind_of
from poseattn.shards.shard_set import OF_HEATMAPS, ShardSet
from poseattn.stages import compute_flow, estimate_heatmaps, extract_cubes, extract_pieces
from poseattn.tools._trained_runs import Trained
from poseattn.video.image_folder import is_image

CLIP = "video"  # name of the one clip that the features are of


class Place(NamedTuple):
    """Folder, number of CPU threads and device (`auto`, `cpu` or `cuda`) for making features."""

    scratch: Path
    threads: int
    device: str


def extract(video: Path, trained: Trained, weights: dict[str, list[Path]], place: Place, twin: bool) -> None:
    """Make the features of a video in the same way as the features of the run.

    A video that is shorter than a chunk goes on with its last frame, as short clips do where they are not left out.

    Args:
        video: The file.
        trained: The run.
        weights: Files of the networks' weights by role.
        place: Where the features go, which `open_features` opens.
        twin: Whether pieces of the mirrored video are wanted as well.

    Raises:
        ValueError: Something is wrong with the video.
        OSError: The system does not give it, or takes no features.
    """
    scratch = place.scratch
    os.stat(video)  # whose name an error then has
    link = CLIP + (video.suffix.lower() if is_image(video) else "")  # a name that every table takes
    row = dict.fromkeys(CLIP_COLUMNS, "") | {"clip_id": CLIP, "path": link}
    (scratch / link).symlink_to(os.path.realpath(video))
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
            raise ValueError(f"{video}: {reason}")


def open_features(trained: Trained, scratch: Path) -> dict[str, ShardSet]:
    """Features that `extract` made, by role."""
    return {role: ShardSet([scratch / f"{role}.h5"], kind_of(role)) for role in trained.about["inputs"]}


def _extract_cubes(recipe: dict[str, Any], weights: dict[str, list[Path]], scratch: Path, given: dict[str, Any]) -> str:
    """Make the cubes of a video; return the fault of its flow or of its heatmaps, empty if there is none."""
    frames, below = [], []
    if "heatmaps" in recipe:
        below = [scratch / "below.h5"]
        _draw_heatmaps(recipe["heatmaps"], weights[f"{OF_HEATMAPS}cubes"], below[0], given)
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
