"""Drawing of hidden states over time (Du, Wang, Qiao 2017, Fig. 5)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from matplotlib.figure import Figure

from poseattn.figures.drawing.png import render

_MOST = 256  # units, as in the paper


class Dynamics(NamedTuple):
    """Hidden states of a model over the frames of a clip.

    Attributes:
        states: h_t.
        frames: Numbers of the frames in the clip.
        title: Name of the model, and its answer.
    """

    states: Float[np.ndarray, "t h"]
    frames: Int[np.ndarray, " t"]
    title: str


def strongest(states: Float[np.ndarray, "t h"], most: int = _MOST) -> tuple[np.ndarray, np.ndarray]:
    """Find the units whose last state is the most positive, and the units whose last state is the most negative.

    Args:
        states: h_t of all units.
        most: How many units of each sign; at most half of the units are taken.

    Returns:
        Two arrays (unit, t), in descending order of the states at the last frame.
    """
    count = min(most, states.shape[1] // 2)
    ordered = states[:, np.argsort(-states[-1], kind="stable")].T  # (unit, t)
    return ordered[:count], ordered[-count:]


def draw_dynamics(models: Sequence[Dynamics], title: str, caption: str) -> bytes:
    """Draw the strongest units of each model over time, positive units above negative units.

    Args:
        models: At least one.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw(models, title), title, caption, {"font.size": 8})


def _draw(models: Sequence[Dynamics], title: str) -> Figure:
    figure = Figure(figsize=(1.2 + 3.4 * len(models), 6.6), dpi=120, layout="constrained")
    figure.suptitle(title, fontsize=13, weight="bold", x=0.02, ha="left")
    grid = figure.subplots(2, len(models), squeeze=False)
    for column, model in enumerate(models):
        for axes, units, which in zip(grid[:, column], strongest(model.states), ("positive", "negative"), strict=True):
            image = axes.imshow(units, cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
            axes.set_xticks(range(len(model.frames)), [str(frame) for frame in model.frames.tolist()])
            axes.set_yticks([])
            axes.set_ylabel(f"{len(units)} most {which} units" if column == 0 else "")
        grid[0, column].set_title(model.title, fontsize=9)
        grid[1, column].set_xlabel("frame")
    figure.colorbar(image, ax=grid, label="state", shrink=0.5)
    return figure
