"""Score clips with a network that was trained on snippets (Wang et al. 2016, arXiv 1608.00859, Sec. 3.3)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import nn

from poseattn.background import read_many_ahead
from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.extraction.backbone import build_backbone
from poseattn.extraction.describe import check_range, describe_portions
from poseattn.inputs.sampling import sample_segments
from poseattn.networks.device import device_name, pick_device, set_threads
from poseattn.networks.fuse import for_inference
from poseattn.networks.torch_files import read_torch
from poseattn.pretraining.corner_crops import cut, five_crops
from poseattn.shards.images import Frames, open_images
from poseattn.tables.score_shards import counts, origin, write_scores
from poseattn.training import runs

_KEYS = ("run", "dataset", "snippets", "crops", "scale", "size", "batch", "average", "note")
_CHANNELS_OF_FIELD = 2
_NO_VALIDATION = {"validation": 0.0, "validation_by": "clip", "validation_seed": 0}


def run(
    *,
    images: list[Path],
    manifest: Path,
    classes: Path,
    network: Path,
    run: str,
    protocol: str,
    seed: int,
    split: str,
    out: Path,
    threads: int,
    device: str,
    code: str,
) -> None:
    """Write one row of class probabilities for each clip: the mean over snippets, evenly spread, and their crops.

    Without a clip to score the shard has no rows and a note says why. The rows `tsn_*` of `rpan_table4` rest on it.

    Args:
        images: All shards of the data set's frames or flow.
        manifest: Clips of the data set.
        classes: Names of its classes.
        network: What the stage pretrain_backbone made of training clips.
        run: JSON: `run` and `dataset`; `snippets` of a clip; `crops` of each: 10 for corners and centre, also mirrored,
            1 for the centre; their edge as a share of the picture's shorter side (`scale`) and in pixels once resized
            (`size`); `batch`; what is averaged (`average`): `logits`, of which the softmax is taken then, as in the
            release, or `probabilities`; and a `note`.
        protocol: Which clips are for training and which for testing.
        seed: For the record.
        split: Part of the protocol to score: `train`, `val` or `test`.
        out: Score shard to write.
        threads: CPU threads of an operation, and how many read pictures.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, recorded.

    Raises:
        ValueError: A setting is missing, or the network is of other clips, classes or pictures.
    """
    settings = runs.read_settings(run, _KEYS)
    place = pick_device(device)
    set_threads(threads)
    names = read_classes(classes)
    trained = _read_network(network, protocol, names)
    backbone, reader = _open(network, trained, settings["size"], images)
    backbone.network = for_inference(backbone.network, place)
    clips = runs.split_clips(read_manifest(manifest), _NO_VALIDATION, protocol, {"pictures": reader.shards})
    clips = clips[clips.split == split]
    scored = clips[clips.excluded == ""].sort_values("clip_id")
    clip_ids, label = scored.clip_id.tolist(), runs.labels_of(scored, len(names), "softmax")
    scores = _score(clip_ids, reader, backbone.to(place), trained["classifier"], settings, threads)
    notes = [settings["note"], trained["note"], "" if clip_ids else f"no {split} clip in {protocol}"]
    attrs = {"dataset": settings["dataset"], "run": settings["run"], "protocol": protocol, "seed": seed, "split": split}
    attrs |= {"threads": threads, "device": device_name(place), "note": "; ".join(filter(None, notes))}
    versions = [trained["versions"], *reader.shards.attributes("versions")]
    attrs |= counts(clips) | origin(settings["dataset"], [trained["weights"]], versions)
    header = {"units": "probabilities", "recipe": run, "code": code, "attrs": attrs}
    write_scores(out, clip_ids, scores.reshape(label.shape), {"label": label}, header)


def _read_network(path: Path, protocol: str, classes: Sequence[str]) -> dict[str, Any]:
    """What was trained on snippets of clips of this protocol and these classes."""
    trained = read_torch(path)
    if not isinstance(trained, dict) or "classifier" not in trained:
        raise ValueError(f"{path}: no classifier in it, expected one that the stage pretrain_backbone trained on clips")
    for name, asked in (("protocol", protocol), ("classes", list(classes))):
        if trained.get(name) != asked:
            raise ValueError(f"{path}: trained with {name} {trained.get(name)!r}, asked to score {asked!r}")
    return trained


def _open(path: Path, trained: dict[str, Any], size: int, images: list[Path]) -> tuple[nn.Module, Frames]:
    """The network without its classifier, and pictures as it takes them."""
    backbone = build_backbone(json.loads(trained["recipe"]) | {"size": size}, path)
    channels = backbone.input_shape[-1]
    reader = open_images(images, max(channels // _CHANNELS_OF_FIELD, 1))
    if reader.channels != channels:
        raise ValueError(f"{path} takes pictures of {channels} channels, those given have {reader.channels}")
    return backbone, reader


def _score(
    clip_ids: list[str],
    reader: Frames,
    backbone: nn.Module,
    classifier: dict[str, torch.Tensor],
    settings: dict[str, Any],
    threads: int,
) -> Float[np.ndarray, "n c"]:
    """Probabilities of the clips; no rows if there are none."""
    for clip_id in clip_ids:  # this opens all shards, which the threads below read
        if not reader.snippets(clip_id):
            raise ValueError(f"clip {clip_id}: no picture in it")
    weight, bias = (classifier[name].double().numpy() for name in ("weight", "bias"))
    sources = (((clip_id, _crops(clip_id, reader, settings)) for clip_id in [one]) for one in clip_ids)
    scores = []
    for clip_id, features in describe_portions(
        backbone, read_many_ahead(sources, threads, 1), settings["batch"], compiled=False
    ):
        check_range(features, f"clip {clip_id}: features")
        logits = features.astype(np.float64) @ weight.T + bias  # (crop, c)
        if settings["average"] == "logits":
            logits = logits.mean(axis=0, keepdims=True)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores.append((odds / odds.sum(axis=1, keepdims=True)).mean(axis=0))
    return np.array(scores, np.float32).reshape(len(clip_ids), len(bias))


def _crops(clip_id: str, reader: Frames, settings: dict[str, Any]) -> UInt8[np.ndarray, "crop row col channel"]:
    """Crops of snippets, each the middle one of an equal part of the clip."""
    middles = np.full((1, settings["snippets"]), 0.5)
    length, mask = reader.snippets(clip_id), reader.healthy(clip_id)
    healthy = None if mask is None else [mask[:length]]
    pictures = reader.read(clip_id, sample_segments(np.array([length]), middles, healthy)[0])
    five = five_crops(*pictures.shape[1:3], settings["scale"])
    if settings["crops"] == 1:
        return cut(pictures, five[-1], settings["size"])
    crops = np.concatenate([cut(pictures, crop, settings["size"]) for crop in five])
    return np.concatenate([crops, reader.mirrored(crops)])
