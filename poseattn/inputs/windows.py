"""Sub-sequences of many clips: random ones of each, or windows that slide over it at a fixed rate.

Sharma et al. 2015 (arXiv 1511.04119), Sec. 4: blocks of 30 frames at a fixed rate, in training and in testing. Torabi,
Sigal 2017 (arXiv 1708.09522), Sec. 4: chunks of 192 frames, 12 pieces of 16, with a random start.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from poseattn.inputs.sampling import Healthy, nearest_healthy, sample_test, sample_training

_MOST_TICKS = 10_000_000  # of a clip: the ticks of a day at 100 a second


class Timeline(NamedTuple):
    """What sampling must know of clips.

    Attributes:
        clip_ids: Their names.
        length: How many rows of features each has, one a frame unless `stride` says otherwise.
        time: When each frame is shown, seconds; may be empty where windows of a fixed rate are not asked for.
        stride: Frames from one row to the next.
        healthy: Which rows of each clip are healthy. No other is taken, except that chunks begin wherever they fall:
            the rows that a chunk needs are chosen where they are read (see `poseattn.inputs.rows.ChunkRows`).
    """

    clip_ids: Sequence[str]
    length: Int[np.ndarray, " n"]
    time: Sequence[Float[np.ndarray, " frame"]]
    stride: int = 1
    healthy: Healthy = None


class Windows(NamedTuple):
    """Sub-sequences: number of the clip, and the frames taken from it."""

    clips: Int[np.ndarray, " i"]
    frames: Int[np.ndarray, "i t"]


def training_windows(
    run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"], rng: np.random.Generator
) -> Windows:
    """Sub-sequences of one epoch in random order: all windows of every clip, or a random one of each.

    Args:
        run: Settings; used are `sampling`, `frames`, of `windows` also `rate` and `training_stride`, of `chunks` also
            `chunk`, the frames that one spans; and `iterations`: if it is there, an epoch is so many batches (of
            `batch`) of clips drawn with replacement.
        timeline: The clips of the run.
        clips: Numbers of those to train on.
        rng: Source of the random numbers.

    Returns:
        The sub-sequences.
    """
    if run["sampling"] == "windows":
        drawn = _sliding(run, timeline, clips, run["training_stride"])
        order = rng.permutation(len(drawn.clips))
        return Windows(drawn.clips[order], drawn.frames[order])
    if "iterations" in run:
        order = rng.choice(clips, run["iterations"] * run["batch"])
    else:
        order = rng.permutation(clips)
    span, step = _span(run, timeline)
    drawn = sample_training(run["sampling"], timeline.length[order], span, rng, _healthy(run, timeline, order))
    return Windows(order, drawn[:, ::step])


def mirror_some(windows: Windows, twin: Int[np.ndarray, " n"] | None, rng: np.random.Generator) -> Windows:
    """Take each sub-sequence with probability 0.5 from the mirrored twin of its clip.

    Args:
        windows: Sub-sequences.
        twin: Number of the twin of each clip; None where there are none, and nothing is drawn.
        rng: Source of the random numbers.

    Returns:
        The sub-sequences.
    """
    if twin is None:
        return windows
    drawn = rng.random(len(windows.clips)) < 0.5
    return Windows(np.where(drawn, twin[windows.clips], windows.clips), windows.frames)


def scoring_windows(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"]) -> Windows:
    """Sub-sequences on which clips are scored, the same for every model.

    Args:
        run: Settings; used are `sampling`, `frames`, and either `rate` and `test_stride` or `test_draws`, of `chunks`
            also `chunk`.
        timeline: The clips of the run.
        clips: Numbers of those to score.

    Returns:
        The sub-sequences; chunks clip by clip, so that a large data set is read from disk once.
    """
    if run["sampling"] == "windows":
        return _sliding(run, timeline, clips, run["test_stride"])
    names, length, n_draws = [timeline.clip_ids[clip] for clip in clips], timeline.length[clips], run["test_draws"]
    span, step = _span(run, timeline)
    healthy = _healthy(run, timeline, clips)
    draws = [sample_test(run["sampling"], names, length, span, draw, n_draws, healthy) for draw in range(n_draws)]
    drawn = Windows(np.tile(clips, n_draws), np.concatenate(draws)[:, ::step])
    if run["sampling"] != "chunks":
        return drawn
    by_clip = np.arange(len(drawn.clips)).reshape(n_draws, -1).T.ravel()
    return Windows(drawn.clips[by_clip], drawn.frames[by_clip])


def validation_windows(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"]) -> Windows:
    """Sub-sequences that every epoch is validated on: one draw of each clip, or windows as dense as in training."""
    return scoring_windows(run | {"test_draws": 1, "test_stride": run.get("training_stride")}, timeline, clips)


def covering_windows(run: dict[str, Any], timeline: Timeline, clip: int) -> Windows:
    """Windows or chunks side by side that cover a clip; the last one ends with it and overlaps the one before.

    Args:
        run: Settings; used are `sampling`, `frames`, of `windows` also `rate`, and of `chunks` also `chunk`.
        timeline: The clips of the run.
        clip: Number of the one to cover.

    Returns:
        The windows; the last frame of a clip shorter than a window is repeated.
    """
    if run["sampling"] == "chunks":
        length, step = _span(run, timeline)
        starts = np.minimum(np.arange(0, timeline.length[clip], length), timeline.length[clip] - length)
        return Windows(np.full(len(starts), clip), starts[:, None] + np.arange(0, length, step))
    steps, length = _steps(run, timeline, clip), run["frames"]
    starts = np.minimum(np.arange(0, len(steps), length), max(len(steps) - length, 0))
    index = np.minimum(starts[:, None] + np.arange(length), len(steps) - 1)  # (window, t)
    return Windows(np.full(len(starts), clip), steps[index])


def resample(time: Float[np.ndarray, " frame"], rate: float | int | None) -> Int[np.ndarray, " step"]:
    """Frames shown nearest to the ticks of a clock, the first of which is the clip's first frame.

    Args:
        time: When each frame is shown, seconds, ascending.
        rate: Ticks a second; None for the frames themselves.

    Returns:
        One frame number a tick, for as many ticks as the clip lasts (rounded; at least one). Of two frames equally near
        the later one.

    Raises:
        ValueError: The clip lasts longer than any video does.
    """
    if rate is None or len(time) == 1:
        return np.arange(len(time))
    since = time - time[0]
    lasts = since[-1] * len(time) / (len(time) - 1)  # the last frame is shown as long as the others
    if not lasts * rate <= _MOST_TICKS:
        raise ValueError(f"a clip lasts {lasts:.6g} s: {lasts * rate:.6g} ticks at {rate}/s, at most {_MOST_TICKS:.0e}")
    ticks = np.arange(max(1, round(lasts * rate))) / rate
    return np.searchsorted((since[1:] + since[:-1]) / 2 - 1e-9, ticks, side="right")


def _steps(run: dict[str, Any], timeline: Timeline, clip: int) -> Int[np.ndarray, " step"]:
    """Frames at the ticks of a run's clock; the segment of a damaged one is its whole clip."""
    steps = resample(timeline.time[clip], run["rate"])
    return nearest_healthy(steps[None], None if timeline.healthy is None else [timeline.healthy[clip]])[0]


def _healthy(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"]) -> Healthy:
    """Which rows of some clips are healthy, for samplers that must know."""
    known = timeline.healthy is not None and run["sampling"] != "chunks"
    return [timeline.healthy[clip] for clip in clips] if known else None


def _span(run: dict[str, Any], timeline: Timeline) -> tuple[int, int]:
    """Rows that a sub-sequence spans, and rows from one that is taken to the next."""
    if run["sampling"] != "chunks":
        return run["frames"], 1
    span = run["chunk"] // timeline.stride
    return span, span // run["frames"]


def _sliding(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"], stride: int) -> Windows:
    """Windows of `frames` steps that begin every `stride` steps; the last frame of a shorter clip is repeated."""
    numbers, frames = [np.empty(0, np.int64)], [np.empty((0, run["frames"]), np.int64)]
    for clip in clips.tolist():
        steps = _steps(run, timeline, clip)
        starts = np.arange(0, max(len(steps) - run["frames"], 0) + 1, stride)
        index = starts[:, None] + np.arange(run["frames"])  # (window, t)
        numbers.append(np.full(len(starts), clip))
        frames.append(steps[np.minimum(index, len(steps) - 1)])
    return Windows(np.concatenate(numbers), np.concatenate(frames))
