"""Pictures of which moments of a clip a model attends to, and of what that gains (Torabi, Sigal 2017, Fig. 2, 3, 5)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.figures.png import render

_WIDTH, _ROW = 1.75, 1.62  # inches of a picture, and of a row of them
_GREEN, _RED = "#009e73", "#d55e00"  # told apart by the colour-blind (Okabe and Ito)


class Moments(NamedTuple):
    """Some moments of a clip in a row, side by side.

    Attributes:
        images: A frame of each (row, col, rgb) uint8.
        weights: Of each.
        seconds: When each begins.
        brightness: Share of its light that each frame keeps.
        colors: Of the border around each; empty for none.
        title: What is to be said of the row; nothing if it belongs to the row above.
        label: What stands to the left of it.
    """

    images: Sequence[UInt8[np.ndarray, "row col rgb"]]
    weights: Float[np.ndarray, " k"]
    seconds: Float[np.ndarray, " k"]
    brightness: Float[np.ndarray, " k"]
    colors: Sequence[str]
    title: str
    label: str


class Gain(NamedTuple):
    """Classes with the largest gains in accuracy (shares of clips, largest first), and of which model."""

    names: list[str]
    values: Float[np.ndarray, " class"]
    title: str


def weight_of_moments(weights: Shaped[np.ndarray, "step moment"]) -> Float[np.ndarray, " moment"]:
    """One weight of each moment: the mean over the steps of the decoder, which sums to 1 as each step's weights do."""
    return weights.astype(np.float64).mean(axis=0)


def extremes(weights: Float[np.ndarray, " moment"]) -> tuple[np.ndarray, list[str]]:
    """Numbers of the moments with the highest and with the lowest weight, and the colours of their borders."""
    return np.array([weights.argmax(), weights.argmin()]), [_GREEN, _RED]


def largest_gains(
    accuracy: Float[np.ndarray, " c"], baseline: Float[np.ndarray, " c"], names: Sequence[str], count: int, title: str
) -> Gain:
    """Classes that a model recognises more often than another one.

    Args:
        accuracy: Share of the clips of each class that it recognises; NaN for a class without clips.
        baseline: That of the other model.
        names: Of the classes.
        count: How many classes are asked for.
        title: Which model.

    Returns:
        The classes with the largest gains, of equal ones the first.
    """
    gain = accuracy - baseline
    order = np.argsort(-gain, kind="stable")  # NaN comes last
    order = order[np.isfinite(gain[order])][:count]
    return Gain([names[number] for number in order.tolist()], gain[order], title)


def draw_moments(rows: Sequence[Moments], title: str, caption: str) -> bytes:
    """One row of pictures below the other.

    Args:
        rows: What to draw; they need not be equally long.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw_rows(rows, title), title, caption, {"font.size": 8})


def draw_gains(gains: Sequence[Gain], title: str, caption: str) -> bytes:
    """Bars of the gains of each model, side by side.

    Args:
        gains: At least one model.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw_bars(gains, title), title, caption, {"font.size": 8})


def _draw_rows(rows: Sequence[Moments], title: str) -> Figure:
    width = 0.8 + _WIDTH * max(len(row.images) for row in rows)
    height = 0.5 + _ROW * len(rows) + 0.3 * sum(bool(row.title) for row in rows)
    figure = Figure(figsize=(width, height), dpi=110)
    figure.text(0.1 / width, 1 - 0.25 / height, title, fontsize=13, weight="bold", va="center")
    top = 0.5
    for row in rows:
        if row.title:
            figure.text(0.1 / width, 1 - (top + 0.15) / height, row.title, fontsize=9, va="center")
            top += 0.3
        figure.text(0.4 / width, 1 - (top + 0.65) / height, row.label, rotation=90, ha="center", va="center")
        for number in range(len(row.images)):
            left = 0.7 + _WIDTH * number
            box = (left / width, 1 - (top + 1.3) / height, (_WIDTH - 0.1) / width, 1.3 / height)
            _draw_picture(figure.add_axes(box), row, number)
        top += _ROW
    return figure


def _draw_picture(axes: Axes, row: Moments, number: int) -> None:
    dark = row.images[number] * row.brightness[number]
    axes.imshow(np.rint(dark).astype(np.uint8))
    axes.set(xticks=[], yticks=[])
    if row.colors:
        axes.spines[:].set(color=row.colors[number], linewidth=3)
    axes.set_xlabel(f"{row.weights[number]:.3f} at {row.seconds[number]:.1f} s", fontsize=7, labelpad=2)


def _draw_bars(gains: Sequence[Gain], title: str) -> Figure:
    figure = Figure(figsize=(4.2 * len(gains), 3.0), dpi=120, layout="constrained")
    figure.suptitle(title, fontsize=13, weight="bold", x=0.02, ha="left")
    for axes, gain in zip(figure.subplots(1, len(gains), squeeze=False)[0], gains, strict=True):
        places = np.arange(len(gain.names))[::-1]
        axes.barh(places, 100 * gain.values, color="#0072b2")
        axes.set_yticks(places, gain.names)
        axes.set_xlabel("gain in accuracy, percentage points")
        axes.set_title(gain.title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    return figure
