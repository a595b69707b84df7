"""Stage draw_cells: hidden states of the cells of a stack for one test image, as square maps."""

import json
from pathlib import Path

import numpy as np
import torch

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures.png import draw_notice
from poseattn.figures.pose_maps import draw_cells
from poseattn.figures.posed_image import posed_image
from poseattn.files import replace_file
from poseattn.inputs.features import load_features
from poseattn.networks.device import set_threads
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.tables.score_shards import surest_clip
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.model import load_model


def run(
    *,
    figure: str,
    root: Path,
    manifest: Path,
    classes: Path,
    scores: Path,
    run: str,
    checkpoint: Path,
    cubes: list[Path],
    heatmaps: list[Path],
    out: Path,
    threads: int,
) -> None:
    """Draw the states of some cells for the test image of an action that the model recognises with the highest score.

    If it recognises none, the one is drawn to which it gives the action's highest score; if there is none of it, a
    picture says so.

    Args:
        figure: JSON with `source` (the published figure), `title`, `action` (name of a class) and `cells` (their
            numbers, the lowest being 1).
        root: Folder of the data set.
        manifest: Its clips.
        classes: Names of the classes.
        scores: Scores of the test images.
        run: The run as JSON.
        checkpoint: Its model.
        cubes: Its cube shards.
        heatmaps: Its heatmap shards.
        out: PNG file to write.
        threads: CPU threads of an operation.

    Raises:
        ValueError: The run or the model is not what it should be, or there is no such action or cell.
    """
    settings, names = json.loads(figure), read_classes(classes)
    if settings["action"] not in names:
        raise ValueError(f"figure: action {settings['action']!r} is none of {', '.join(names)}")
    set_threads(threads)
    with Shard(scores, kind="scores", axes="clip class") as shard:
        clip_id, attrs = surest_clip(shard, names.index(settings["action"])), shard.attrs
    if clip_id is None:
        reason = f"{settings['source']}: none of the test images shows {settings['action']}"
        replace_file(out, draw_notice(settings["title"], reason))
        return
    inputs = {"cubes": ShardSet(cubes, "cubes"), "heatmaps": ShardSet(heatmaps, "heatmaps")}
    states = hidden_states(run, checkpoint, inputs, clip_id)
    if missing := [number for number in settings["cells"] if number > len(states)]:
        raise ValueError(f"figure: cell {missing[0]}, but the model has {len(states)}")
    sample = posed_image(root, read_manifest(manifest), clip_id, inputs["heatmaps"], f"{settings['action']}, {clip_id}")
    made_of = f"{attrs['run']}, {attrs['data']} data, weights {attrs['weights']}, seed {attrs['seed']}"
    caption = f"After {settings['source']}: test image {clip_id}. {made_of}."
    shown = {number: states[number - 1] for number in settings["cells"]}
    replace_file(out, draw_cells(sample, shown, settings["title"], caption))


@torch.no_grad()
def hidden_states(run: str, checkpoint: Path, inputs: dict[str, ShardSet], clip_id: str) -> np.ndarray:
    """States of all cells for the first frame of a clip.

    Args:
        run: The run as JSON.
        checkpoint: Its model.
        inputs: Its shards by role.
        clip_id: Name of the clip.

    Returns:
        Square maps (cell, row, col), the lowest cell first.

    Raises:
        ValueError: The run or the model is not what it should be.
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
