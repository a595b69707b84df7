"""Figure of the kind gains: classes that attention helps most, as bars (Torabi, Sigal 2017, Fig. 5)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from poseattn.clips.manifest import read_classes
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import answers_of_run, made_of
from poseattn.figures.drawing.png import draw_notice, render


class Gain(NamedTuple):
    """Classes with the largest gains in accuracy (shares of clips, largest first), and of which model."""

    names: list[str]
    values: Float[np.ndarray, " class"]
    title: str


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the classes in which each run gains most over a baseline.

    Args:
        figure: `source` (the published figure), `title`, `baseline` (a run), `runs`: each with its `run` and a `label`,
            and `count`, the number of classes shown for each run.
        given: Files; read are `classes` and `scores`, the baseline's first, then one file for each run in their order.

    Returns:
        PNG file.

    Raises:
        ValueError: The scores are of other runs, or of other clips than the baseline's.
    """
    names = read_classes(given.classes)
    wanted = [figure["baseline"], *(entry["run"] for entry in figure["runs"])]
    found = []
    for name, path in zip(wanted, given.scores, strict=True):
        counts, attrs = answers_of_run(path, name)
        if found and (counts.sum(axis=1) != found[0].sum(axis=1)).any():
            raise ValueError(f"{path}: {counts.sum()} clips, expected the {found[0].sum()} clips of {wanted[0]}")
        found.append(counts)
    if not found[0].sum():
        return draw_notice(figure["title"], f"{figure['source']}: no test clip of {attrs['protocol']} was scored")
    with np.errstate(invalid="ignore"):  # a class without clips has no accuracy
        baseline, *others = (np.diag(counts) / counts.sum(axis=1) for counts in found)
    gains = [
        largest_gains(accuracy, baseline, names, figure["count"], entry["label"])
        for accuracy, entry in zip(others, figure["runs"], strict=True)
    ]
    caption = f"After {figure['source']}: {figure['title']}, of the {found[0].sum()} test clips. {made_of(attrs)}."
    return draw_gains(gains, figure["title"], caption)


def largest_gains(
    accuracy: Float[np.ndarray, " c"], baseline: Float[np.ndarray, " c"], names: Sequence[str], count: int, title: str
) -> Gain:
    """Find the classes that a model recognises more often than another model does.

    Args:
        accuracy: Share of the clips of each class that it recognises; NaN for a class without clips.
        baseline: Share that the other model recognises.
        names: Names of the classes.
        count: How many classes are asked for.
        title: Which model.

    Returns:
        The classes with the largest gains, of equal ones the first.
    """
    gain = accuracy - baseline
    order = np.argsort(-gain, kind="stable")  # NaN comes last
    order = order[np.isfinite(gain[order])][:count]
    return Gain([names[number] for number in order.tolist()], gain[order], title)


def draw_gains(gains: Sequence[Gain], title: str, caption: str) -> bytes:
    """Draw bars of the gains of each model, side by side.

    Args:
        gains: At least one model.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw_bars(gains, title), title, caption, {"font.size": 8})


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
