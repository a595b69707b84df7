"""Figure of the kind cells: hidden states of a stack's cells for one image (report on Stanford 40, Fig. 5)."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._posed_image import PosedImage, make_panels, read_posed_image, show_image, show_pose
from poseattn.figures._shared import action_number, surest_clips
from poseattn.figures.drawing.png import draw_notice, render
from poseattn.inputs.features import load_features
from poseattn.networks.device import set_threads
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.model import load_model


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the states of some cells for the test image of an action that the model recognises with the highest score.

    If the model recognises no image of the action, the image with the action's highest score is drawn. If there is no
    image of the action, a notice says so.

    Args:
        figure: `source` (the published figure), `title`, `action` (name of a class) and `cells` (numbers of the cells;
            the lowest cell is 1).
        given: Files; read are `root`, `classes`, `manifest`, and the `scores`, `runs`, `checkpoints`, `cubes` and
            `heatmaps` of one run.

    Returns:
        PNG file.

    Raises:
        ValueError: The run or the model is not as expected, or there is no such action or cell.
    """
    action = action_number(figure["action"], read_classes(given.classes))
    set_threads(given.threads)
    with Shard(given.scores[0], kind="scores", axes="clip class") as shard:
        found, attrs = surest_clips(shard, action, 1), shard.attrs
    if not found:
        reason = f"{figure['source']}: none of the test images shows {figure['action']}"
        return draw_notice(figure["title"], reason)
    (clip_id,) = found
    inputs = {"cubes": ShardSet(given.cubes, "cubes"), "heatmaps": ShardSet(given.heatmaps, "heatmaps")}
    states = hidden_states(given.runs[0], given.checkpoints[0], inputs, clip_id)
    if missing := [number for number in figure["cells"] if number > len(states)]:
        raise ValueError(f"figure: cell {missing[0]}, but the model has {len(states)}")
    clips, title = read_manifest(given.manifest[0]), f"{figure['action']}, {clip_id}"
    sample = read_posed_image(given.root, clips, clip_id, inputs["heatmaps"], title)
    made_of = f"{attrs['run']}, {attrs['data']} data, weights {attrs['weights']}, seed {attrs['seed']}"
    caption = f"After {figure['source']}: test image {clip_id}. {made_of}."
    return draw_cells(sample, {number: states[number - 1] for number in figure["cells"]}, figure["title"], caption)


@torch.no_grad()
def hidden_states(run: str, checkpoint: Path, inputs: dict[str, ShardSet], clip_id: str) -> np.ndarray:
    """Compute the states of all cells for the first frame of a clip.

    Args:
        run: The run as JSON.
        checkpoint: Model of the run.
        inputs: Shards that the run reads, by role.
        clip_id: Name of the clip.

    Returns:
        Square maps (cell, row, col), the lowest cell first.

    Raises:
        ValueError: The run or the model is not as expected.
    """
    settings = runs.read_settings(run, runs.TRAINING_KEYS)
    state, about = load_checkpoint(checkpoint)
    if state is None:
        raise ValueError(f"{checkpoint} has no model: {about['note']}")
    place = torch.device("cpu")
    model = load_model(settings, inputs, len(about["classes"]), state, place).eval()
    features = load_features([clip_id], inputs, model.inputs, settings, place, budget=0)
    maps = model(**features.window(np.array([0]), np.array([[0]])))[1]
    if "hidden" not in maps:
        raise ValueError(f"run {settings['run']} has no cells to draw")
    return maps["hidden"][0, 0].numpy()


def draw_cells(
    sample: PosedImage, states: dict[int, Float[np.ndarray, "edge edge"]], title: str, caption: str
) -> bytes:
    """Draw an image, its pose map, and hidden states of cells as square maps, each with a colour scale of its own.

    Args:
        sample: The image.
        states: Hidden state by the number of the cell, from 1.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: figure_of_cells(sample, states, title), title, caption, {"font.size": 8})


def figure_of_cells(sample: PosedImage, states: dict[int, np.ndarray], title: str) -> Figure:
    """Make the figure that `draw_cells` stores."""
    figure, axes = make_panels(1, 2 + len(states), title)
    image, pose, *others = axes[0]
    show_image(image, sample)
    show_pose(pose, sample)
    pose.set_title("pose map", fontsize=9)
    for place, (number, state) in zip(others, states.items(), strict=True):
        shown = place.imshow(state, cmap="viridis", vmin=state.min(), vmax=state.max(), interpolation="nearest")
        place.set_title(f"hidden state of cell {number}", fontsize=9)
        figure.colorbar(shown, ax=place, shrink=0.8)
    return figure
