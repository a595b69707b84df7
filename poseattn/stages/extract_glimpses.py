"""Extract glimpses v_t,i from crops around hands by a frozen backbone (Baradel et al. 2017, Eq. 1)."""

import json
import logging
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from poseattn.extraction.backbone import ready_backbone
from poseattn.extraction.describe import check_range, describe, recut
from poseattn.shards.shard import Shard, ShardWriter, SideArray

_log = logging.getLogger(__name__)
_BLOCK = 256  # frames read at once, 8 MB of hand crops


def run(*, frames: Path, weights: list[Path], recipe: str, out: Path, threads: int, device: str, code: str) -> None:
    """Compute the glimpses of every clip of a shard; the feature of an absent hand, or in a lost frame, is zero.

    The tables `ntu_*` of STA-Hands rest on glimpses.

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
    settings = json.loads(recipe)
    backbone, shape, attrs = ready_backbone(settings, weights, threads, device)
    header = {"kind": "glimpses", "axes": "frame hand channel", "units": "1", "recipe": recipe, "code": code}
    with Shard(frames, kind="hand_crops", axes="frame hand row col rgb") as shard:
        empty = ((shard.row_shape[0], *shape), np.float16)
        lost = {"healthy": SideArray("frame", "1")} if "healthy" in shard.side_names else {}
        side = {"mask": SideArray("frame hand", "1")} | lost
        with ShardWriter(out, **header, side=side, attrs=attrs, empty=empty) as writer:
            write_glimpses(shard, backbone, settings, writer)


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
        check_range(glimpses, f"{shard.path}: clip {clip_id}: features of {settings['backbone']}")
        lost = {name: shard.side(name, clip_id) for name in writer.side_names if name != "mask"}
        writer.append(clip_id, glimpses, mask=present.astype(np.uint8), **lost)
        if number % max(1, len(clips) // 10) == 0:
            _log.info("%d of %d clips", number, len(clips))


def _present_crops(shard: Shard, mask: np.ndarray) -> Iterator[np.ndarray]:
    """Crops of present hands, in order of frames and hands: (image, row, col, rgb) pieces."""
    for start in range(0, shard.n_rows, _BLOCK):
        index = np.arange(start, min(start + _BLOCK, shard.n_rows))
        yield shard.rows(index)[mask[index]]
