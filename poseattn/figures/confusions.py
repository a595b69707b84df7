"""Figure of the kind confusions: what some models took the test clips for, in counts (Du, Wang, Qiao 2017, Fig. 4)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Int
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.clips.manifest import read_classes
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import answers_of_run, made_of
from poseattn.figures.drawing.png import render

_CELL, _LEFT, _TOP, _BOTTOM, _GAP = 0.34, 1.5, 1.0, 1.5, 0.35  # inches


class Confusion(NamedTuple):
    """Answers of a model to clips.

    Attributes:
        counts: Clips of each class (row) that it took for each class (column).
        title: Which model.
    """

    counts: Int[np.ndarray, "c c"]
    title: str


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw a confusion matrix of each run, side by side.

    Args:
        figure: `source` (the published figure), `title` and `runs`: each with its `run` and a `label`.
        given: Files; read are `classes` and `scores`, one file for each of the runs in their order.

    Returns:
        PNG file.

    Raises:
        ValueError: The scores are of other runs, or a clip has several classes.
    """
    matrices = []
    for wanted, path in zip(figure["runs"], given.scores, strict=True):
        counts, attrs = answers_of_run(path, wanted["run"])
        matrices.append(Confusion(counts, wanted["label"]))
    caption = f"After {figure['source']}: {figure['title']}, in clips. {made_of(attrs)}."
    return draw_confusions(matrices, read_classes(given.classes), figure["title"], caption)


def draw_confusions(matrices: Sequence[Confusion], names: Sequence[str], title: str, caption: str) -> bytes:
    """Draw matrices of the same classes beside each other.

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
