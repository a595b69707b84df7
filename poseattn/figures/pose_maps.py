"""Images with pose maps, and hidden states as maps (report on pose-guided LSTMs for Stanford 40, Fig. 1 and 5)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.figures.png import render


class PosedImage(NamedTuple):
    """An image and where a network finds joints in it.

    Attributes:
        image: The image.
        pose: Highest value of any joint's heatmap at each place.
        square: What the map covers: left, top, right and bottom in pixels of the image; it may reach beyond it.
        title: What the image shows.
    """

    image: UInt8[np.ndarray, "row col rgb"]
    pose: Float[np.ndarray, "map_row map_col"]
    square: Float[np.ndarray, " 4"]
    title: str


def draw_pose_maps(samples: Sequence[PosedImage], title: str, caption: str) -> bytes:
    """Images in a row, and below each its pose map in the same frame.

    Args:
        samples: At least one.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: figure_of_maps(samples, title), title, caption, {"font.size": 8})


def draw_cells(
    sample: PosedImage, states: dict[int, Float[np.ndarray, "edge edge"]], title: str, caption: str
) -> bytes:
    """An image, its pose map, and hidden states of cells as square maps, each with a colour scale of its own.

    Args:
        sample: The image.
        states: Hidden state by the number of the cell, from 1.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: figure_of_cells(sample, states, title), title, caption, {"font.size": 8})


def figure_of_maps(samples: Sequence[PosedImage], title: str) -> Figure:
    """What `draw_pose_maps` draws."""
    figure, axes = _panels(2, len(samples), title)
    for sample, (upper, lower) in zip(samples, axes.T, strict=True):
        upper.imshow(sample.image, extent=_extent(sample.image))
        upper.set_title(sample.title, fontsize=9)
        _show_pose(lower, sample)
    return figure


def figure_of_cells(sample: PosedImage, states: dict[int, np.ndarray], title: str) -> Figure:
    """What `draw_cells` draws."""
    figure, axes = _panels(1, 2 + len(states), title)
    image, pose, *others = axes[0]
    image.imshow(sample.image, extent=_extent(sample.image))
    image.set_title(sample.title, fontsize=9)
    _show_pose(pose, sample)
    pose.set_title("pose map", fontsize=9)
    for place, (number, state) in zip(others, states.items(), strict=True):
        shown = place.imshow(state, cmap="viridis", vmin=state.min(), vmax=state.max(), interpolation="nearest")
        place.set_title(f"hidden state of cell {number}", fontsize=9)
        figure.colorbar(shown, ax=place, shrink=0.8)
    return figure


def _panels(rows: int, cols: int, title: str) -> tuple[Figure, np.ndarray]:
    """Figure and an array of axes without ticks."""
    figure = Figure(figsize=(0.4 + 2.6 * cols, 0.6 + 2.5 * rows), dpi=120, layout="constrained")
    figure.suptitle(title, fontsize=12, weight="bold", x=0.02, ha="left")
    grid = figure.subplots(rows, cols, squeeze=False)
    for axes in grid.ravel():
        axes.set_xticks([])
        axes.set_yticks([])
    return figure, grid


def _show_pose(axes: Axes, sample: PosedImage) -> None:
    """The part of the pose map that lies in the image, in the same place as there."""
    left, top, right, bottom = sample.square.tolist()
    axes.imshow(sample.pose, cmap="viridis", extent=(left, right, bottom, top), interpolation="nearest")
    axes.set_facecolor("black")
    axes.set_xlim(0, sample.image.shape[1])
    axes.set_ylim(sample.image.shape[0], 0)


def _extent(image: np.ndarray) -> tuple[float, float, float, float]:
    """Edges of an image in its own pixels: left, right, bottom, top."""
    return 0.0, float(image.shape[1]), float(image.shape[0]), 0.0
