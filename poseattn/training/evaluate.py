"""Evaluation: scores of clips, averaged over their sub-sequences, and where the model looked.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4: the score of a clip is the mean of its sub-sequences' logits. Sharma et
al. 2015 (arXiv 1511.04119), Sec. 4: it is the mean over windows of the mean over their steps of class probabilities.
Torabi, Sigal 2017 (arXiv 1708.09522), Sec. 4: probabilities are averaged over 40 random
chunks of the clip and 40 chunks of its mirror image.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from poseattn.inputs.features import Features
from poseattn.inputs.windows import Windows, covering_windows, scoring_windows

_STATES = "hidden"  # as long as an input for every clip, and no attention


def score_clips(
    model: nn.Module, features: Features, run: dict[str, Any]
) -> tuple[Float[np.ndarray, "n c"], dict[str, np.ndarray]]:
    """Scores of clips.

    Args:
        model: Trained network on the device of the features.
        features: Windows of frames of the clips, and behind all of these of their mirrored twins if the run says
            `test_mirror`.
        run: Settings; used are those of sampling, `test_mirror`, `batch`, `average`, `loss` and `readout`.

    Returns:
        Scores, and what the first and the last sub-sequence of each clip (or of its twin) showed: the model's attention
        maps by name, (n, 2, t, ...) float32, and if it has any, `frame` (n, 2, t), the frame numbers they belong to;
        with attention over moments also `attended_frame` (n, 2, moment), the frame at which each begins.
    """
    n_rows = len(features.timeline.length)
    n_clips = n_rows // 2 if run.get("test_mirror") else n_rows
    windows = scoring_windows(run, features.timeline, np.arange(n_rows))
    owner = windows.clips % n_clips
    shown = _first_and_last(owner, n_clips)
    kept = np.zeros(len(windows.clips), bool)
    kept[shown] = True
    scores: list[np.ndarray] = []
    maps: dict[str, list[np.ndarray]] = {}
    left = kept
    for logits, attention in run_windows(model, features, windows, run["batch"]):
        scores.append(read_out(logits, run).cpu().numpy())
        here, left = left[: len(logits)], left[len(logits) :]
        for name in sorted(attention.keys() - {_STATES}):
            maps.setdefault(name, []).append(attention[name].float().cpu().numpy()[here])
    rows = (np.cumsum(kept) - 1)[shown]  # (n, 2) rows among those kept
    found = {name: np.concatenate(arrays)[rows] for name, arrays in maps.items()}
    if found:
        found["frame"] = windows.frames[shown] * features.timeline.stride
    if "moment" in found:
        found["attended_frame"] = attended_frames(found["frame"], found["moment"].shape[-1], run["chunk"])
    return average_windows(np.concatenate(scores), owner, n_clips), found


def attended_frames(
    frame: Int[np.ndarray, "*batch step"], n_moments: int, chunk: int
) -> Int[np.ndarray, "*batch moment"]:
    """Frames at which the moments begin that a model attends to in chunks.

    Args:
        frame: At which each step of a chunk begins.
        n_moments: How many moments a chunk has.
        chunk: Frames that it spans.

    Returns:
        Frame numbers, evenly spread over the chunk from its first frame on.
    """
    return frame[..., :1] + np.arange(n_moments) * (chunk // n_moments)


def attend(
    model: nn.Module, features: Features, run: dict[str, Any], clip: int
) -> tuple[Int[np.ndarray, " step"], dict[str, np.ndarray]]:
    """Where a model looks from the beginning of a clip to its end.

    Args:
        model: Trained network on the device of the features.
        features: Windows of frames of the clips.
        run: Settings of a run on windows; used are `frames`, `rate` and `batch`.
        clip: Number of the clip.

    Returns:
        Frames in ascending order, each once, and the model's attention maps at these (step, ...) by name.
    """
    windows = covering_windows(run, features.timeline, clip)
    maps: dict[str, list[np.ndarray]] = {}
    for _, attention in run_windows(model, features, windows, run["batch"]):
        for name, weights in attention.items():
            maps.setdefault(name, []).append(weights.float().cpu().numpy())
    frames, first = np.unique(windows.frames.ravel(), return_index=True)
    found = {name: np.concatenate(arrays) for name, arrays in maps.items()}
    return frames, {name: array.reshape(-1, *array.shape[2:])[first] for name, array in found.items()}


def _first_and_last(clips: Int[np.ndarray, " i"], n_clips: int) -> Int[np.ndarray, "n 2"]:
    """First and last sub-sequence of each clip."""
    number = np.arange(len(clips))
    first, last = np.full(n_clips, len(clips)), np.zeros(n_clips, np.int64)
    np.minimum.at(first, clips, number)
    np.maximum.at(last, clips, number)
    return np.stack([first, last], axis=1)


def run_windows(
    model: nn.Module, features: Features, windows: Windows, batch: int
) -> Iterator[tuple[Float[Tensor, "b s c"], dict[str, Tensor]]]:
    """Answers of a model to sub-sequences, `batch` of them at a time.

    Args:
        model: Network on the device of the features; put into evaluation mode.
        features: Windows of frames of the clips.
        windows: The sub-sequences.
        batch: How many the model sees at once.

    Yields:
        Logits of every step, and attention maps by name.
    """
    model.eval()
    for inputs in features.windows(windows.clips, windows.frames, batch):
        with torch.no_grad():
            answer = model(**inputs)
        yield answer


def read_out(logits: Float[Tensor, "b s c"], run: dict[str, Any]) -> Float[Tensor, "b c"]:
    """Score of a sub-sequence from the logits of its steps.

    Args:
        logits: One row a step.
        run: Settings; used are `average` (`logits` or `probabilities`), `loss`, which says how probabilities are made
            (`softmax`, for others the sigmoid), and `readout`: `mean` over the steps or the `last` one.

    Returns:
        One row a clip.

    Raises:
        ValueError: The readout is neither.
    """
    if run["readout"] not in ("mean", "last"):
        raise ValueError(f"readout: found {run['readout']!r}, expected mean or last")
    if run["average"] == "probabilities":
        logits = logits.softmax(dim=2) if run["loss"] == "softmax" else logits.sigmoid()
    return logits.mean(dim=1) if run["readout"] == "mean" else logits[:, -1]


def average_windows(
    scores: Float[np.ndarray, "i c"], clips: Int[np.ndarray, " i"], n_clips: int
) -> Float[np.ndarray, "n c"]:
    """Scores of clips from those of their sub-sequences.

    Args:
        scores: One row a sub-sequence.
        clips: Number of the clip of each; every clip has at least one.
        n_clips: How many clips there are.

    Returns:
        Means, float32.
    """
    total = np.zeros((n_clips, scores.shape[1]))
    np.add.at(total, clips, scores.astype(np.float64))
    return (total / np.bincount(clips, minlength=n_clips)[:, None]).astype(np.float32)
