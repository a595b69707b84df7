"""Stage decode_frames: videos -> the only pixels that the next stage needs.

These are crops around hands or people, squashed frames, or random pieces of squashed frames.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from poseattn import jpegs
from poseattn.pose.hands import N_HANDS, hand_positions
from poseattn.shards import Shard, ShardWriter, SideArray
from poseattn.stages._clips import Statuses, asked_clips
from poseattn.video.clip_frames import clip_frames, squashed_frames
from poseattn.video.crops import crop_hands, cut_square, square_around
from poseattn.video.decode import Video, VideoError
from poseattn.video.pieces import draw_pieces


class HandCrops(NamedTuple):
    """Hands of a clip: crops (frame, hand, row, col, rgb) uint8, mask (frame, hand) uint8, time (frame) in seconds."""

    data: np.ndarray
    mask: np.ndarray
    time: np.ndarray


def run(*, root: Path, manifest: Path, poses: list[Path], recipe: str, out: Path, status: Path, code: str) -> None:
    """Decode the videos of a shard once and keep what the recipe says.

    `store: crops` keeps the hands of both people (main left, main right, second left, right), `store: jpeg` every
    frame, squashed to a square, as a JPEG file; `store: persons` the square around the first person in every frame;
    `store: pieces` no more of a clip than some random pieces of it (see `poseattn.video.pieces.draw_pieces`), and of
    clips that only test nothing. A clip whose video is missing, unreadable, cut off or of another length than its
    skeleton gets no rows; the reason stands in the status table. Clips that the protocol leaves out, or whose skeleton
    is bad, are not asked for.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        poses: Their poses, for crops and persons; else none.
        recipe: JSON with `store` and `size` (pixels); for crops `max_frame_difference` (frames), else `quality`; for
            persons the `margin`: edge of a square in longer sides of the annotated box; for pieces their `length`
            (frames) and `count`, and the `seed` that draws them.
        out: Shard to write, of the kind `hand_crops` or `jpegs`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        code: Hash of the source.

    Raises:
        ValueError: The recipe stores something else, or an input is missing or no such file.
    """
    settings = json.loads(recipe)
    store, n_poses = settings["store"], {"crops": 1, "jpeg": 0, "persons": 1, "pieces": 0}
    if store not in n_poses:
        raise ValueError(f"recipe: store is {store!r}, expected {', '.join(n_poses)}")
    if len(poses) != n_poses[store]:
        raise ValueError(f"recipe: store is {store!r}, and {len(poses)} files of poses are given, not {n_poses[store]}")
    asked = asked_clips(manifest, root)
    if store == "crops":
        statuses = _keep_hands(root, asked, poses[0], settings, _crop_writer(out, recipe, code, settings["size"]))
    elif store == "persons":
        statuses = _keep_persons(root, asked, poses[0], settings, _jpeg_writer(out, recipe, code))
    else:
        asked = asked if store == "jpeg" else asked[(asked.trains != "") | (asked.validates != "")]
        statuses = _keep_frames(root, asked, settings, _jpeg_writer(out, recipe, code))
    statuses.write(status)


def _keep_hands(root: Path, asked: pd.DataFrame, poses: Path, settings: dict, writer: ShardWriter) -> Statuses:
    with Shard(poses, kind="poses") as skeletons, writer:
        asked = asked[asked.clip_id.isin(skeletons.clip_ids)]
        statuses = Statuses("decode_frames", len(asked))
        for clip_id, path in zip(asked.clip_id, asked.path, strict=True):
            try:
                xy = hand_positions(skeletons.side("color_xy", clip_id), skeletons.side("presence", clip_id))
                crops = _decode(root, path, xy, settings)
                writer.append(clip_id, **crops._asdict())
                statuses.good(clip_id, len(crops.data))
            except VideoError as error:
                statuses.bad(clip_id, error)
    return statuses


def _keep_frames(root: Path, asked: pd.DataFrame, settings: dict, writer: ShardWriter) -> Statuses:
    statuses = Statuses("decode_frames", len(asked))
    with writer:
        for clip in asked.itertuples():
            try:
                frames = Counted(squashed_frames(root, clip.path, settings["size"], clip.start, clip.end))
                kept = _drawn(clip.clip_id, frames, settings) if settings["store"] == "pieces" else frames
                jpegs.write_clip(writer, clip.clip_id, iter(kept), settings["quality"])
                statuses.good(clip.clip_id, frames.n_frames)
            except VideoError as error:
                statuses.bad(clip.clip_id, error)
    return statuses


class Counted:
    """Frames with their times, and how many of them were taken so far."""

    def __init__(self, frames: Iterator[tuple[np.ndarray, float]]) -> None:
        self._frames, self.n_frames = frames, 0

    def __iter__(self) -> Iterator[tuple[np.ndarray, float]]:
        """Take them."""
        for frame in self._frames:
            self.n_frames += 1
            yield frame


def _drawn(clip_id: str, frames: Counted, settings: dict) -> list[tuple[np.ndarray, float]]:
    """Random pieces of a clip, drawn from the seed and the name of the clip."""
    rng = np.random.default_rng([settings["seed"], zlib.crc32(clip_id.encode())])
    return draw_pieces(frames, settings["length"], settings["count"], rng)


def _keep_persons(root: Path, asked: pd.DataFrame, poses: Path, settings: dict, writer: ShardWriter) -> Statuses:
    with Shard(poses, kind="poses") as people, writer:
        asked = asked[asked.clip_id.isin(people.clip_ids)]
        statuses = Statuses("decode_frames", len(asked))
        for clip in asked.itertuples():
            try:
                squares = square_around(people.side("box", clip.clip_id)[:, 0], settings["margin"])
                frames = _cut_frames(root, clip, squares, settings["size"])
                statuses.good(clip.clip_id, jpegs.write_clip(writer, clip.clip_id, frames, settings["quality"]))
            except VideoError as error:
                statuses.bad(clip.clip_id, error)
    return statuses


def _cut_frames(root: Path, clip: Any, squares: np.ndarray, size: int) -> Iterator[tuple[np.ndarray, float]]:
    """Squares of all frames of a clip (row, col, rgb) with their times."""
    n_frames = 0
    for n_frames, (image, time) in enumerate(clip_frames(root, clip.path, clip.start, clip.end), 1):
        if n_frames <= len(squares):
            yield cut_square(image, squares[n_frames - 1], size)[..., ::-1], time
    if n_frames != len(squares):
        raise VideoError(f"annotation has {len(squares)} frames, video {n_frames}")


def _jpeg_writer(out: Path, recipe: str, code: str) -> ShardWriter:
    return ShardWriter(out, **jpegs.HEADER, recipe=recipe, code=code, attrs={"layout": jpegs.LAYOUT})


def _crop_writer(out: Path, recipe: str, code: str, size: int) -> ShardWriter:
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
    time = []
    with Video(root / path) as video:
        for frame in video.frames(np.isfinite(xy).all(axis=-1).any(axis=-1)):
            if frame.image is not None:
                data[frame.number], mask[frame.number] = crop_hands(frame.image, xy[frame.number], size)
            time.append(frame.time)
    if abs(len(xy) - len(time)) > settings["max_frame_difference"]:
        raise VideoError(f"skeleton has {len(xy)} frames, video {len(time)}")
    kept = min(len(xy), len(time))
    return HandCrops(data[:kept], mask[:kept], np.array(time[:kept]))
