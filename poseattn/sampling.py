"""Which frames of a clip a model sees: a random sub-sequence of each clip, or all windows that slide over it.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4: "we cut videos into sub sequences of 20 frames and sample
sub-sequences". A sampler is a pure function of the clips' lengths and of uniform random numbers, so that training
(numbers of the epoch) and testing (numbers of the clip) share it. Sharma et al. 2015 (arXiv 1511.04119), Sec. 4: blocks
of 30 frames at a fixed rate, in training and in testing.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int


def sample_segments(length: Int[np.ndarray, " b"], uniform: Float[np.ndarray, "b t"]) -> Int[np.ndarray, "b t"]:
    """One random frame in each of t equal segments of a clip; every frame of the clip is equally likely.

    Args:
        length: Frames of each clip, at least 1. A clip of fewer than t frames has segments narrower than a frame, so
            that frames repeat.
        uniform: Random numbers in [0, 1), one for each segment.

    Returns:
        Frame numbers in ascending order.
    """
    segment = np.arange(uniform.shape[1])
    position = (segment + uniform) / len(segment)  # (b, t) in [0, 1), as a share of the clip
    return _frame_at(position * length[:, None], length)


def sample_consecutive(length: Int[np.ndarray, " b"], uniform: Float[np.ndarray, "b t"]) -> Int[np.ndarray, "b t"]:
    """Frames that follow each other, from a random start; all starts are equally likely.

    Args:
        length: Frames of each clip, at least 1. A clip of fewer than t frames is stretched evenly over the t steps, so
            that frames repeat.
        uniform: Random numbers in [0, 1]; the first of each clip places the start.

    Returns:
        Frame numbers in ascending order.
    """
    n_steps = uniform.shape[1]
    starts = np.maximum(length - n_steps, 0) + 1
    stride = np.minimum(1.0, length / n_steps)
    start = np.minimum(np.floor(uniform[:, 0] * starts), starts - 1)
    position = start[:, None] + np.arange(n_steps) * stride[:, None]  # (b, t)
    return _frame_at(position, length)


SAMPLERS = {"segments": sample_segments, "consecutive": sample_consecutive}


def sample_training(
    sampling: str, length: Int[np.ndarray, " b"], n_steps: int, rng: np.random.Generator
) -> Int[np.ndarray, "b t"]:
    """One random sub-sequence of each clip.

    Args:
        sampling: `segments` or `consecutive`.
        length: Frames of each clip.
        n_steps: Frames of a sub-sequence, t.
        rng: Source of the random numbers.

    Returns:
        Frame numbers in ascending order.
    """
    return SAMPLERS[sampling](length, rng.random((len(length), n_steps)))


def sample_test(
    sampling: str, clip_ids: Sequence[str], length: Int[np.ndarray, " b"], n_steps: int, draw: int, n_draws: int
) -> Int[np.ndarray, "b t"]:
    """A test draw: the same for every model, and for a clip whatever the other clips are.

    Args:
        sampling: `segments`: random numbers that depend on clip id and draw alone; `consecutive`: evenly spread starts.
        clip_ids: Name of each clip.
        length: Frames of each clip.
        n_steps: Frames of a sub-sequence, t.
        draw: Number of the draw, from 0.
        n_draws: Draws in all.

    Returns:
        Frame numbers in ascending order.
    """
    if sampling == "consecutive":
        spread = draw / (n_draws - 1) if n_draws > 1 else 0.5
        return sample_consecutive(length, np.full((len(length), n_steps), spread))
    uniform = [_uniform(f"{clip_id} {draw}", n_steps) for clip_id in clip_ids]
    return SAMPLERS[sampling](length, np.reshape(uniform, (len(length), n_steps)))


class Timeline(NamedTuple):
    """What sampling must know of clips: names, numbers of frames, and when (seconds) each frame is shown.

    `time` may be empty where windows of a fixed rate are not asked for.
    """

    clip_ids: Sequence[str]
    length: Int[np.ndarray, " n"]
    time: Sequence[Float[np.ndarray, " frame"]]


class Windows(NamedTuple):
    """Sub-sequences: number of the clip, and the frames taken from it."""

    clips: Int[np.ndarray, " i"]
    frames: Int[np.ndarray, "i t"]


def training_windows(
    run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"], rng: np.random.Generator
) -> Windows:
    """Sub-sequences of one epoch in random order: all windows of every clip, or a random one of each.

    Args:
        run: Settings; used are `sampling`, `frames`, and of `windows` also `rate` and `training_stride`.
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
    order = rng.permutation(clips)
    return Windows(order, sample_training(run["sampling"], timeline.length[order], run["frames"], rng))


