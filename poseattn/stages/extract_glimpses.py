"""Stage extract_glimpses: crops around hands -> glimpses v_t,i, the features of a frozen backbone (Baradel Eq. 1)."""

import json
import logging
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from poseattn import weights as weights_files
from poseattn.device import device_name, pick_device, set_threads
from poseattn.extraction import describe, recut
from poseattn.inference import for_inference
from poseattn.shards import Shard, ShardWriter, SideArray
from poseattn.stages._backbones import backbone_module, build_backbone

_log = logging.getLogger(__name__)
_BLOCK = 256  # frames read at once, 8 MB of hand crops


def run(*, frames: Path, weights: list[Path], recipe: str, out: Path, threads: int, device: str, code: str) -> None:
    """Compute the glimpses of every clip of a shard; the feature of an absent hand is zero.

    Args:
        frames: Shard of kind `hand_crops`.
        weights: File of the backbone's weights; none for random weights.
        recipe: JSON: `backbone`, its `arguments`, image `size` (pixels), `weights` (pretrained, standin or random),
            `seed` of random weights, `batch` and whether to `compile`.
        out: Shard of kind `glimpses`.
        threads: CPU threads.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe, the weights or the shard are wrong.
    """
    set_threads(threads)
    where = pick_device(device)
    settings = json.loads(recipe)
    try:
        attrs = {"weights": _weights_name(settings, weights), "backbone": settings["backbone"]}
        backbone = build_backbone(settings, weights[0] if weights else None)
    except KeyError as error:
        raise ValueError(f"recipe of the glimpses: key {error} is missing") from error
    backbone.network = for_inference(backbone.network, where)
    attrs |= {"device": device_name(where), "threads": threads}
    header = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": recipe, "code": code}
    side = {"mask": SideArray("frame hand", "1")}
    with Shard(frames, kind="hand_crops", axes="frame hand row col rgb") as shard:
        empty = ((shard.row_shape[0], backbone.channels), np.float16)
        with ShardWriter(out, **header, side=side, attrs=attrs, empty=empty) as writer:
            write_glimpses(shard, backbone.to(where), settings, writer)


def write_glimpses(shard: Shard, backbone: nn.Module, settings: dict[str, Any], writer: ShardWriter) -> None:
    """Describe all crops of a shard, clip by clip.

    Args:
        shard: Hand crops.
        backbone: From crops to features.
        settings: Recipe with `batch` and `compile`.
        writer: Where the glimpses go.

    Raises:
        ValueError: A feature leaves the range of float16.
    """
    mask = shard.side_all("mask").astype(bool)  # (frame, hand)
    clips = [(start, stop) for start, stop in pairwise(shard.offsets.tolist())]
    features = describe(backbone, _present_crops(shard, mask), settings["batch"], settings["compile"])
    of_clips = recut(features, (n for start, stop in clips if (n := int(mask[start:stop].sum()))))
    for number, (clip_id, (start, stop)) in enumerate(zip(shard.clip_ids, clips, strict=True), 1):
        present = mask[start:stop]
        glimpses = np.zeros((*present.shape, backbone.channels), np.float16)
        if present.any():
            glimpses[present] = next(of_clips)
        if not np.isfinite(glimpses).all():
            raise ValueError(f"{shard.path}: clip {clip_id}: features of {settings['backbone']} beyond float16")
        writer.append(clip_id, glimpses, mask=present.astype(np.uint8))
        if number % max(1, len(clips) // 10) == 0:
            _log.info("%d of %d clips", number, len(clips))


def _present_crops(shard: Shard, mask: np.ndarray) -> Iterator[np.ndarray]:
    """Crops of present hands, in order of frames and hands: (image, row, col, rgb) pieces."""
    for start in range(0, shard.n_rows, _BLOCK):
        index = np.arange(start, min(start + _BLOCK, shard.n_rows))
        yield shard.rows(index)[mask[index]]


def _weights_name(settings: dict[str, Any], files: list[Path]) -> str:
    """What tables say of the weights; a published file is checked against its digest once more."""
    kind = settings["weights"]
    if kind not in ("pretrained", "standin", "random"):
        raise ValueError(f"recipe: weights {kind!r}, expected pretrained, standin or random")
    if len(files) != (kind != "random"):
        raise ValueError(f"recipe: weights {kind!r} with {len(files)} weights files, expected {int(kind != 'random')}")
    if kind != "pretrained":
        return kind
    module = backbone_module(settings)
    if not hasattr(module, "PUBLISHED"):
        raise ValueError(f"recipe: weights 'pretrained', but no weights are published for {settings['backbone']}")
    sums = files[0].with_name("SHA256SUMS")
    weights_files.check(files[0], weights_files.published_prefix(module.URL), module.URL, sums)
    return module.PUBLISHED
