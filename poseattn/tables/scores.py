"""Scores of clips: found by what they are scores of, and streams added up to one (Baradel et al. 2017, Sec. 3.4)."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8


class Scores(NamedTuple):
    """What one training scored.

    Attributes:
        clip_ids: Names of the scored clips.
        values: Logits or probabilities, one row a clip.
        label: 1 for each class of a clip, else 0.
        attrs: Attributes of the score shard: run, protocol, split, seed, n_excluded, data, weights, note, ...
    """

    clip_ids: list[str]
    values: Float[np.ndarray, "n c"]
    label: UInt8[np.ndarray, "n c"]
    attrs: dict[str, Any]


class Fused(NamedTuple):
    """Streams as one: scores and classes of the clips that all of them scored, and how many clips that leaves out."""

    values: Float[np.ndarray, "n c"]
    label: UInt8[np.ndarray, "n c"]
    n_excluded: int


class ScoreIndex:
    """Finds scores by what they are scores of.

    Args:
        scores: Each run, protocol, split and seed at most once.

    Raises:
        ValueError: Two scores are of the same.
    """

    def __init__(self, scores: Iterable[Scores]) -> None:
        self._found: dict[tuple[str, str, str, int], Scores] = {}
        for one in scores:
            key = (one.attrs["run"], one.attrs["protocol"], one.attrs["split"], int(one.attrs["seed"]))
            if key in self._found:
                raise ValueError("scores of run {}, {} {}, seed {} are given twice".format(*key))
            self._found[key] = one

    def seeds(self, runs: Sequence[str]) -> list[int]:
        """Seeds with which some runs were trained.

        Args:
            runs: Run ids, at least one.

        Returns:
            The seeds of any of them, in order.

        Raises:
            ValueError: There are no scores of these runs.
        """
        if seeds := {seed for run, _, _, seed in self._found if run in runs}:
            return sorted(seeds)
        raise ValueError(f"no scores of {', '.join(runs)} among the {len(self._found)} given")

    def get(self, run: str, protocol: str, split: str, seed: int) -> Scores:
        """Scores of one training.

        Args:
            run: Run id.
            protocol: Protocol id.
            split: Part of the protocol.
            seed: Of the training.

        Returns:
            The scores, which may have no clips.

        Raises:
            ValueError: They are missing.
        """
        if (run, protocol, split, seed) not in self._found:
            raise ValueError(
                f"no scores of run {run}, {protocol} {split}, seed {seed} among the {len(self._found)} given"
            )
        return self._found[run, protocol, split, seed]


def fuse(streams: Sequence[Scores], factors: Sequence[float | int] | None = None) -> Fused:
    """Add the scores of streams up, clip by clip.

    All streams start from the same clips. The stream with most clips gives the full set. Clips that any stream lacks
    are counted as excluded, once.

    Args:
        streams: Scores of one protocol, split and seed; may be only one.
        factors: What each stream's scores are multiplied by first; None for 1.

    Returns:
        The clips that all streams scored, in the order of the first.

    Raises:
        ValueError: Streams differ in units, in the number of classes or in the class of a clip, or there are not as
            many factors.
    """
    factors = [1] * len(streams) if factors is None else factors
    if len(factors) != len(streams):
        raise ValueError(f"stream_weights: {len(factors)} weights for {len(streams)} streams")
    if len(units := {str(stream.attrs["units"]) for stream in streams}) > 1:
        raise ValueError(f"streams {_runs(streams)} have different units: {', '.join(sorted(units))}")
    shared = set.intersection(*(set(stream.clip_ids) for stream in streams))
    known = max(len(stream.clip_ids) + int(stream.attrs["n_excluded"]) for stream in streams)
    known = max(known, len(set().union(*(stream.clip_ids for stream in streams))))
    clip_ids = [clip_id for clip_id in streams[0].clip_ids if clip_id in shared]
    total, label = _rows(streams[0], clip_ids)
    total = total * factors[0]
    for stream, factor in zip(streams[1:], factors[1:], strict=True):
        runs = f"runs {streams[0].attrs['run']} and {stream.attrs['run']}"
        values, label_too = _rows(stream, clip_ids)
        if values.shape != total.shape:
            raise ValueError(f"{runs} have {total.shape[1]} and {values.shape[1]} classes")
        if (differ := (label != label_too).any(axis=1)).any():
            raise ValueError(f"{runs} disagree on the class of clip {clip_ids[int(differ.argmax())]}")
        total = total + factor * values
    return Fused(total, label, known - len(clip_ids))


def why_nothing(streams: Sequence[Scores]) -> str:
    """Reason why no clip was scored by all of some streams.

    Args:
        streams: Scores of one protocol, split and seed that share no clip.

    Returns:
        What the streams without any clip say of themselves, or that there is no common clip.
    """
    empty = [stream.attrs for stream in streams if not stream.clip_ids]
    if not empty:
        return f"no clip of {streams[0].attrs['protocol']} was scored by all of {_runs(streams)}"
    return "; ".join(attrs["note"] or f"{attrs['run']} scored no clip of {attrs['protocol']}" for attrs in empty)


def _runs(streams: Sequence[Scores]) -> str:
    return ", ".join(stream.attrs["run"] for stream in streams)


def _rows(scores: Scores, clip_ids: list[str]) -> tuple[Float[np.ndarray, "n c"], UInt8[np.ndarray, "n c"]]:
    position = {clip_id: row for row, clip_id in enumerate(scores.clip_ids)}
    rows = np.array([position[clip_id] for clip_id in clip_ids], np.int64)
    return scores.values[rows].astype(np.float64), scores.label[rows]
