"""Which frames of a clip a model sees: a random sub-sequence of it, or frames with an equal interval.

Baradel et al. 2017 (arXiv 1712.08002), Sec. 4: "we cut videos into sub sequences of 20 frames and sample
sub-sequences". Du et al. 2017, Sec. 4: "8 frames are randomly sampled from each video with equal interval". Torabi,
Sigal 2017, Sec. 4: chunks with a random start, in testing too. A sampler is a pure function of the clips' lengths, of
uniform random numbers and of which frames are healthy, so that training (numbers of the epoch) and testing (numbers of
the clip) share it. A frame that the decoder lost is never taken: the nearest healthy one stands in for it.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int, Shaped

Healthy = Sequence[Shaped[np.ndarray, "_"] | None] | None  # of each clip, 0 where damaged; None: nothing is damaged


def nearest_healthy(
    frames: Int[np.ndarray, "b t"],
    healthy: Healthy,
    first: Int[np.ndarray, "b #t"] | None = None,
    last: Int[np.ndarray, "b #t"] | None = None,
) -> Int[np.ndarray, "b t"]:
    """Frames with each damaged one replaced by the nearest healthy frame of its segment; of two the earlier one.

    Args:
        frames: Frame numbers of each clip.
        healthy: Which frames of each clip are healthy, at least one of them.
        first: First frame of the segment around each frame; the first of the clip if None.
        last: Last frame of the segment; the last of the clip if None.

    Returns:
        Frame numbers. Where a whole segment is damaged, the nearest healthy frame of the clip.

    Raises:
        ValueError: A clip has no healthy frame.
    """
    if healthy is None or all(mask is None for mask in healthy):
        return frames
    taken = frames.copy()
    for row, mask in enumerate(healthy):
        if mask is None:
            continue
        good = np.flatnonzero(mask)
        if not len(good):
            raise ValueError(f"none of {len(mask)} frames of a clip is healthy")
        place = np.searchsorted(good, frames[row])
        before, after = good[np.maximum(place - 1, 0)], good[np.minimum(place, len(good) - 1)]
        back, ahead = np.abs(frames[row] - before), np.abs(after - frames[row])
        if first is not None and last is not None:  # what is beyond a segment is farther than all that is in it
            back, ahead = back + len(mask) * (before < first[row]), ahead + len(mask) * (after > last[row])
        taken[row] = np.where(back <= ahead, before, after)
    return taken


def sample_segments(
    length: Int[np.ndarray, " b"], uniform: Float[np.ndarray, "b t"], healthy: Healthy = None
) -> Int[np.ndarray, "b t"]:
    """One random frame in each of t equal segments of a clip; every frame of the clip is equally likely.

    Args:
        length: Frames of each clip, at least 1. A clip of fewer than t frames has segments narrower than a frame, so
            that frames repeat.
        uniform: Random numbers in [0, 1), one for each segment.
        healthy: Which frames are healthy. A damaged frame is replaced within its segment: by the nearest healthy one of
            the frames of which the segment has a part.

    Returns:
        Frame numbers in ascending order.
    """
    segment, n = np.arange(uniform.shape[1]), length[:, None]
    frames = _frame_at((segment + uniform) * n / len(segment), length)  # no whole number falls below itself
    return nearest_healthy(frames, healthy, segment * n // len(segment), -(-(segment + 1) * n // len(segment)) - 1)


def sample_consecutive(
    length: Int[np.ndarray, " b"], uniform: Float[np.ndarray, "b t"], healthy: Healthy = None
) -> Int[np.ndarray, "b t"]:
    """Frames that follow each other, from a random start; all starts are equally likely.

    Args:
        length: Frames of each clip, at least 1. A clip of fewer than t frames is stretched evenly over the t steps, so
            that frames repeat.
        uniform: Random numbers in [0, 1]; the first of each clip places the start.
        healthy: Which frames are healthy. The segment of a frame is its whole clip.

    Returns:
        Frame numbers in ascending order.
    """
    n_steps = uniform.shape[1]
    starts = np.maximum(length - n_steps, 0) + 1
    stride = np.minimum(1.0, length / n_steps)
    start = np.minimum(np.floor(uniform[:, 0] * starts), starts - 1)
    position = start[:, None] + np.arange(n_steps) * stride[:, None]  # (b, t)
    return nearest_healthy(_frame_at(position, length), healthy)


def sample_even(
    length: Int[np.ndarray, " b"], uniform: Float[np.ndarray, "b t"], healthy: Healthy = None
) -> Int[np.ndarray, "b t"]:
    """Frames at the largest equal interval that fits t times, from a random offset; all offsets are equally likely.

    Args:
        length: Frames of each clip, at least 1. A clip of fewer than t frames is stretched evenly over the t steps, so
            that frames repeat.
        uniform: Random numbers in [0, 1]; the first of each clip places the offset.
        healthy: Which frames are healthy. The segment of a frame is its whole clip.

    Returns:
        Frame numbers in ascending order.
    """
    n_steps = uniform.shape[1]
    interval = np.where(length < n_steps, length / n_steps, length // n_steps)
    offsets = np.maximum(length - (n_steps - 1) * np.ceil(interval), 1)
    offset = np.minimum(np.floor(uniform[:, 0] * offsets), offsets - 1)
    return nearest_healthy(_frame_at(offset[:, None] + np.arange(n_steps) * interval[:, None], length), healthy)


def central_frames(length: Int[np.ndarray, " b"], n_steps: int, healthy: Healthy = None) -> Int[np.ndarray, "b t"]:
    """The middle frame of each of t equal parts of a clip; where it is damaged, the nearest healthy one of the clip."""
    return nearest_healthy(_frame_at((np.arange(n_steps) + 0.5) / n_steps * length[:, None], length), healthy)


SAMPLERS = {"segments": sample_segments, "consecutive": sample_consecutive, "even": sample_even}
SAMPLERS |= {"chunks": sample_consecutive}


def sample_training(
    sampling: str, length: Int[np.ndarray, " b"], n_steps: int, rng: np.random.Generator, healthy: Healthy = None
) -> Int[np.ndarray, "b t"]:
    """One random sub-sequence of each clip.

    Args:
        sampling: `segments`, `consecutive`, `even` or `chunks`, which differ from consecutive frames in testing alone.
        length: Frames of each clip.
        n_steps: Frames of a sub-sequence, t.
        rng: Source of the random numbers; which frames are healthy changes none of them.
        healthy: Which frames of each clip are healthy.

    Returns:
        Frame numbers in ascending order.
    """
    return SAMPLERS[sampling](length, rng.random((len(length), n_steps)), healthy)


def sample_test(
    sampling: str,
    clip_ids: Sequence[str],
    length: Int[np.ndarray, " b"],
    n_steps: int,
    draw: int,
    n_draws: int,
    healthy: Healthy = None,
) -> Int[np.ndarray, "b t"]:
    """A test draw: the same for every model, and for a clip whatever the other clips are.

    Args:
        sampling: `segments` and `chunks`: random numbers that depend on clip id and draw alone; `consecutive`: evenly
            spread starts; `even`: the middle frames of equal parts, in every draw.
        clip_ids: Name of each clip.
        length: Frames of each clip.
        n_steps: Frames of a sub-sequence, t.
        draw: Number of the draw, from 0.
        n_draws: Draws in all.
        healthy: Which frames of each clip are healthy.

    Returns:
        Frame numbers in ascending order.
    """
    if sampling == "even":
        return central_frames(length, n_steps, healthy)
    if sampling == "consecutive":
        spread = draw / (n_draws - 1) if n_draws > 1 else 0.5
        return sample_consecutive(length, np.full((len(length), n_steps), spread), healthy)
    uniform = [_uniform(f"{clip_id} {draw}", n_steps) for clip_id in clip_ids]
    return SAMPLERS[sampling](length, np.reshape(uniform, (len(length), n_steps)), healthy)


def _frame_at(position: Float[np.ndarray, "b t"], length: Int[np.ndarray, " b"]) -> Int[np.ndarray, "b t"]:
    """Frame that a position in frames falls in; rounding must not push it past the last one."""
    return np.minimum(position.astype(np.int64), length[:, None] - 1)


def _uniform(text: str, count: int) -> Float[np.ndarray, " count"]:
    """Numbers in [0, 1) made of the bits of a hash: the same with every version of NumPy."""
    bits = np.frombuffer(hashlib.shake_256(text.encode()).digest(8 * count), dtype="<u8")
    return (bits >> np.uint64(11)) * 2.0**-53
