"""Score the clips of one part of a protocol with a trained model."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.inputs.features import load_features, memory_budget
from poseattn.inputs.roles import SCORING_ONLY
from poseattn.networks.device import device_name, pick_device, set_threads
from poseattn.shards.shard_set import ShardSet, mirrored_of
from poseattn.tables.score_shards import counts, origin, write_scores
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.evaluate import score_clips
from poseattn.training.model import load_model


def run(
    *,
    manifest: Path,
    classes: Path,
    poses: list[Path],
    glimpses: list[Path],
    cubes: list[Path],
    pieces: list[Path],
    attended: list[Path],
    heatmaps: list[Path],
    checkpoint: Path,
    run: str,
    protocol: str,
    seed: int,
    split: str,
    out: Path,
    threads: int,
    device: str,
    memory: int,
    code: str,
) -> None:
    """Write one row of scores for each clip, with the attention maps of its first and its last sub-sequence.

    Without a model, or without a clip to score, the shard has no rows and a note says why.

    Args:
        manifest: Clips of the data set.
        classes: Names of its classes.
        poses: Pose shards; none for a run that does not read them, as with the next five.
        glimpses: Glimpse shards.
        cubes: Cube shards.
        pieces: Shards of pieces that are the input.
        attended: Shards of pieces that are attended to.
        heatmaps: Shards of heatmaps of joints.
        checkpoint: Model that `train` wrote.
        run: The run as JSON.
        protocol: Which clips are for training and which for testing.
        seed: Of the training.
        split: Part of the protocol to score: `train`, `val` or `test`.
        out: Score shard to write.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.
        memory: MiB that the job may take; inputs are read from disk if they need more than half of it. Moves no number.
        code: Hash of the source, recorded.

    Raises:
        ValueError: A setting is missing, an input is not what it should be, or the checkpoint is of another run.
    """
    settings = runs.read_settings(run, (*runs.TRAINING_KEYS, *runs.EVALUATION_KEYS))
    state, about = load_checkpoint(checkpoint)
    _check_origin(checkpoint, about, settings, protocol, seed)
    place = pick_device(device)
    set_threads(threads)
    files = {"poses": poses, "glimpses": glimpses, "cubes": cubes}
    files |= {"pieces": pieces, "attended": attended, "heatmaps": heatmaps}
    inputs = runs.open_inputs(settings["inputs"], files)
    clips = runs.split_clips(read_manifest(manifest), settings, protocol, inputs)
    clips = clips[clips.split == split]
    scored = clips[(clips.excluded == "") & (state is not None)].sort_values("clip_id")
    label = runs.labels_of(scored, len(read_classes(classes)), settings["loss"])
    scores, maps = _score(scored.clip_id.tolist(), label.shape[1], inputs, settings, state, place, memory)
    missing = "" if len(scored) or state is None else f"no {split} clip in {protocol}"
    notes = [settings["note"], about["note"], missing]
    attrs = {"dataset": settings["dataset"], "run": settings["run"], "protocol": protocol, "seed": seed, "split": split}
    attrs |= {"threads": threads, "device": device_name(place), "note": "; ".join(filter(None, notes))}
    weights, versions = (
        [value for shards in inputs.values() for value in shards.attributes(name)] for name in ("weights", "versions")
    )
    attrs |= counts(clips) | origin(settings["dataset"], weights, versions)
    if "cubes" in inputs:  # rows and columns of maps over places; none of a vector
        attrs |= {"grid": json.dumps(inputs["cubes"].row_shape[:-1])}
    header = {"units": settings["average"], "recipe": run, "code": code, "attrs": attrs}
    write_scores(out, scored.clip_id.tolist(), scores, {"label": label, **maps}, header)


def _check_origin(checkpoint: Path, about: dict[str, Any], settings: dict[str, Any], protocol: str, seed: int) -> None:
    """Refuse a checkpoint that another run, protocol or seed made."""
    trained = about["run"] | {"protocol": about["protocol"], "seed": about["seed"]}
    asked = settings | {"protocol": protocol, "seed": seed}
    for key in sorted((trained.keys() | asked.keys()) - {"run", *SCORING_ONLY}):
        if (had := trained.get(key)) != (wanted := asked.get(key)):
            raise ValueError(f"{checkpoint}: trained with {key} {had!r}, asked to score {wanted!r}")


def _score(
    clip_ids: list[str],
    n_classes: int,
    inputs: dict[str, ShardSet],
    settings: dict[str, Any],
    state: dict[str, Tensor] | None,
    device: torch.device,
    memory: int,
) -> tuple[Float[np.ndarray, "n c"], dict[str, np.ndarray]]:
    """Scores and attention maps of the clips; none of either if there are no clips."""
    if not clip_ids:
        return np.empty((0, n_classes), np.float32), {}
    model = load_model(settings, inputs, n_classes, state, device)
    asked = clip_ids + ([mirrored_of(clip_id) for clip_id in clip_ids] if settings.get("test_mirror") else [])
    features = load_features(asked, inputs, model.inputs, settings, device, memory_budget(device, memory))
    return score_clips(model, features, settings)
