"""Steps that several kinds of figures take: find the action, count answers, choose steps, say what made the scores."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from poseattn.shards.shard import Shard


def action_number(action: str, names: Sequence[str]) -> int:
    """Find the class of a figure.

    Args:
        action: Name of the class, as the figure gives it.
        names: Names of the classes of the data set.

    Returns:
        Number of the class, from 0.

    Raises:
        ValueError: The data set has no such class.
    """
    if action not in names:
        raise ValueError(f"figure: found action {action!r}, expected one of {', '.join(names)}")
    return names.index(action)


def count_answers(scores: Float[np.ndarray, "n c"], label: Shaped[np.ndarray, "n c"]) -> Int[np.ndarray, "c c"]:
    """Count which class each clip was taken for.

    Args:
        scores: One row a clip; the class with the highest score is the answer.
        label: 1 for the class of a clip, else 0.

    Returns:
        Confusion matrix: clips of each class (row) with each answer (column).

    Raises:
        ValueError: A clip has no class, or several.
    """
    if (label.sum(axis=1) != 1).any():
        raise ValueError("a confusion matrix needs exactly one class of each clip")
    counts = np.zeros((label.shape[1], label.shape[1]), np.int64)
    np.add.at(counts, (label.argmax(axis=1), scores.argmax(axis=1)), 1)
    return counts


def answers_of_run(path: Path, run: str) -> tuple[Int[np.ndarray, "c c"], dict[str, Any]]:
    """Count the answers of a run to the test clips.

    Args:
        path: Scores of the test clips.
        run: Name of the run that the scores must be of.

    Returns:
        Confusion matrix as `count_answers` has it, and the attributes of the scores.

    Raises:
        ValueError: The scores are of another run, or a clip has no class or several.
    """
    with Shard(path, kind="scores", axes="clip class") as shard:
        if shard.attrs["run"] != run:
            raise ValueError(f"{path}: scores of run {shard.attrs['run']}, expected {run}")
        return count_answers(shard.side_all("data"), shard.side_all("label")), shard.attrs


def choose_steps(n_steps: int, n_columns: int) -> Int[np.ndarray, " column"]:
    """Choose the steps that lie below the middles of the columns when all steps span the width of a figure."""
    return ((np.arange(n_columns) + 0.5) / n_columns * n_steps).astype(int)


def made_of(attrs: Mapping[str, Any]) -> str:
    """Describe the data, weights, protocol and seed behind some scores, from the attributes of their shard."""
    return f"{attrs['data']} data, weights {attrs['weights']}, {attrs['protocol']}, seed {attrs['seed']}"


def surest_clips(scores: Shard, action: int, count: int) -> list[str]:
    """Choose clips of a class: recognised clips first, then by descending score, then by name.

    Args:
        scores: Scores of test clips.
        action: Number of the class.
        count: How many clips are asked for.

    Returns:
        Names of the clips, fewer if the class has fewer clips.
    """
    values, label = scores.side_all("data"), scores.side_all("label")
    rows = np.flatnonzero(label[:, action])
    ranked = sorted((values[row].argmax() != action, -float(values[row, action]), scores.clip_ids[row]) for row in rows)
    return [clip_id for _, _, clip_id in ranked[:count]]
