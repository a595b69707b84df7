"""Train the model of a run on the training clips of a protocol."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import torch
import yaml
from jaxtyping import UInt8
from torch import Tensor

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.files import replace_file
from poseattn.inputs.features import load_features, memory_budget
from poseattn.inputs.guidance import PoseGuide
from poseattn.networks.device import device_name, pick_device, set_threads
from poseattn.provenance import versions as provenance
from poseattn.shards.shard_set import OF_HEATMAPS, WEIGHTS, ShardSet, mirrored_of
from poseattn.sizes import rectangle
from poseattn.training import runs
from poseattn.training.checkpoint import SideFile, save_checkpoint
from poseattn.training.history import Epoch
from poseattn.training.model import build_model
from poseattn.training.start import copy_layers, load_start
from poseattn.training.train import Fit, TrainingClips, copy_state, fit, seed_epoch

_log = logging.getLogger(__name__)


class Sources(NamedTuple):
    """Inputs of a training by role; the joints that guide it and the layers that it starts from, None without any."""

    inputs: dict[str, ShardSet]
    joints: ShardSet | None
    layers: dict[str, Tensor] | None = None


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
    joints: list[Path],
    start: list[Path],
    run: str,
    protocol: str,
    seed: int,
    out: Path,
    threads: int,
    device: str,
    memory: int,
    code: str,
) -> None:
    """Train one model; a training that was killed goes on at its last epoch, with the same result.

    Beside the checkpoint come `history.csv`, one line an epoch, and `run.yaml`, all that made it. A protocol without
    training clips gives a checkpoint without a model, whose note says so.

    The runs of all tables are trained here: `ntu_*`, `soft_attention_*`, `rpan_*`, `penn_action_pose`, `activitynet_*`,
    `hollywood2_*`, `alstm_variants` and `stanford40_table1`.

    Args:
        manifest: Clips of the data set.
        classes: Names of its classes.
        poses: Pose shards; none for a run that does not read them, as with the next five.
        glimpses: Glimpse shards.
        cubes: Cube shards.
        pieces: Shards of pieces that are the input.
        attended: Shards of pieces that are attended to.
        heatmaps: Shards of heatmaps of joints.
        joints: Pose shards with the joints that guide attention; none for a run without `pose_guidance`.
        start: Checkpoint of the run that the run's `start` names; none for a run without it.
        run: The run as JSON.
        protocol: Which clips are for training and which for testing.
        seed: Of weights, order of clips, frames and dropout.
        out: Checkpoint to write, such as `results/runs/ntu/deep_gru/cross_view/seed0/checkpoint.pt`.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.
        memory: MiB that the job may take; inputs are read from disk if they need more than half of it. Moves no number.
        code: Hash of the source, recorded.

    Raises:
        ValueError: A setting is missing, or an input is not what it should be.
    """
    settings = runs.read_settings(run, runs.TRAINING_KEYS)
    place = pick_device(device)
    set_threads(threads)
    files = {"poses": poses, "glimpses": glimpses, "cubes": cubes}
    files |= {"pieces": pieces, "attended": attended, "heatmaps": heatmaps}
    inputs = runs.open_inputs(settings["inputs"], files)
    clips = runs.split_clips(read_manifest(manifest), settings, protocol, inputs)
    clips = clips[clips.excluded == ""]
    for key, given in (("pose_guidance", joints), ("start", start)):
        if bool(given) != (key in settings):
            raise ValueError(f"run: {key} is {settings.get(key)}, and {len(given)} files are given for it")
    about = {"run": settings, "protocol": protocol, "seed": seed, "threads": threads, "code": code}
    about |= {"device": device_name(place), "versions": provenance.versions()}
    side_file = SideFile(
        out.with_name("resume.pt"), about | _fingerprint(manifest, [*sum(files.values(), []), *joints, *start])
    )
    n_train, n_val = int((clips.split == "train").sum()), int((clips.split == "val").sum())
    _log.info("%s: %d training clips, %d validation clips", protocol, n_train, n_val)
    names = read_classes(classes)
    label = runs.labels_of(clips, len(names), settings["loss"])
    note = _note(clips.split.to_numpy(), label, names, protocol, wants_validation=settings["validation"] > 0)
    seen = (clips.split != "test").to_numpy()
    layers, missing = load_start(start[0], settings["start"], seed) if start else (None, "")
    note = "; ".join(filter(None, [note, missing]))
    sources = Sources(inputs, ShardSet(joints, "poses") if joints else None, layers)
    arguments = (clips[seen], label[seen], sources, settings, seed, side_file, place, memory)
    fitted = _fit(*arguments) if n_train and not missing else Fit([], 0, None)
    about |= {"n_train": n_train, "n_val": n_val, "best_epoch": fitted.best, "note": note, "classes": names}
    about["inputs"] = {role: _origin(shards) for role, shards in inputs.items()}
    _write(out, fitted, about)
    side_file.delete()


def _note(
    split: np.ndarray, label: UInt8[np.ndarray, "n c"], names: Sequence[str], protocol: str, wants_validation: bool
) -> str:
    """What the training lacks: clips, or those of classes that are tested."""
    if not (split == "train").any():
        notes = [f"no training clip in {protocol}"]
    else:
        trained, tested = (label[split == part].any(axis=0) for part in ("train", "test"))
        absent = [names[number] for number in np.flatnonzero(tested & ~trained)]
        notes = [f"no training clip of {', '.join(absent[:3])}{' ...' if absent[3:] else ''}"] if absent else []
        if wants_validation and not (split == "val").any():
            notes.insert(0, f"no validation clip in {protocol}")
        elif wants_validation and not label[split == "val"].any():
            notes.insert(0, f"no validation clip of any class in {protocol}")
    for note in notes:
        _log.warning(note)
    return "; ".join(notes)


def _fit(
    clips: pd.DataFrame,
    label: UInt8[np.ndarray, "n c"],
    sources: Sources,
    settings: dict[str, Any],
    seed: int,
    side_file: SideFile,
    device: torch.device,
    memory: int,
) -> Fit:
    """Build the model, load what it learns from, and train it, unless it has nothing to learn (`epochs: 0`)."""
    seed_epoch(seed, 0)
    model = build_model(settings, sources.inputs, label.shape[1]).to(device)
    if sources.layers is not None:
        copy_layers(model, sources.layers)
    if settings["epochs"] == 0:
        return Fit([], 0, copy_state(model))
    train, validation = (np.flatnonzero(clips.split == split) for split in ("train", "val"))
    clip_ids, twin, guide = clips.clip_id.tolist(), None, None
    if settings["mirror"]:
        twin = np.arange(len(clips))
        twin[train] = len(clips) + np.arange(len(train))
        clip_ids += [mirrored_of(clip_ids[number]) for number in train]
        label = np.concatenate([label, label[train]])
    features = load_features(clip_ids, sources.inputs, model.inputs, settings, device, memory_budget(device, memory))
    if sources.joints is not None:
        cubes = sources.inputs["cubes"]
        frame, grid = rectangle(json.loads(cubes.attributes("recipe")[0])["size"]), cubes.row_shape[:2]
        guide = PoseGuide(clip_ids, sources.joints, frame, grid, settings["pose_guidance"], device)
    labels = torch.from_numpy(label).float().to(device)
    return fit(model, TrainingClips(features, labels, train, validation, twin, guide), settings, seed, side_file)


def _origin(shards: ShardSet) -> dict[str, str]:
    """How an input was made; whoever asks the model about another video must make it in the same way."""
    names = ("recipe", "code", *WEIGHTS, *(OF_HEATMAPS + name for name in WEIGHTS))
    found = {name: shards.attributes(name) for name in names}
    return {name: "; ".join(values) for name, values in found.items() if values}


def _fingerprint(manifest: Path, shards: list[Path]) -> dict[str, Any]:
    """What tells whether the inputs are the ones that a killed training read."""
    stats = [shard.stat() for shard in shards]
    files = [[shard.name, stat.st_size, stat.st_mtime_ns] for shard, stat in zip(shards, stats, strict=True)]
    return {"manifest": hashlib.sha256(manifest.read_bytes()).hexdigest(), "shards": files}


def _write(out: Path, fitted: Fit, about: dict[str, Any]) -> None:
    """Write history, resolved run and checkpoint, the checkpoint last."""
    history = pd.DataFrame(fitted.history, columns=Epoch._fields)
    text = history.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    replace_file(out.with_name("history.csv"), text.encode())
    replace_file(out.with_name("run.yaml"), yaml.safe_dump(about).encode())
    save_checkpoint(out, fitted.state, about)
