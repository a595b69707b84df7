"""Train a backbone on labelled images or clips, for every recipe that names its weights."""

import hashlib
import importlib
import io
import json
import logging
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from poseattn.extraction.backbone import backbone_module, build_backbone
from poseattn.extraction.weights_record import pretrained_name
from poseattn.files import replace_file
from poseattn.networks.device import device_name, pick_device, set_threads
from poseattn.pretraining.first_convolution import average_first_convolution
from poseattn.pretraining.inputs import Inputs
from poseattn.provenance.versions import versions
from poseattn.training.checkpoint import SideFile

_log = logging.getLogger(__name__)
_METHODS = ("images", "segments", "pieces", "heatmaps")


def run(
    *,
    images: list[Path],
    poses: list[Path],
    manifest: list[Path],
    classes: list[Path],
    protocol: str,
    start: list[Path],
    recipe: str,
    out: Path,
    threads: int,
    device: str,
    code: str,
) -> None:
    """Train a backbone to tell classes apart, and keep it beside its classifier; or to find joints.

    Args:
        images: For the method `images` a shard of kind `images`; for `segments` and `pieces` all shards of frames or of
            flow; for `heatmaps` all shards of frames that hold people.
        poses: Shards of the joints of these people, for `heatmaps`; none for the others.
        manifest: Clips of the data set; empty for images that do not belong to clips (then `classes` and
            `protocol` are empty too).
        classes: Names of its classes.
        protocol: Which clips are for training; empty for none.
        start: File of weights to start from; none for random ones.
        recipe: JSON: `method`, `backbone`, its `arguments`, image `size` (pixels), `seed`, and how to train (see the
            file of the method in `poseattn.pretraining`). With a start also `weights` (pretrained or standin) and
            `first_conv`: `keep`, or `average` where a network for flow starts from one for colours.
        out: File of weights (`torch.save`), with what made it.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe or an input is wrong.
    """
    set_threads(threads)
    where = pick_device(device)
    settings = json.loads(recipe)
    about = {"recipe": recipe, "code": code, "threads": threads, "protocol": protocol}
    about |= {"device": device_name(where), "versions": versions()}
    side_file = SideFile(
        out.with_name(out.stem + ".resume.pt"),
        about | _fingerprint([*images, *poses, *manifest, *classes, *start]),
        "iteration",
    )
    try:
        about["weights"] = _weights_name(settings, start)
        backbone = _initial(settings, start).to(where)
        inputs = Inputs(images, poses, manifest, classes, protocol, threads, side_file)
        about |= _method(settings).train(backbone, inputs, settings)
    except KeyError as error:
        raise ValueError(f"recipe of the pretraining: key {error} is missing") from error
    state = {name: value.cpu() for name, value in backbone.network.state_dict().items()}
    content = io.BytesIO()
    torch.save({"state_dict": state, **about}, content)
    replace_file(out, content.getvalue())
    side_file.delete()
    _log.info("weights in %s", out)


def _method(settings: dict[str, Any]) -> ModuleType:
    """File of the method that a recipe names."""
    if settings["method"] not in _METHODS:
        raise ValueError(f"recipe: method {settings['method']!r}, expected one of {', '.join(_METHODS)}")
    return importlib.import_module(f"poseattn.pretraining.{settings['method']}")


def _weights_name(settings: dict[str, Any], start: list[Path]) -> str:
    """What tables say of the weights from which the training starts; a published file is checked once more."""
    if not start:
        return "random"
    kind = settings["weights"]
    return kind if kind != "pretrained" else pretrained_name(backbone_module(settings), start[0])


def _initial(settings: dict[str, Any], start: list[Path]) -> nn.Module:
    """The backbone before its training."""
    if not start or settings["first_conv"] == "keep":
        return build_backbone(settings, start[0] if start else None)
    arguments = {name: value for name, value in settings["arguments"].items() if name != "in_channels"}
    colours = build_backbone(settings | {"arguments": arguments}, start[0])
    backbone = build_backbone(settings, None)
    average_first_convolution(colours.network, backbone.network)
    return backbone


def _fingerprint(files: list[Path]) -> dict[str, Any]:
    """What tells whether the inputs are the ones that a killed training read."""
    small = {".tsv", ".txt"}
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.suffix in small}
    stats = [[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files if file.suffix not in small]
    return {"tables": digests, "shards": stats}
