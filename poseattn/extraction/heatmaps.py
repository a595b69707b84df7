"""Heatmaps of the joints of people in the frames of clips, as a pose network draws them: what two stages share."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from torch import nn

from poseattn.background import read_many_ahead
from poseattn.extraction.describe import check_range, describe_portions, fitting_batch
from poseattn.extraction.pose_network import BODY
from poseattn.extraction.statuses import Statuses
from poseattn.shards.shard import Shard
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.crops import cut_square, scale_to, square_around, whole_square
from poseattn.video.frames import Account, Frame, VideoError

_AHEAD = 2  # batches of each clip under way that wait for the network
_CROPS = ("whole", "box")
_NOTHING = np.empty((0, 1, 1, 3), np.uint8)  # no picture


class Maps(NamedTuple):
    """Heatmaps of some frames of a clip.

    Attributes:
        clip_id: The clip.
        heatmap: Of each joint of `BODY`.
        square: Where they lie in the frame: left, top, right and bottom in pixels.
        size: Rows and columns of the frame.
        time: When each frame is shown, seconds.
        healthy: 0 for a frame that was lost, whose maps are zero.
        end: None if more are to come, empty if the clip is complete, or else why it cannot be used.
        account: At the end, what became of the frames of the file.
    """

    clip_id: str
    heatmap: Float[np.ndarray, "t joint row col"]
    square: Float[np.ndarray, "t 4"]
    size: np.ndarray
    time: np.ndarray
    healthy: np.ndarray
    end: str | None
    account: Account = Account()


def draw_maps(
    sources: Mapping[str, ClipFrames],
    poses: list[Path],
    network: nn.Module,
    grid: tuple[int, int],
    recipe: dict[str, Any],
    threads: int,
) -> Iterator[Maps]:
    """Draw heatmaps in all frames of several clips; batches may span clips.

    Args:
        sources: Frames of each clip, by its name.
        poses: Shard with the box of each person, for `crop: box`; none for whole frames.
        network: From images to maps with the joints last.
        grid: Rows and columns of the maps.
        recipe: `crop` (`whole` or `box`), for boxes the `margin` (edge of the square, as a multiple of the box's longer
            side), image `size`, `batch` and whether to `compile`.
        threads: How many clips are decoded at the same time.

    Yields:
        Maps of the clips one after the other, each ending with an `end` that is not None.

    Raises:
        ValueError: The recipe does not fit the files, or a map leaves the range of float16.
    """
    boxes = _open_boxes(poses, recipe)
    batch = fitting_batch(recipe["batch"], recipe["size"], next(network.parameters()).device)
    portions = read_many_ahead(
        (_portions(source, clip_id, boxes, recipe, batch) for clip_id, source in sources.items()), threads, _AHEAD
    )
    for portion, maps in describe_portions(network, portions, batch, recipe["compile"]):
        check_range(maps, f"clip {portion.clip_id}: heatmaps of {recipe['backbone']}")
        heatmap = np.zeros((len(portion.time), len(BODY.joints), *grid), np.float16)
        if len(maps):
            heatmap[portion.healthy > 0] = maps.transpose(0, 3, 1, 2)
        yield portion._replace(heatmap=heatmap)


def end_clip(maps: Maps, n_frames: int, writer: Any, statuses: Statuses) -> None:
    """Finish a clip, or drop it.

    Args:
        maps: The last portion of the clip.
        n_frames: How many frames of it were written.
        writer: Its shard.
        statuses: Where it is said what became of each clip.
    """
    if maps.end:
        writer.drop()
        statuses.bad(maps.clip_id, maps.end, maps.account)
    else:
        writer.finish(maps.clip_id)
        statuses.good(maps.clip_id, n_frames, maps.account)


def _open_boxes(poses: list[Path], recipe: dict[str, Any]) -> Shard | None:
    if recipe["crop"] not in _CROPS:
        raise ValueError(f"recipe: crop is {recipe['crop']!r}, expected {' or '.join(_CROPS)}")
    if len(poses) != (recipe["crop"] == "box"):
        raise ValueError(f"recipe: crop is {recipe['crop']!r}, and {len(poses)} files of poses are given")
    if not poses:
        return None
    boxes = Shard(poses[0], kind="poses")
    if not {"box", "size"} <= set(boxes.side_names):
        found = ", ".join(boxes.side_names)
        raise ValueError(f"{poses[0]}: nobody's box and the size of the picture are in it, only {found}")
    return boxes


def _portions(
    source: ClipFrames, clip_id: str, boxes: Shard | None, recipe: dict[str, Any], length: int
) -> Iterator[tuple[Maps, np.ndarray]]:
    """Squares of a clip as arrays of a certain length, and at its end an empty one that says whether all went well."""
    end = ""
    try:
        squares = _squares(source, clip_id, boxes, recipe)
        while some := list(islice(squares, length)):
            frames, where = zip(*some, strict=True)
            pictures = [frame.image for frame in frames if frame.image is not None]
            yield _maps_of(clip_id, frames, where, source), np.stack(pictures) if pictures else _NOTHING
    except VideoError as error:
        end = str(error)
    yield _maps_of(clip_id, [], [], source)._replace(end=end, account=source.account), _NOTHING


def _maps_of(clip_id: str, frames: Sequence[Frame], squares: Sequence[np.ndarray], source: ClipFrames) -> Maps:
    """What is known of some frames before their maps are drawn."""
    return Maps(
        clip_id,
        np.empty((0, 1, 1, 1), np.float16),
        np.array(squares, np.float32).reshape(-1, 4),
        np.full((len(frames), 2), source.size, np.int32),
        np.array([frame.time for frame in frames]),
        np.array([frame.healthy for frame in frames], np.uint8),
        None,
    )


def _squares(
    source: ClipFrames, clip_id: str, boxes: Shard | None, recipe: dict[str, Any]
) -> Iterator[tuple[Frame, np.ndarray]]:
    """Each frame of a clip, with the picture in its square (row, col, rgb), and the square."""
    known = sizes = None
    if boxes is not None:
        if clip_id not in boxes.clip_ids:
            raise VideoError("the clip has no box of a person")
        known = square_around(boxes.side("box", clip_id)[:, 0], recipe["margin"])
        sizes = boxes.side("size", clip_id)
    for frame in source:
        square = whole_square(*source.size)
        if known is not None and sizes is not None:
            if frame.number >= len(known):
                raise VideoError(f"boxes have {len(known)} frames, the video has more")
            square = known[frame.number] * scale_to(source.size, sizes[frame.number])
        if frame.image is not None:
            frame = frame._replace(image=cut_square(frame.image, square, recipe["size"])[..., ::-1])
        yield frame, square
