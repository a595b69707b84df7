"""Images with the heatmaps of their joints: how kinds of figures read and show them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.shards.shard_set import ShardSet
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY


class PosedImage(NamedTuple):
    """An image, and the places where a network finds joints.

    Attributes:
        image: The image.
        pose: Highest value of any joint's heatmap at each place.
        square: Area that the map covers: left, top, right and bottom in pixels of the image; it may reach beyond it.
        title: Text above the image.
    """

    image: UInt8[np.ndarray, "row col rgb"]
    pose: Float[np.ndarray, "map_row map_col"]
    square: Float[np.ndarray, " 4"]
    title: str


def read_posed_image(root: Path, clips: pd.DataFrame, clip_id: str, heatmaps: ShardSet, title: str) -> PosedImage:
    """Read the first healthy frame of a clip and its pose map.

    Args:
        root: Folder of the data set.
        clips: Manifest of the data set.
        clip_id: Name of the clip, which has heatmaps.
        heatmaps: Shards of heatmaps.
        title: Text above the image.

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


def make_panels(rows: int, cols: int, title: str) -> tuple[Figure, np.ndarray]:
    """Make a figure of panels without ticks.

    Args:
        rows: Rows of panels.
        cols: Columns of panels.
        title: First line.

    Returns:
        The figure and its panels (row, col).
    """
    figure = Figure(figsize=(0.4 + 2.6 * cols, 0.6 + 2.5 * rows), dpi=120, layout="constrained")
    figure.suptitle(title, fontsize=12, weight="bold", x=0.02, ha="left")
    grid = figure.subplots(rows, cols, squeeze=False)
    for axes in grid.ravel():
        axes.set_xticks([])
        axes.set_yticks([])
    return figure, grid


def show_image(axes: Axes, sample: PosedImage) -> None:
    """Show an image in its own pixels, with its title."""
    axes.imshow(sample.image, extent=(0.0, float(sample.image.shape[1]), float(sample.image.shape[0]), 0.0))
    axes.set_title(sample.title, fontsize=9)


def show_pose(axes: Axes, sample: PosedImage) -> None:
    """Show the part of the pose map that lies in the image, at its place in the image."""
    left, top, right, bottom = sample.square.tolist()
    axes.imshow(sample.pose, cmap="viridis", extent=(left, right, bottom, top), interpolation="nearest")
    axes.set_facecolor("black")
    axes.set_xlim(0, sample.image.shape[1])
    axes.set_ylim(sample.image.shape[0], 0)
