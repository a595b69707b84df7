"""Stage estimate_heatmaps: images or videos -> heatmaps of 16 joints (Newell, Yang, Deng 2016, arXiv 1603.06937)."""

import json
from pathlib import Path

import numpy as np

from poseattn.extraction.heatmaps import draw_maps, end_clip
from poseattn.extraction.pose_network import BODY, pose_network
from poseattn.extraction.statuses import Statuses, asked_clips, healthy_side, videos_of
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.video.damage import read_policy

SIDE = {
    "time": SideArray("frame", "seconds"),
    "square": SideArray("frame corner", "pixels"),
    "size": SideArray("frame extent", "pixels"),
}


def run(
    *,
    root: Path,
    manifest: Path,
    poses: list[Path],
    weights: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    threads: int,
    device: str,
    code: str,
    damaged: str = "refuse",
) -> None:
    """Draw the heatmaps of every frame of the clips of a shard.

    A clip that cannot be decoded to its end gets no rows; the reason stands in the status table. If damaged clips are
    kept, the maps of a frame that was lost are zero, and the side array `healthy` is 0 there.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        poses: Shard with the box of each person, for `crop: box`; none for whole frames.
        weights: File of the network's weights; none for random weights.
        recipe: JSON: `crop` (`whole`: the whole frame in a square; `box`: a square around the annotated person, larger
            by the `margin`), `flip` (whether frames are seen mirrored as well), `backbone`, its `arguments`, image
            `size` (pixels), `weights` (pretrained, standin or random), `seed`, `batch` and whether to `compile`.
        out: Shard of kind `heatmaps`; joints in the order of MPII, about 1 at a joint. Beside them the `square` of
            each frame that they cover (left, top, right, bottom) and the `size` of the frame (rows, columns).
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of the network, and how many clips are decoded at the same time.
        device: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.
        damaged: What becomes of damaged videos (see `poseattn.video.damage.read_policy`).

    Raises:
        ValueError: The recipe, the weights or an input is wrong.
    """
    settings, asked, policy = json.loads(recipe), asked_clips(manifest, root), read_policy(damaged)
    sources = {clip.clip_id: videos_of(root, policy)(clip) for clip in asked.itertuples()}
    network, grid, attrs = pose_network(settings, weights, threads, device)
    header = {"kind": "heatmaps", "axes": "frame joint row col", "units": "1", "recipe": recipe, "code": code}
    attrs |= {"layout": "mpii"}
    header |= {
        "side": SIDE | healthy_side(policy, "frame"),
        "attrs": attrs,
        "empty": ((len(BODY.joints), *grid), np.float16),
    }
    statuses, n_frames = Statuses("estimate_heatmaps", len(asked)), 0
    with ShardWriter(out, **header) as writer:
        for maps in draw_maps(sources, poses, network, grid, settings, threads):
            if len(maps.heatmap):
                side = {name: getattr(maps, name) for name in writer.side_names}
                writer.extend(maps.clip_id, maps.heatmap, **side)
                n_frames += len(maps.heatmap)
            if maps.end is not None:
                end_clip(maps, n_frames, writer, statuses)
                n_frames = 0
    statuses.write(status)
