"""Stage estimate_poses: images or videos -> joints where heatmaps of a pose network are highest, a source of poses."""

import json
from pathlib import Path

import numpy as np

from poseattn.datasets.pose_format import planar_format
from poseattn.extraction.heatmaps import Maps, draw_maps, end_clip
from poseattn.extraction.pose_network import BODY, pose_network
from poseattn.extraction.statuses import Statuses, asked_clips, healthy_side, videos_of
from poseattn.pose.heatmaps import read_joints
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.video.crops import from_square
from poseattn.video.damage import read_policy

_FORM = planar_format(BODY)
_SIDE = _FORM.side | {"confidence": SideArray("frame body joint", "1")}


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
    """Estimate the joints of one person in every frame of the clips of a shard.

    The shard is like one of annotated joints, with the `confidence` of each besides: how high its map is. A joint with
    less than `min_confidence` is neither visible nor valid; a person of whom no joint is valid is absent. If damaged
    clips are kept, nobody is seen in a frame that was lost, and the side array `healthy` is 0 there.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        poses: Shard with the box of each person, for `crop: box`; none for whole frames.
        weights: File of the network's weights; none for random weights.
        recipe: JSON: as for estimate_heatmaps, and `min_confidence`.
        out: Shard to write, of the kind `poses`.
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
    header = {"kind": "poses", "axes": _FORM.axes, "units": _FORM.units, "recipe": recipe, "code": code}
    header |= {"attrs": attrs | {"layout": "mpii"}, "empty": (_FORM.shape, "float32")}
    header |= {"side": _SIDE | healthy_side(policy, "frame")}
    statuses, n_frames = Statuses("estimate_poses", len(asked)), 0
    with ShardWriter(out, **header) as writer:
        for maps in draw_maps(sources, poses, network, grid, settings, threads):
            if len(maps.heatmap):
                arrays = joints_of(maps, settings["min_confidence"])
                writer.extend(maps.clip_id, arrays.pop("data"), **{name: arrays[name] for name in writer.side_names})
                n_frames += len(maps.heatmap)
            if maps.end is not None:
                end_clip(maps, n_frames, writer, statuses)
                n_frames = 0
    statuses.write(status)


def joints_of(maps: Maps, min_confidence: float | int) -> dict[str, np.ndarray]:
    """Joints that heatmaps show, as a pose shard has them.

    Args:
        maps: Of some frames.
        min_confidence: Least height of the map of a joint that counts.

    Returns:
        Arrays by name, each with a body axis of one person. The box is the smallest around the joints that count, or
        the square of the maps where none does.
    """
    position, confidence = read_joints(maps.heatmap)
    joints = from_square(position / np.array(maps.heatmap.shape[:1:-1]), maps.square[:, None]).astype(np.float32)
    counts = (confidence >= min_confidence) & (maps.healthy[:, None] > 0)
    lowest, highest = (
        limit(np.where(counts[..., None], joints, far), axis=1)
        for limit, far in ((np.min, np.float32(np.inf)), (np.max, np.float32(-np.inf)))
    )
    seen = counts.any(axis=1)
    box = np.where(seen[:, None], np.concatenate([lowest, highest], axis=1), maps.square).astype(np.float32)
    return {
        "data": joints[:, None],
        "presence": seen.astype(np.uint8)[:, None],
        "visibility": counts.astype(np.uint8)[:, None],
        "valid": counts.astype(np.uint8)[:, None],
        "box": box[:, None],
        "size": maps.size,
        "confidence": confidence.astype(np.float32)[:, None],
        "healthy": maps.healthy,
    }
