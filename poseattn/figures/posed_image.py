"""How stages that draw poses get an image with the heatmaps of its joints."""

from pathlib import Path

import numpy as np
import pandas as pd

from poseattn.figures.pose_maps import PosedImage
from poseattn.shards.shard_set import ShardSet
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY


def posed_image(root: Path, clips: pd.DataFrame, clip_id: str, heatmaps: ShardSet, title: str) -> PosedImage:
    """First healthy frame of a clip with its pose map.

    Args:
        root: Folder of the data set.
        clips: Its manifest.
        clip_id: The clip; heatmaps of it exist.
        heatmaps: Shards of heatmaps.
        title: What the image shows.

    Returns:
        The image and its map.

    Raises:
        VideoError: The image cannot be decoded any more.
    """
    clip = clips.set_index("clip_id").loc[clip_id]
    frames = ClipFrames(root, clip.path, clip.start, clip.end, decoding=ANY.of(clip.pose_path))
    first = next(frame for frame in frames if frame.image is not None)
    shard = heatmaps.shard_of(clip_id)
    pose = shard.clip(clip_id)[first.number].astype(np.float32).max(axis=0)
    square = shard.side("square", clip_id)[first.number]
    return PosedImage(np.ascontiguousarray(first.image[..., ::-1]), pose, square, title)
