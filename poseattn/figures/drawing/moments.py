"""Drawing of the moments of clips that a model attends to (Torabi, Sigal 2017, Fig. 2 and 3)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.figures.drawing.png import render

_WIDTH, _ROW = 1.75, 1.62  # inches of a picture, and of a row of them
_GREEN, _RED = "#009e73", "#d55e00"  # told apart by the colour-blind (Okabe and Ito)


class Moments(NamedTuple):
    """Some moments of a clip in a row, side by side.

    Attributes:
        images: A frame of each moment (row, col, rgb) uint8.
        weights: Weight of each moment.
        seconds: When each moment begins.
        brightness: Share of its light that each frame keeps.
        colors: Colour of the border around each frame; empty for no borders.
        title: Text above the row; empty if the row belongs to the row above.
        label: Text to the left of the row.
    """

    images: Sequence[UInt8[np.ndarray, "row col rgb"]]
    weights: Float[np.ndarray, " k"]
    seconds: Float[np.ndarray, " k"]
    brightness: Float[np.ndarray, " k"]
    colors: Sequence[str]
    title: str
    label: str


def weight_of_moments(weights: Shaped[np.ndarray, "step moment"]) -> Float[np.ndarray, " moment"]:
    """Average the weights of each moment over the steps of the decoder; the means sum to 1 as each step does."""
    return weights.astype(np.float64).mean(axis=0)


def extremes(weights: Float[np.ndarray, " moment"]) -> tuple[np.ndarray, list[str]]:
    """Find the moments with the highest and with the lowest weight, and the colours of their borders."""
    return np.array([weights.argmax(), weights.argmin()]), [_GREEN, _RED]


def draw_moments(rows: Sequence[Moments], title: str, caption: str) -> bytes:
    """Draw one row of pictures below the other.

    Args:
        rows: What to draw; they need not be equally long.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw_rows(rows, title), title, caption, {"font.size": 8})


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
