"""Figure of the kind states: hidden states in a clip that one of two models recognises (Du et al. 2017, Fig. 5)."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from poseattn.clips.manifest import read_classes
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import action_number
from poseattn.figures.drawing.png import draw_notice
from poseattn.figures.drawing.states import Dynamics, draw_dynamics
from poseattn.inputs.features import load_features
from poseattn.inputs.windows import scoring_windows
from poseattn.networks.device import set_threads
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.model import load_model


class Answers(NamedTuple):
    """Answers of a run to the test clips: their names, classes, answers, and the scores of the answers."""

    clip_ids: list[str]
    label: np.ndarray
    guess: np.ndarray
    score: np.ndarray


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the hidden states of two models in the clip that shows best what the second model gains.

    The clip is of the action, recognised by the second model with the highest score, and not recognised by the first.
    If there is none, such a clip of any action is drawn; if there is none either, the clip of the action with the
    highest score.

    Args:
        figure: `source` (the published figure), `title`, `action` (name of a class), and `labels` of the two models.
        given: Files; read are `classes`, and the `scores`, `runs`, `checkpoints` and `cubes` of both runs.

    Returns:
        PNG file.

    Raises:
        ValueError: A run or a model is not as expected, or there is no such action.
    """
    names = read_classes(given.classes)
    action = action_number(figure["action"], names)
    set_threads(given.threads)
    baseline, ours = sides = [_answers(path) for path in given.scores]
    clip_id = choose_clip(baseline, ours, action)
    if clip_id is None:
        return draw_notice(figure["title"], f"{figure['source']}: no test clip was scored")
    half = len(given.cubes) // 2
    cubes = given.cubes[:half], given.cubes[half:]
    drawn = []
    for label, answers, *model in zip(figure["labels"], sides, given.runs, given.checkpoints, cubes, strict=True):
        guess = names[int(answers.guess[answers.clip_ids.index(clip_id)])]
        drawn.append(Dynamics(*hidden_states(*model, clip_id), f"{label}: taken for {guess}"))
    row = ours.clip_ids.index(clip_id)
    title = f"{figure['title']}: {names[int(ours.label[row])]}, clip {clip_id}"
    return draw_dynamics(drawn, title, f"After {figure['source']}: {title}.")


def choose_clip(baseline: Answers, ours: Answers, action: int) -> str | None:
    """Choose the clip to draw, as `draw` describes.

    Args:
        baseline: Answers of the first model.
        ours: Answers of the second model.
        action: Number of the class.

    Returns:
        The first by name of equally good clips; None if no clip was scored by both.
    """
    mistaken = {name for name, label, guess in zip(*baseline[:3], strict=True) if label != guess}
    ranked = []
    for name, label, guess, score in zip(*ours, strict=True):
        if name in baseline.clip_ids:
            gained = guess == label and name in mistaken
            ranked.append((not (gained and label == action), not gained, label != action, -float(score), name))
    return min(ranked)[-1] if ranked else None


@torch.no_grad()
def hidden_states(run: str, checkpoint: Path, cubes: list[Path], clip_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Compute the states h_t of the recurrent layer at the test frames of a clip.

    Args:
        run: The run as JSON.
        checkpoint: Model of the run.
        cubes: Cube shards that the run reads.
        clip_id: Name of the clip.

    Returns:
        States (t, h), and the frame numbers (t).

    Raises:
        ValueError: The run or the model is not as expected.
    """
    settings = runs.read_settings(run, (*runs.TRAINING_KEYS, "test_draws"))
    state, about = load_checkpoint(checkpoint)
    if state is None:
        raise ValueError(f"{checkpoint} has no model: {about['note']}")
    place, inputs = torch.device("cpu"), {"cubes": ShardSet(cubes, "cubes")}
    model = load_model(settings, inputs, len(about["classes"]), state, place).eval()
    features = load_features([clip_id], inputs, model.inputs, settings, place, budget=0)
    windows = scoring_windows(settings, features.timeline, np.array([0]))
    seen: list[Tensor] = []

    def keep(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        seen.append(arguments[0])

    with model.classifier.register_forward_pre_hook(keep):  # the states are the input of the classifier
        model(**features.window(windows.clips[:1], windows.frames[:1]))
    return seen[0][0].numpy(), windows.frames[0]


def _answers(path: Path) -> Answers:
    with Shard(path, kind="scores", axes="clip class") as shard:
        values, label = shard.side_all("data"), shard.side_all("label")
    return Answers(shard.clip_ids, label.argmax(axis=1), values.argmax(axis=1), values.max(axis=1, initial=-np.inf))