def scoring_windows(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"]) -> Windows:
    """Sub-sequences on which clips are scored, the same for every model.

    Args:
        run: Settings; used are `sampling`, `frames`, and either `rate` and `test_stride` or `test_draws`.
        timeline: The clips of the run.
        clips: Numbers of those to score.

    Returns:
        The sub-sequences.
    """
    if run["sampling"] == "windows":
        return _sliding(run, timeline, clips, run["test_stride"])
    names, length, n_draws = [timeline.clip_ids[clip] for clip in clips], timeline.length[clips], run["test_draws"]
    draws = [sample_test(run["sampling"], names, length, run["frames"], draw, n_draws) for draw in range(n_draws)]
    return Windows(np.tile(clips, n_draws), np.concatenate(draws))


def validation_windows(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"]) -> Windows:
    """Sub-sequences that every epoch is validated on: one draw of each clip, or windows as dense as in training."""
    return scoring_windows(run | {"test_draws": 1, "test_stride": run.get("training_stride")}, timeline, clips)


def resample(time: Float[np.ndarray, " frame"], rate: float | int | None) -> Int[np.ndarray, " step"]:
    """Frames shown nearest to the ticks of a clock, the first of which is the clip's first frame.

    Args:
        time: When each frame is shown, seconds, ascending.
        rate: Ticks a second; None for the frames themselves.

    Returns:
        One frame number a tick, for as many ticks as the clip lasts (rounded; at least one). Of two frames equally near
        the later one.
    """
    if rate is None or len(time) == 1:
        return np.arange(len(time))
    since = time - time[0]
    lasts = since[-1] * len(time) / (len(time) - 1)  # the last frame is shown as long as the others
    ticks = np.arange(max(1, round(lasts * rate))) / rate
    return np.searchsorted((since[1:] + since[:-1]) / 2 - 1e-9, ticks, side="right")


def _sliding(run: dict[str, Any], timeline: Timeline, clips: Int[np.ndarray, " n"], stride: int) -> Windows:
    """Windows of `frames` steps that begin every `stride` steps; the last frame of a shorter clip is repeated."""
    numbers, frames = [np.empty(0, np.int64)], [np.empty((0, run["frames"]), np.int64)]
    for clip in clips:
        steps = resample(timeline.time[clip], run["rate"])
        starts = np.arange(0, max(len(steps) - run["frames"], 0) + 1, stride)
        index = starts[:, None] + np.arange(run["frames"])  # (window, t)
        numbers.append(np.full(len(starts), clip))
        frames.append(steps[np.minimum(index, len(steps) - 1)])
    return Windows(np.concatenate(numbers), np.concatenate(frames))


def _frame_at(position: Float[np.ndarray, "b t"], length: Int[np.ndarray, " b"]) -> Int[np.ndarray, "b t"]:
    """Frame that a position in frames falls in; rounding must not push it past the last one."""
    return np.minimum(position.astype(np.int64), length[:, None] - 1)


def _uniform(text: str, count: int) -> Float[np.ndarray, " count"]:
    """Numbers in [0, 1) made of the bits of a hash: the same with every version of NumPy."""
    bits = np.frombuffer(hashlib.shake_256(text.encode()).digest(8 * count), dtype="<u8")
    return (bits >> np.uint64(11)) * 2.0**-53
