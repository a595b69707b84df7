"""Drawing of attention over hands and over steps (Baradel et al. 2017, Fig. 5 and 6)."""

from typing import NamedTuple

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle

from poseattn.figures.drawing.png import render

HANDS = ("main subject, left", "main subject, right", "second subject, left", "second subject, right")
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # told apart by the colour-blind (Okabe and Ito)

_DPI = 120
_WIDTH, _LEFT, _RIGHT = 14.0, 0.85, 0.55  # inches, as all that follow
_TITLE, _NUMBERS, _LINES, _BARS, _AXIS = 0.72, 0.58, 1.7, 1.0, 0.55  # heights, from the top
_GAP = 0.07
_STYLE = {
    "figure.dpi": _DPI,
    "savefig.dpi": _DPI,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#777777",
    "xtick.color": "#555555",
    "ytick.color": "#555555",
}
_HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]


class AttendedClip(NamedTuple):
    """A clip in t steps with a model's attention; k of the steps are shown as pictures.

    Attributes:
        shown: Numbers of the steps that are shown (k), ascending.
        images: Pictures of the shown steps (k, row, col, rgb) uint8.
        glimpses: Crops around the hands of the shown steps (k, hand, row, col, rgb) uint8.
        corners: Upper left corner of each crop (t, hand, xy), pixels of the pictures; NaN for an absent hand.
        seconds: Time of each step (t).
        spatial: p_t, weight of each hand in each step (t, hand); sums to 1 over the hands (Eq. 3).
        temporal: p', weight of each step (t), which sums to 1 (Eq. 5); None for a model without temporal attention.
    """

    shown: np.ndarray
    images: np.ndarray
    glimpses: np.ndarray
    corners: np.ndarray
    seconds: np.ndarray
    spatial: np.ndarray
    temporal: np.ndarray | None


def draw_attention(clip: AttendedClip, title: str, subtitle: str, caption: str) -> bytes:
    """Draw pictures with the hands marked; below them the weight of each hand and of each step over time.

    Args:
        clip: What to draw.
        title: First line.
        subtitle: Second line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """

    def draw() -> Figure:
        figure = _draw(clip)
        top = _TITLE / figure.get_figheight()
        figure.text(_LEFT / _WIDTH, 1 - 0.4 * top, title, fontsize=14, weight="bold", va="center")
        figure.text(_LEFT / _WIDTH, 1 - 0.78 * top, subtitle, color="#555555", va="center")
        return figure

    return render(draw, title, caption, _STYLE)


def _draw(clip: AttendedClip) -> Figure:
    """Draw everything but the title."""
    n_columns, n_rows, n_cols, _ = clip.images.shape
    column = (_WIDTH - _LEFT - _RIGHT) / n_columns
    width = column - _GAP
    side = width / len(HANDS)
    bars = 0 if clip.temporal is None else _BARS
    tops = np.cumsum([_TITLE, width * n_rows / n_cols + _GAP, side + _NUMBERS, _LINES + 0.2])
    figure = Figure(figsize=(_WIDTH, tops[3] + bars + _AXIS))
    lines = _axes(figure, _LEFT, tops[2], _WIDTH - _LEFT - _RIGHT, _LINES)
    _draw_lines(lines, clip)
    if clip.temporal is not None:
        lines.tick_params(labelbottom=False)
        _draw_bars(_axes(figure, _LEFT, tops[3], _WIDTH - _LEFT - _RIGHT, bars), clip)
    _label_time(figure.axes, clip)
    for number, step in enumerate(clip.shown.tolist()):
        left = _LEFT + number * column + _GAP / 2
        picture = _axes(figure, left, tops[0], width, width * n_rows / n_cols)
        _draw_picture(picture, clip.images[number], clip.corners[step], clip.spatial[step], clip.glimpses.shape[2])
        for hand, image in enumerate(clip.glimpses[number]):
            glimpse = _axes(figure, left + hand * side, tops[1], side - 0.05, side - 0.05)
            present = bool(np.isfinite(clip.corners[step, hand]).all())
            _draw_glimpse(glimpse, image, hand, clip.spatial[step], present)
        _connect(picture, lines, 0.5, -(side + 0.35) / (width * n_rows / n_cols), step)
    corner = (1 - (_RIGHT - _GAP) / _WIDTH, 1)
    figure.legend(*lines.get_legend_handles_labels(), loc="upper right", bbox_to_anchor=corner, ncols=2, frameon=False)
    return figure


