"""Stage draw_states: hidden states over a test clip that one model mistakes and another recognises."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from poseattn.clips.manifest import read_classes
from poseattn.figures.png import draw_notice
from poseattn.figures.states import Dynamics, draw_dynamics
from poseattn.files import replace_file
from poseattn.inputs.features import load_features
from poseattn.inputs.windows import scoring_windows
from poseattn.networks.device import set_threads
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.model import load_model


class Answers(NamedTuple):
    """Test clips of a run with their classes, and what it took them for."""

    clip_ids: list[str]
    label: np.ndarray
    guess: np.ndarray
    score: np.ndarray


def run(
    *,
    figure: str,
    classes: Path,
    scores: list[Path],
    baseline_run: str,
    baseline_checkpoint: Path,
    baseline_cubes: list[Path],
    run: str,
    checkpoint: Path,
    cubes: list[Path],
    out: Path,
    threads: int,
) -> None:
    """Draw the hidden states of both models in the clip that shows best what the second one gains.

    That is the clip of the action that it recognises with the highest score while the first one does not; if there is
    none, such a clip of any action; if there is none either, the clip of the action that it gives the highest score.

    Args:
        figure: JSON with `source` (the published figure), `title`, `action` (name of a class), and `labels` of the two.
        classes: Names of the classes.
        scores: Scores of the test clips by the baseline and by the other model.
        baseline_run: The baseline's run as JSON.
        baseline_checkpoint: Its model.
        baseline_cubes: Its cube shards.
        run: The other run.
        checkpoint: Its model.
        cubes: Its cube shards.
        out: PNG file to write.
        threads: CPU threads of an operation.

    Raises:
        ValueError: A run or a model is not what it should be, or there is no such action.
    """
    settings, names = json.loads(figure), read_classes(classes)
    if settings["action"] not in names:
        raise ValueError(f"figure: action {settings['action']!r} is none of {', '.join(names)}")
    set_threads(threads)
    baseline, ours = (_answers(path) for path in scores)
    clip_id = choose_clip(baseline, ours, names.index(settings["action"]))
    if clip_id is None:
        reason = f"{settings['source']}: no test clip was scored"
        replace_file(out, draw_notice(settings["title"], reason))
        return
    sides = ((baseline_run, baseline_checkpoint, baseline_cubes, baseline), (run, checkpoint, cubes, ours))
    drawn = []
    for label, (text, model, shards, answers) in zip(settings["labels"], sides, strict=True):
        guess = names[int(answers.guess[answers.clip_ids.index(clip_id)])]
        states, frames = hidden_states(text, model, shards, clip_id)
        drawn.append(Dynamics(states, frames, f"{label}: taken for {guess}"))
    row = ours.clip_ids.index(clip_id)
    title = f"{settings['title']}: {names[int(ours.label[row])]}, clip {clip_id}"
    replace_file(out, draw_dynamics(drawn, title, f"After {settings['source']}: {title}."))


def choose_clip(baseline: Answers, ours: Answers, action: int) -> str | None:
    """Clip to draw; see `run`.

    Args:
        baseline: Answers of the first model.
        ours: Answers of the second one.
        action: Number of the class.

    Returns:
        The first by name of equally good ones; None if no clip was scored by both.
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
    """States h_t of the recurrent layer at the test frames of a clip.

    Args:
        run: The run as JSON.
        checkpoint: Its model.
        cubes: Its cube shards.
        clip_id: Name of the clip.

    Returns:
        States (t, h), and the frame numbers (t).

    Raises:
        ValueError: The run or the model is not what it should be.
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

    with model.classifier.register_forward_pre_hook(keep):  # what the classifier gets are the states
        model(**features.window(windows.clips[:1], windows.frames[:1]))
    return seen[0][0].numpy(), windows.frames[0]


def _answers(path: Path) -> Answers:
    with Shard(path, kind="scores", axes="clip class") as shard:
        values, label = shard.side_all("data"), shard.side_all("label")
    return Answers(shard.clip_ids, label.argmax(axis=1), values.argmax(axis=1), values.max(axis=1, initial=-np.inf))
