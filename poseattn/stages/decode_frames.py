"""Stage decode_frames: videos -> 50x50 crops around the hands, the only pixels that the next stage needs."""

import json
import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np

from poseattn.manifest import read_manifest, write_status
from poseattn.pose.hands import N_HANDS, hand_positions
from poseattn.shards import Shard, ShardWriter, SideArray
from poseattn.video import Video, VideoError, crop_hands

log = logging.getLogger(__name__)


class HandCrops(NamedTuple):
    """Hands of a clip: crops (frame, hand, row, col, rgb) uint8, mask (frame, hand) uint8, time (frame) in seconds."""

    data: np.ndarray
    mask: np.ndarray
    time: np.ndarray


def run(*, root: Path, manifest: Path, poses: Path, recipe: str, out: Path, status: Path, code: str) -> None:
    """Decode the videos of a shard once and keep the hands of both people: main left, main right, second left, right.

    A clip whose video is missing, unreadable, cut off or of another length than its skeleton gets no rows; the reason
    stands in the status table. Clips that the protocol leaves out, or whose skeleton is bad, are not asked for.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        poses: Their poses.
        recipe: JSON with `store` (crops), `size` (pixels) and `max_frame_difference` (frames).
        out: Shard to write, of the kind `hand_crops`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        code: Hash of the source.

    Raises:
        ValueError: The recipe stores something other than crops, or an input is no such file.
    """
    settings = json.loads(recipe)
    if settings["store"] != "crops":
        raise ValueError(f"recipe: store is {settings['store']!r}, expected 'crops'")
    clips = read_manifest(manifest)
    rows = []
    with Shard(poses, kind="poses") as skeletons, _writer(out, recipe, code, settings["size"]) as writer:
        asked = clips[(clips.excluded == "") & clips.clip_id.isin(skeletons.clip_ids)]
        for clip_id, path in zip(asked.clip_id, asked.path, strict=True):
            row = {"clip_id": clip_id, "stage": "decode_frames", "n_frames": 0, "reason": ""}
            try:
                xy = hand_positions(skeletons.side("color_xy", clip_id), skeletons.side("presence", clip_id))
                crops = _decode(root, path, xy, settings)
                writer.append(clip_id, **crops._asdict())
                row["n_frames"] = len(crops.data)
            except VideoError as error:
                log.warning("%s: %s", clip_id, error)
                row["reason"] = str(error)
            rows.append(row)
            if len(rows) % 100 == 0:
                log.info("%d of %d clips", len(rows), len(asked))
    write_status(rows, status)
    log.info("%d of %d clips decoded", sum(not row["reason"] for row in rows), len(rows))


def _writer(out: Path, recipe: str, code: str, size: int) -> ShardWriter:
    return ShardWriter(
        out,
        kind="hand_crops",
        axes="frame hand row col rgb",
        units="grey level",
        recipe=recipe,
        code=code,
        side={"mask": SideArray("frame hand", "1"), "time": SideArray("frame", "seconds")},
        empty=((N_HANDS, size, size, 3), "uint8"),
    )


def _decode(root: Path, path: str, xy: np.ndarray, settings: dict) -> HandCrops:
    """Hands of one clip, for as many frames as both its skeleton and its video have."""
    if not path:
        raise VideoError("no video")
    size = settings["size"]
    data = np.zeros((len(xy), N_HANDS, size, size, 3), np.uint8)
    mask = np.zeros((len(xy), N_HANDS), np.uint8)
    n_frames = 0
    with Video(root / path) as video:
        for image in video.frames(np.isfinite(xy).all(axis=-1).any(axis=-1)):
            if image is not None:
                data[n_frames], mask[n_frames] = crop_hands(image, xy[n_frames], size)
            n_frames += 1
    if abs(len(xy) - n_frames) > settings["max_frame_difference"]:
        raise VideoError(f"skeleton has {len(xy)} frames, video {n_frames}")
    kept = min(len(xy), n_frames)
    return HandCrops(data[:kept], mask[:kept], np.arange(kept) / video.fps)
