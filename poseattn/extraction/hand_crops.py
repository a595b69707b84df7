"""Crops around the hands of the people of a clip, and the shard that they go to."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.extraction.statuses import healthy_side
from poseattn.pose.hands import N_HANDS
from poseattn.shards.shard import ShardWriter, SideArray
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.crops import check_picture, crop_hands
from poseattn.video.damage import Policy
from poseattn.video.frames import Frame, VideoError


class HandCrops(NamedTuple):
    """Crops around the hands of a clip.

    Attributes:
        data: (frame, hand, row, col, rgb) uint8.
        mask: (frame, hand) uint8, 1 for a hand that is there.
        time: (frame) seconds.
        healthy: (frame) uint8, 0 for a frame that was lost.
    """

    data: np.ndarray
    mask: np.ndarray
    time: np.ndarray
    healthy: np.ndarray


def crop_writer(out: Path, recipe: str, code: str, size: int, policy: Policy) -> ShardWriter:
    """Return the writer of a shard of hand crops.

    Args:
        out: The shard.
        recipe: How the crops are made, as a JSON string.
        code: Hash of the source.
        size: Edge of a crop, pixels.
        policy: What becomes of damaged videos.

    Returns:
        The writer, not yet open.
    """
    return ShardWriter(
        out,
        kind="hand_crops",
        axes="frame hand row col rgb",
        units="grey level",
        recipe=recipe,
        code=code,
        side={"mask": SideArray("frame hand", "1"), "time": SideArray("frame", "seconds")}
        | healthy_side(policy, "frame"),
        empty=((N_HANDS, size, size, 3), "uint8"),
    )


def crop_clip(source: ClipFrames, xy: np.ndarray, settings: dict[str, Any]) -> HandCrops:
    """Cut the hands out of one clip, for as many frames as both its skeleton and its video have.

    Args:
        source: Frames of the clip.
        xy: Positions of the hands (frame, hand, xy), pixels; NaN for a hand that is not there.
        settings: Recipe with `size`, `picture` and `max_frame_difference`.

    Returns:
        The crops.

    Raises:
        VideoError: The video is damaged, or its length differs too much from the skeleton's.
    """
    size = settings["size"]
    data = np.zeros((len(xy), N_HANDS, size, size, 3), np.uint8)
    mask = np.zeros((len(xy), N_HANDS), np.uint8)
    frames: list[Frame] = []
    for frame in source:
        if frame.image is not None:
            check_picture(source.size, settings["picture"])
            data[frame.number], mask[frame.number] = crop_hands(frame.image, xy[frame.number], size)
        frames.append(frame._replace(image=None))
    if abs(len(xy) - len(frames)) > settings["max_frame_difference"]:
        raise VideoError(f"skeleton has {len(xy)} frames, video {len(frames)}")
    kept = min(len(xy), len(frames))
    time = np.array([frame.time for frame in frames[:kept]])
    healthy = np.array([frame.healthy for frame in frames[:kept]], np.uint8)
    return HandCrops(data[:kept], mask[:kept], time, healthy)
