"""Extract feature cubes X_t, maps of a frozen backbone, from frames or flow (Sharma et al. 2015, Sec. 2)."""

import json
from pathlib import Path

import numpy as np

from poseattn.extraction.backbone import ready_backbone
from poseattn.extraction.describe import fitting_batch
from poseattn.extraction.features import write_features
from poseattn.extraction.pictures import attrs_of_poses, open_clips, open_heatmaps
from poseattn.extraction.statuses import Statuses, asked_clips, healthy_side, videos_of
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.video.damage import read_policy

_AXES = {1: "frame channel", 3: "frame row col channel"}  # of what a backbone makes of a picture, pooled or maps


def run(
    *,
    root: Path,
    manifest: Path,
    uses: list[Path],
    frames: list[Path],
    heatmaps: list[Path],
    weights: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    threads: int,
    device: str,
    code: str,
    damaged: str = "refuse",
) -> None:
    """Compute the cubes of every frame of the clips of a shard, decoded from their videos or read from a shard.

    A clip that cannot be decoded to its end gets no rows; the reason stands in the status table. If damaged clips are
    kept, the row of a frame that was lost is zero, and the side array `healthy` is 0 there. A mirrored twin (see
    `poseattn.shards.shard_set.mirrored_of`) follows its clip; the status table does not name it.

    The tables `soft_attention_*`, `rpan_*` and `stanford40_table1` rest on cubes.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        uses: What the protocols do with them, for twins; else none.
        frames: Shard of kind `jpegs` or `flow`; none to decode the videos here.
        heatmaps: Shard of kind `heatmaps`, for pictures that show the pose below the frame; none for others.
        weights: File of the backbone's weights; none for random weights.
        recipe: JSON: `frames` (the recipe of the frames, with `store` and `size`) or `flow` (that of the flow),
            `heatmaps` (that of the heatmaps, if there are any; see `poseattn.video.pose_below`),
            `mirror` (whether clips that train have a mirrored twin), `backbone`, its `arguments`, `tap`, image `size`
            (pixels), `weights` (pretrained, standin or random), `seed` of random weights, `batch` and whether to
            `compile`.
        out: Shard of kind `cubes`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of the network, and how many clips are decoded at the same time.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.
        damaged: What becomes of damaged videos (see `poseattn.video.damage.read_policy`).

    Raises:
        ValueError: The recipe, the weights or an input is wrong.
    """
    settings, policy = json.loads(recipe), read_policy(damaged)
    if len(uses) != settings["mirror"]:
        raise ValueError(f"recipe: mirror is {settings['mirror']}, and {len(uses)} tables of uses are given")
    asked = asked_clips(manifest, None if frames else root, uses)
    backbone, shape, attrs = ready_backbone(settings, weights, threads, device)
    poses = open_heatmaps(heatmaps, settings)
    clips = open_clips(videos_of(root, policy), asked, frames, poses, settings, backbone.input_shape[-1])
    if poses is not None:
        attrs |= attrs_of_poses(attrs["weights"], poses)
    header = {"kind": "cubes", "axes": _AXES[len(shape)], "units": "1", "recipe": recipe, "code": code}
    side = {"time": SideArray("frame", "seconds")} | healthy_side(policy, "frame")
    header |= {"side": side, "attrs": attrs, "empty": (shape, np.float16)}
    statuses = Statuses("extract_cubes", len(clips))
    settings["batch"] = fitting_batch(settings["batch"], settings["size"], next(backbone.parameters()).device)
    with ShardWriter(out, **header) as writer:
        write_features(clips, backbone, settings, threads, writer, statuses)
    statuses.write(status)