def _axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes at a place given in inches from the upper left corner."""
    total = figure.get_figheight()
    return figure.add_axes((left / _WIDTH, 1 - (top + height) / total, width / _WIDTH, height / total))


def _draw_picture(axes: Axes, image: np.ndarray, corners: np.ndarray, weights: np.ndarray, size: int) -> None:
    """Draw a frame with a box around each hand, bolder with more weight; the heaviest hand has its weight beside it."""
    axes.imshow(image)
    axes.set_axis_off()
    for hand, corner in enumerate(corners):
        if np.isfinite(corner).all():
            width = 1 + 2.2 * weights[hand]
            halo = [patheffects.withStroke(linewidth=width + 1.2, foreground="white")]
            style = {"edgecolor": COLORS[hand], "linewidth": width, "alpha": 0.6 + 0.4 * weights[hand]}
            axes.add_patch(Rectangle(corner, size, size, fill=False, path_effects=halo, **style))
            if hand == weights.argmax():
                left = np.clip(corner[0] + size / 2, 0.7 * size, image.shape[1] - 0.7 * size)
                above = corner[1] > 0.7 * size
                style = {"color": COLORS[hand], "weight": "bold", "ha": "center", "va": "bottom" if above else "top"}
                top = corner[1] + (-0.1 if above else 1.1) * size
                axes.text(left, top, f"{weights[hand]:.2f}", path_effects=_HALO, clip_on=True, **style)


def _draw_glimpse(axes: Axes, image: np.ndarray, hand: int, weights: np.ndarray, present: bool) -> None:
    """Draw a crop as the network got it, with its weight below."""
    axes.imshow(image if present else np.full_like(image, 235))
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(
        visible=True, color=COLORS[hand], linewidth=0.8 + 2.2 * weights[hand], alpha=1 if present else 0.3
    )
    weight = "bold" if hand == weights.argmax() else "normal"
    axes.set_xlabel(f"{weights[hand]:.2f}", color=COLORS[hand], fontsize=8, weight=weight, labelpad=3)


def _draw_lines(axes: Axes, clip: AttendedClip) -> None:
    """Draw the weight of each hand over the steps, dotted while the hand is absent."""
    steps = np.arange(len(clip.spatial))
    present = np.isfinite(clip.corners).all(axis=-1)
    for hand, name in enumerate(HANDS):
        absent = "" if present[:, hand].any() else " (absent)"
        solid = np.where(present[:, hand], clip.spatial[:, hand], np.nan)
        axes.plot(steps, clip.spatial[:, hand], ":", color=COLORS[hand], linewidth=1.2)
        axes.plot(steps, solid, "o-", color=COLORS[hand], markersize=4, linewidth=2, label=name + absent)
    axes.set(ylim=(0, max(0.5, 1.05 * clip.spatial.max())), ylabel="weight of a hand\n$p_{t,i}$")
    _draw_uniform(axes, 1 / len(HANDS))


def _draw_bars(axes: Axes, clip: AttendedClip) -> None:
    colors = np.where(np.isin(np.arange(len(clip.temporal)), clip.shown), "#333333", "#a0a0a0")
    axes.bar(np.arange(len(clip.temporal)), clip.temporal, width=0.72, color=colors.tolist())
    axes.set(ylim=(0, 1.1 * max(clip.temporal.max(), 2 / len(clip.temporal))), ylabel="weight of a step\n$p'_t$")
    _draw_uniform(axes, 1 / len(clip.temporal))


def _draw_uniform(axes: Axes, value: float) -> None:
    axes.axhline(value, color="#999999", linewidth=0.8, linestyle=(0, (4, 4)), zorder=0)
    place = axes.get_yaxis_transform()
    axes.text(1.003, value, "uniform", color="#888888", fontsize=7, va="center", transform=place)


def _label_time(plots: list[Axes], clip: AttendedClip) -> None:
    """Put one tick a step at the same place in all plots, and a band behind the steps that are shown as pictures."""
    for axes in plots:
        axes.set(xlim=(-0.5, len(clip.seconds) - 0.5), xticks=range(len(clip.seconds)))
        for step in clip.shown:
            axes.axvspan(step - 0.5, step + 0.5, color="#f2f2f2", zorder=-1)
    plots[-1].set_xticklabels([f"{second:.2f}" for second in clip.seconds])
    plots[-1].set_xlabel("time of the step in the clip (seconds)")


def _connect(picture: Axes, lines: Axes, x: float, y: float, step: int) -> None:
    """Draw a thin line from below a picture, (x, y) as shares of its size, to its step in the plot of lines."""
    line = ConnectionPatch(
        (x, y),
        (step, 1),
        coordsA=picture.transAxes,
        coordsB=lines.get_xaxis_transform(),
        color="#bbbbbb",
        linewidth=0.8,
    )
    picture.figure.add_artist(line)
