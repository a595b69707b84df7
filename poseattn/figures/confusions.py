"""Confusion matrices in counts, side by side (Du, Wang, Qiao 2017, Fig. 4)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.figures.png import render

_CELL, _LEFT, _TOP, _BOTTOM, _GAP = 0.34, 1.5, 1.0, 1.5, 0.35  # inches


class Confusion(NamedTuple):
    """What a model took clips for.

    Attributes:
        counts: Clips of each class (row) that it took for each class (column).
        title: Which model.
    """

    counts: Int[np.ndarray, "c c"]
    title: str


def count_answers(scores: Float[np.ndarray, "n c"], label: Shaped[np.ndarray, "n c"]) -> Int[np.ndarray, "c c"]:
    """Confusion matrix.

    Args:
        scores: One row a clip; the class with the highest one is the answer.
        label: 1 for the class of a clip, else 0.

    Returns:
        Number of clips of each class (row) with each answer (column).

    Raises:
        ValueError: A clip has no class, or several.
    """
    if (label.sum(axis=1) != 1).any():
        raise ValueError("a confusion matrix needs exactly one class of each clip")
    counts = np.zeros((label.shape[1], label.shape[1]), np.int64)
    np.add.at(counts, (label.argmax(axis=1), scores.argmax(axis=1)), 1)
    return counts


def draw_confusions(matrices: Sequence[Confusion], names: Sequence[str], title: str, caption: str) -> bytes:
    """Matrices of the same classes beside each other.

    Args:
        matrices: At least one.
        names: Of the classes.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw(matrices, names, title), title, caption, {"font.size": 8})


def _draw(matrices: Sequence[Confusion], names: Sequence[str], title: str) -> Figure:
    side = _CELL * len(names)
    width, height = _LEFT + (side + _GAP) * len(matrices), _TOP + side + _BOTTOM
    figure = Figure(figsize=(width, height), dpi=120)
    figure.text(0.15 / width, 1 - 0.25 / height, title, fontsize=13, weight="bold", va="center")
    for number, matrix in enumerate(matrices):
        left = _LEFT + number * (side + _GAP)
        axes = figure.add_axes((left / width, _BOTTOM / height, side / width, side / height))
        _draw_matrix(axes, matrix, names)
        axes.set_yticks(range(len(names)), names if number == 0 else [])
    return figure


def _draw_matrix(axes: Axes, matrix: Confusion, names: Sequence[str]) -> None:
    """Counts in cells that are the darker the larger their share of the class."""
    counts = matrix.counts
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for row, col in np.argwhere(counts).tolist():
        color = "white" if share[row, col] > 0.5 else "#222222"
        axes.text(col, row, str(counts[row, col]), color=color, ha="center", va="center", fontsize=7)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.tick_params(length=0)
    axes.set_xlabel("taken for")
    axes.set_title(f"{matrix.title}: {np.trace(counts)} of {counts.sum()} right", fontsize=10)
