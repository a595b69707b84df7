"""Stage decode_frames: videos -> the only pixels that the next stage needs.

These are crops around hands or people, squashed frames, or random pieces of squashed frames.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poseattn.extraction.hand_crops import crop_clip, crop_writer
from poseattn.extraction.statuses import Statuses, asked_clips, videos_of
from poseattn.pose.hands import hand_positions
from poseattn.shards import jpegs
from poseattn.shards.shard import Shard, ShardWriter
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.crops import cut_square, scale_to, square_around
from poseattn.video.damage import Policy, read_policy
from poseattn.video.frames import Frame, VideoError
from poseattn.video.pieces import draw_pieces


def run(
    *,
    root: Path,
    manifest: Path,
    uses: list[Path],
    poses: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    code: str,
    damaged: str = "refuse",
) -> None:
    """Decode the videos of a shard once and keep what the recipe says.

    `store: crops` keeps the hands of both people (main left, main right, second left, right), `store: jpeg` every
    frame, squashed to a square, as a JPEG file; `store: persons` the square around the first person in every frame;
    `store: pieces` no more of a clip than some random pieces of it (see `poseattn.video.pieces.draw_pieces`), and of
    clips that only test nothing. A clip whose video is missing, unreadable, cut off or of another length than its
    skeleton gets no rows; the reason stands in the status table. If damaged clips are kept, a frame that was lost has a
    row of zeros, or no image; random pieces have no such frame. Clips that the protocol leaves out, or whose skeleton
    is bad, are not asked for.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        uses: What the protocols do with them, for pieces; else none.
        poses: Their poses, for crops and persons; else none.
        recipe: JSON with `store` and `size` (pixels); for crops `max_frame_difference` (frames) and `picture`, the rows
            and columns that skeletons count pixels in; else `quality`; for persons the `margin`: edge of a square in
            longer sides of the annotated box; for pieces their `length` (frames) and `count`, and the `seed` that draws
            them.
        out: Shard to write, of the kind `hand_crops` or `jpegs`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        code: Hash of the source.
        damaged: What becomes of damaged videos (see `poseattn.video.damage.read_policy`).

    Raises:
        ValueError: The recipe stores something else, or an input is missing or no such file.
    """
    settings = json.loads(recipe)
    store, n_poses = settings["store"], {"crops": 1, "jpeg": 0, "persons": 1, "pieces": 0}
    if store not in n_poses:
        raise ValueError(f"recipe: store is {store!r}, expected {', '.join(n_poses)}")
    if len(poses) != n_poses[store]:
        raise ValueError(f"recipe: store is {store!r}, and {len(poses)} files of poses are given, not {n_poses[store]}")
    if len(uses) != (store == "pieces"):
        raise ValueError(f"recipe: store is {store!r}, and {len(uses)} tables of uses are given")
    asked, policy = asked_clips(manifest, root, uses), read_policy(damaged)
    if store == "crops":
        writer = crop_writer(out, recipe, code, settings["size"], policy)
        statuses = _keep_hands(root, asked, poses[0], settings, writer, policy)
    elif store == "persons":
        statuses = _keep_persons(videos_of(root, policy), asked, poses[0], settings, _jpeg_writer(out, recipe, code))
    else:
        asked = asked if store == "jpeg" else asked[(asked.trains != "") | (asked.validates != "")]
        statuses = _keep_frames(videos_of(root, policy), asked, settings, _jpeg_writer(out, recipe, code))
    statuses.write(status)


def _keep_hands(
    root: Path, asked: pd.DataFrame, poses: Path, settings: dict, writer: ShardWriter, policy: Policy
) -> Statuses:
    with Shard(poses, kind="poses") as skeletons, writer:
        asked = asked[asked.clip_id.isin(skeletons.clip_ids)]
        statuses = Statuses("decode_frames", len(asked))
        for clip_id, path in zip(asked.clip_id, asked.path, strict=True):
            xy = hand_positions(skeletons.side("color_xy", clip_id), skeletons.side("presence", clip_id))
            known = set(np.flatnonzero(np.isfinite(xy).all(axis=-1).any(axis=-1)).tolist())
            source = ClipFrames(root, path, "", "", policy.decoding, known.__contains__)
            try:
                crops = crop_clip(source, xy, settings)._asdict()
                writer.append(clip_id, crops.pop("data"), **{name: crops[name] for name in writer.side_names})
                statuses.good(clip_id, len(crops["time"]), source.account)
            except VideoError as error:
                statuses.bad(clip_id, error, source.account)
    return statuses


def _keep_frames(
    videos: Callable[[Any], ClipFrames], asked: pd.DataFrame, settings: dict, writer: ShardWriter
) -> Statuses:
    statuses = Statuses("decode_frames", len(asked))
    with writer:
        for clip in asked.itertuples():
            source = videos(clip)
            try:
                frames = squashed(source, settings["size"])
                kept = _drawn(clip.clip_id, frames, settings) if settings["store"] == "pieces" else frames
                jpegs.write_clip(writer, clip.clip_id, kept, settings["quality"])
                statuses.good(clip.clip_id, source.n_frames, source.account)
            except VideoError as error:
                statuses.bad(clip.clip_id, error, source.account)
    return statuses


def _drawn(clip_id: str, frames: Iterable[Frame], settings: dict) -> list[Frame]:
    """Random pieces of a clip, drawn from the seed and the name of the clip."""
    rng = np.random.default_rng([settings["seed"], zlib.crc32(clip_id.encode())])
    return draw_pieces(frames, settings["length"], settings["count"], rng)


def _keep_persons(
    videos: Callable[[Any], ClipFrames], asked: pd.DataFrame, poses: Path, settings: dict, writer: ShardWriter
) -> Statuses:
    with Shard(poses, kind="poses") as people, writer:
        asked = asked[asked.clip_id.isin(people.clip_ids)]
        statuses = Statuses("decode_frames", len(asked))
        for clip in asked.itertuples():
            source = videos(clip)
            try:
                squares = square_around(people.side("box", clip.clip_id)[:, 0], settings["margin"])
                frames = _cut_frames(source, squares, people.side("size", clip.clip_id), settings["size"])
                n_frames = jpegs.write_clip(writer, clip.clip_id, frames, settings["quality"])
                statuses.good(clip.clip_id, n_frames, source.account)
            except VideoError as error:
                statuses.bad(clip.clip_id, error, source.account)
    return statuses


def _cut_frames(source: ClipFrames, squares: np.ndarray, sizes: np.ndarray, size: int) -> Iterator[Frame]:
    """Squares of all frames of a clip (row, col, rgb)."""
    for frame in source:
        if frame.number >= len(squares):
            continue
        if frame.image is None:
            yield frame
            continue
        square = squares[frame.number] * scale_to(source.size, sizes[frame.number])
        yield frame._replace(image=cut_square(frame.image, square, size)[..., ::-1])
    if source.n_frames != len(squares):
        raise VideoError(f"annotation has {len(squares)} frames, video {source.n_frames}")


def _jpeg_writer(out: Path, recipe: str, code: str) -> ShardWriter:
    return ShardWriter(out, **jpegs.HEADER, recipe=recipe, code=code, attrs={"layout": jpegs.LAYOUT})
