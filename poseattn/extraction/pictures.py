"""What feature cubes are made of: the pictures of each clip, from its video or from a shard of frames or of flow."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import OF_HEATMAPS, WEIGHTS
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.frames import Frame, VideoError
from poseattn.video.pieces import Pieces
from poseattn.video.pose_below import pose_below

_COLOURS = 3
_OF_A_FIELD = 2  # channels
FLIP: Callable[[np.ndarray], np.ndarray] = partial(np.flip, axis=-2)  # of colours, left to right

Pictures = Iterable[Frame]  # with images (row, col, channel) uint8, or pieces


class Clip(NamedTuple):
    """A clip to describe.

    Attributes:
        clip_id: Its name.
        pictures: One for each of its frames; or pieces of several frames.
        mirror: Function from pictures (picture, row, col, channel) to mirrored ones, if it has a mirrored twin.
        source: What decodes its file and counts the frames; None if the pictures are those of a shard.
    """

    clip_id: str
    pictures: Pictures
    mirror: Callable[[np.ndarray], np.ndarray] | None = None
    source: ClipFrames | Pieces | None = None


def open_clips(
    videos: Callable[[Any], ClipFrames],
    asked: pd.DataFrame,
    files: list[Path],
    poses: Shard | None,
    recipe: dict[str, Any],
    channels: int,
) -> list[Clip]:
    """Clips of a shard; nothing of them is decoded before it is asked for.

    Args:
        videos: What opens the video of a row of the manifest.
        asked: Rows of the manifest of the data set; for twins with the column `trains`.
        files: Shard of stored frames or of flow; none to decode the videos.
        poses: Heatmaps to show below the frames; None for frames alone.
        recipe: Has `frames` or `flow`, the recipe of these, and `mirror`: whether clips that train have a twin.
        channels: Of a picture, as the network takes it.

    Returns:
        The clips; of a shard those that are in it.

    Raises:
        ValueError: Files are missing or of another recipe, or the network takes other pictures.
    """
    kind = "flow" if "flow" in recipe else "frames"
    source = recipe[kind]
    is_stored = kind == "flow" or source["store"] == "jpeg"
    if len(files) != is_stored:
        given = f"flow by {source['method']!r}" if kind == "flow" else f"frames with store {source['store']!r}"
        raise ValueError(f"recipe: {given}, and {len(files)} shards are given, not {int(is_stored)}")
    _check_channels(kind, channels, recipe)
    flip = FLIP
    sources: dict[str, ClipFrames] = {}
    if poses is not None and is_stored:
        raise ValueError("recipe: poses go below frames with store 'none' only")
    if not is_stored:
        sources = {clip.clip_id: videos(clip) for clip in asked.itertuples()}
        pictures = {
            clip_id: squashed(frames, source["size"]) if poses is None else _with_poses(frames, clip_id, poses, source)
            for clip_id, frames in sources.items()
        }
    else:
        Shard(files[0], kind={"frames": "jpegs"}.get(kind, kind), axes="byte", recipe=_as_json(source)).close()
        images = open_images(files, channels // _OF_A_FIELD)
        flip = images.mirrored
        pictures = {clip_id: images.stream(clip_id) for clip_id in images.shards.shards[0].clip_ids}
    trains = set(asked.clip_id[asked.trains != ""]) if recipe["mirror"] else set()
    return [
        Clip(clip_id, stream, flip if clip_id in trains else None, sources.get(clip_id))
        for clip_id, stream in pictures.items()
    ]


def open_heatmaps(files: list[Path], recipe: dict[str, Any]) -> Shard | None:
    """Heatmaps that a recipe of cubes names.

    Args:
        files: Shard of heatmaps; none where there are none.
        recipe: Has `heatmaps`, the recipe of these, or not.

    Returns:
        The shard.

    Raises:
        ValueError: It is missing, not asked for, or of another recipe.
    """
    if len(files) != ("heatmaps" in recipe):
        raise ValueError(f"recipe: heatmaps is {recipe.get('heatmaps')}, and {len(files)} shards are given for it")
    if not files:
        return None
    return Shard(files[0], kind="heatmaps", axes="frame joint row col", recipe=_as_json(recipe["heatmaps"]))


def attrs_of_poses(weights: str, poses: Shard) -> dict[str, str]:
    """What a shard of cubes says of the heatmaps below its pictures, so that others can be made in the same way.

    Args:
        weights: What tables say of the weights of the cubes' network.
        poses: The heatmaps.

    Returns:
        `weights` of both networks; and file and digest of those that drew the heatmaps, unless they are random.
    """
    kept = {f"{OF_HEATMAPS}{name}": str(poses.attrs[name]) for name in WEIGHTS if name in poses.attrs}
    return {"weights": "+".join(sorted({weights, str(poses.attrs["weights"])}))} | kept


def _with_poses(frames: Pictures, clip_id: str, poses: Shard, source: dict[str, Any]) -> Iterator[Frame]:
    """Frames of a clip with their pose maps below."""
    if clip_id not in poses.clip_ids:
        raise VideoError("no heatmaps of its joints")
    first, end = poses.offsets[poses.index(clip_id) :][:2]
    for frame in frames:
        if frame.number >= end - first:
            raise VideoError(f"heatmaps have {end - first} frames, the video has more")
        if frame.image is None:
            yield frame
            continue
        heatmap = poses.rows(np.array([first + frame.number]))[0]
        yield frame._replace(image=pose_below(frame.image, heatmap, source["size"]))


def _check_channels(kind: str, channels: int, recipe: dict[str, Any]) -> None:
    if kind == "frames" and channels != _COLOURS:
        raise ValueError(f"recipe: {recipe['backbone']} takes {channels} channels, frames have {_COLOURS}")
    if kind == "flow" and (channels == _COLOURS or channels % _OF_A_FIELD):
        raise ValueError(f"recipe: {recipe['backbone']} takes {channels} channels, flow has two a field")


def _as_json(recipe: dict[str, Any]) -> str:
    return json.dumps(recipe, sort_keys=True)
