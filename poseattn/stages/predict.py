"""Tool predict: what a trained run says of any video files, and where it looks in them."""

import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
from poseattn.stages import extract_cubes
from poseattn.stages._overlays import ClipFile, likeliest, places_of, write_overlay
from poseattn.weights import sha256

_log = logging.getLogger(__name__)
_FROM_VIDEO = ("cubes",)  # kinds of input that a video alone gives


class Trained(NamedTuple):
    """A trained run: its settings, those of evaluation included, the state of its model, and what made it."""

    settings: dict[str, Any]
    state: dict[str, torch.Tensor]
    about: dict[str, Any]


def run(
    *, folder: Path, videos: list[Path], out: Path = Path("predictions"), threads: int = 4, device: str = "auto"
) -> None:
    """Score videos with a trained run, in the same way as its test clips, and draw its attention into them.

    Writes `scores.json` and `scores.csv`, a row a video with the probability of each class, and for a model with
    attention over places `<name of the video>.mp4`. A video that cannot be decoded costs no other one; the command
    then ends with an error all the same.

    Args:
        folder: Folder of the run, such as `results/runs/ucf11/soft_attention_ucf11/groups/seed0`.
        videos: Files, at least one.
        out: Folder for what is written.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: The run has no model or needs more than a video, the weights of its backbone are not the ones its
            features were made with, or a video is bad.
    """
    trained = _open_run(folder)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".features-", dir=out) as name:
        scratch = Path(name)
        clips = _list_videos(videos, scratch / "manifest.tsv")
        _extract_cubes(trained.about["inputs"]["cubes"], _workflow_folder(folder), scratch, threads, device)
        reasons = read_status(scratch / "cubes.status.tsv").set_index("clip_id").reason
        good = {clip_id: video for clip_id, video in clips.items() if not reasons[clip_id]}
        answers = _predict(trained, good, scratch / "cubes.h5", out, pick_device(device)) if good else {}
    _write(out, answers, trained.about["classes"], videos)
    if bad := [f"{clips[clip_id]}: {reason}" for clip_id, reason in reasons.items() if reason]:
        raise ValueError(f"{len(bad)} of {len(videos)} videos could not be used: {'; '.join(bad)}")


def _open_run(folder: Path) -> Trained:
    """Settings and model of a run; refuses one that needs more than a video."""
    for name in ("checkpoint.pt", "scores.h5"):
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name} is missing: run `snakemake --cores 8 {folder / 'scores.h5'}` first")
    state, about = load_checkpoint(folder / "checkpoint.pt")
    if state is None:
        raise ValueError(f"{folder / 'checkpoint.pt'} has no model: {about['note']}")
    with Shard(folder / "scores.h5", kind="scores") as scores:
        settings = json.loads(scores.attrs["recipe"])
    if more := sorted(set(settings["inputs"]) - set(_FROM_VIDEO)):
        raise ValueError(f"run {settings['run']} needs {', '.join(more)}, which a video alone does not give")
    return Trained(settings, state, about)


def _workflow_folder(folder: Path) -> Path:
    """Where the workflow ran: results/runs/<dataset>/<run>/<protocol>/<seed> is below it."""
    return folder.resolve().parents[5]


def _list_videos(videos: Sequence[Path], manifest: Path) -> dict[str, Path]:
    """Give each video a name of its own and write them as a manifest."""
    clips: dict[str, Path] = {}
    for video in videos:
        copies = sum(other.stem == video.stem for other in clips.values())
        clips[f"{video.stem}-{copies + 1}" if copies else video.stem] = video
    empty = dict.fromkeys(MANIFEST_COLUMNS, "")
    rows = [empty | {"clip_id": clip_id, "path": str(video.resolve())} for clip_id, video in clips.items()]
    write_manifest(pd.DataFrame(rows), manifest)
    return clips


def _extract_cubes(origin: dict[str, str], workflow: Path, scratch: Path, threads: int, device: str) -> None:
    """Make the cubes of the videos as those of the run were made, decoded straight into the network."""
    recipe = json.loads(origin["recipe"])
    recipe["frames"] = {"store": "none", "size": recipe["frames"]["size"]}
    weights = [workflow / origin["weights_file"]] if "weights_file" in origin else []
    for file in weights:
        if not file.is_file():
            raise ValueError(f"{file}, the weights that the features of the run were made with, is missing")
        if sha256(file) != origin["weights_sha256"]:
            raise ValueError(f"{file} is not the file that the features of the run were made with")
    extract_cubes.run(
        root=Path(),
        manifest=scratch / "manifest.tsv",
        frames=[],
        weights=weights,
        recipe=json.dumps(recipe, sort_keys=True),
        out=scratch / "cubes.h5",
        status=scratch / "cubes.status.tsv",
        threads=threads,
        device=device,
        code=origin["code"],
    )


def _predict(
    trained: Trained, clips: dict[str, Path], cubes: Path, out: Path, device: torch.device
) -> dict[Path, list[tuple[str, float]]]:
    """Classes and probabilities of each video, the likeliest first; overlays are written on the way."""
    inputs, names = {"cubes": ShardSet([cubes], "cubes")}, trained.about["classes"]
    model = runs.load_model(trained.settings, inputs, len(names), trained.state, device)
    features = load_features(list(clips), inputs, model.inputs, trained.settings, device, budget=0)
    scores, maps = score_clips(model, features, trained.settings)
    answers = [likeliest(row, names, trained.settings) for row in scores]
    if "location" in maps:
        for number, (clip_id, video) in enumerate(clips.items()):
            location = places_of(model, features, trained.settings, number, inputs["cubes"].row_shape[:2])
            write_overlay(out / f"{clip_id}.mp4", ClipFile(video, "", ""), location, answers[number])
    return dict(zip(clips.values(), answers, strict=True))


def _write(
    out: Path, answers: dict[Path, list[tuple[str, float]]], names: Sequence[str], videos: Sequence[Path]
) -> None:
    """Write scores as JSON and as CSV, and the best class of each video to standard output."""
    found = {str(video): dict(answers[video]) for video in videos if video in answers}
    replace_file(out / "scores.json", (json.dumps(found, indent=2) + "\n").encode())
    table = pd.DataFrame.from_dict(found, orient="index", columns=names).rename_axis("video")
    table.insert(0, "prediction", table.idxmax(axis=1) if len(table) else [])
    replace_file(out / "scores.csv", table.to_csv(float_format="%.6f", lineterminator="\n").encode())
    for video, probabilities in found.items():
        best = next(iter(probabilities.items()))
        sys.stdout.write(f"{video}: {best[0]} ({best[1]:.3f})\n")
    sys.stdout.write(f"written to {out}\n")
