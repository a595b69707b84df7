"""Extract one feature vector for each piece of a few successive frames (Torabi, Sigal 2017, Sec. 3)."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from torch import nn

from poseattn.extraction.backbone import ready_backbone
from poseattn.extraction.describe import fitting_batch
from poseattn.extraction.features import write_features
from poseattn.extraction.pictures import FLIP, Clip
from poseattn.extraction.statuses import Statuses, asked_clips, healthy_side
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.sizes import rectangle
from poseattn.video.damage import Decoding, read_policy
from poseattn.video.pieces import Pieces


def run(
    *,
    root: Path,
    manifest: Path,
    weights: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    threads: int,
    device: str,
    code: str,
    damaged: str = "refuse",
) -> None:
    """Compute the features of every piece of the clips of a shard, decoded from their videos.

    A clip that cannot be decoded gets no rows; the reason stands in the status table. If damaged clips are kept, a
    piece with a damaged frame is left out: its row is zero, so that all others keep their places, and the side array
    `healthy` is 0 there. A mirrored twin (see `poseattn.shards.shard_set.mirrored_of`) follows its clip; the
    status table does not name it.

    The tables of aLSTM rest on pieces: `activitynet_*`, `hollywood2_*` and `alstm_variants`.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        weights: File of the backbone's weights; none for random weights.
        recipe: JSON: the grid of `poseattn.video.pieces.Pieces`, `mirror` (whether `all` clips have a mirrored twin, or
            `none`), `backbone`, its `arguments`, `tap`, `weights` (pretrained, standin or random), `seed` of random
            weights, `batch` (pieces) and whether to `compile`.
        out: Shard of kind `pieces`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of the network, and how many clips are decoded at the same time.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.
        damaged: What becomes of damaged videos (see `poseattn.video.damage.read_policy`).

    Raises:
        ValueError: The recipe, the weights or an input is wrong.
    """
    settings, asked, policy = json.loads(recipe), asked_clips(manifest, root), read_policy(damaged)
    backbone, shape, attrs = ready_backbone(settings, weights, threads, device)
    _check_shapes(settings, backbone.input_shape, shape)
    settings["batch"] = fitting_pieces(settings, backbone)
    header = {"kind": "pieces", "axes": "piece channel", "units": "1", "recipe": recipe, "code": code}
    side = {"time": SideArray("piece", "seconds")} | healthy_side(policy, "piece")
    header |= {"side": side, "attrs": attrs, "empty": (shape, np.float16)}
    statuses = Statuses("extract_pieces", len(asked))
    with ShardWriter(out, **header) as writer:
        clips = open_pieces(root, asked, settings, policy.decoding)
        write_features(clips, backbone, settings, threads, writer, statuses)
    statuses.write(status)


def fitting_pieces(recipe: dict[str, Any], backbone: nn.Module) -> int:
    """How many pieces a network takes at once where it runs.

    Args:
        recipe: Has `batch`, the number for a GPU, `length` and `size` of pieces.
        backbone: The network; it may cut out the middle of frames (`crop`).

    Returns:
        The number (see `poseattn.extraction.describe.fitting_batch`).
    """
    rows, cols = rectangle(getattr(backbone, "crop", None) or recipe["size"])
    return fitting_batch(recipe["batch"], (recipe["length"] * rows, cols), next(backbone.parameters()).device)


def open_pieces(root: Path, asked: pd.DataFrame, recipe: dict[str, Any], decoding: Decoding) -> list[Clip]:
    """Clips of a shard; nothing of them is decoded before it is asked for.

    Args:
        root: Folder of the data set.
        asked: Rows of its manifest.
        recipe: Has the grid of the pieces, and `mirror`.
        decoding: How the clips are decoded.

    Returns:
        The clips.

    Raises:
        ValueError: `mirror` is something else.
    """
    if recipe["mirror"] not in ("all", "none"):
        raise ValueError(f"recipe: mirror is {recipe['mirror']!r}, expected all or none")
    flip = FLIP if recipe["mirror"] == "all" else None
    sources = {
        clip.clip_id: Pieces(root, clip.path, clip.start, clip.end, recipe, decoding.of(clip.pose_path))
        for clip in asked.itertuples()
    }
    return [Clip(clip_id, pieces, flip, pieces) for clip_id, pieces in sources.items()]


def _check_shapes(recipe: dict[str, Any], taken: tuple[int, ...], given: tuple[int, ...]) -> None:
    """Refuse a network that takes something else than the recipe's pieces, or gives something else than vectors."""
    length = recipe["length"]
    shape = (*([length] if length > 1 else []), *rectangle(recipe["size"]), 3)
    if shape != taken:
        raise ValueError(f"recipe: {recipe['backbone']} takes {taken}, pieces have {shape}")
    if len(given) != 1:
        raise ValueError(f"recipe: tap {recipe['tap']!r} of {recipe['backbone']} gives maps {given}, expected vectors")
