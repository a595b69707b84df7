"""What happens in an untrimmed video: shots, some of which make up segments, and in each of these some evidence."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from poseattn.synthetic.shots import Shot, cut, draw_shot


class Segment(NamedTuple):
    """An annotated part: its class, and first frame and the one after its last, of all of it and of its evidence."""

    label: str
    first: int
    stop: int
    evidence: tuple[int, int]


class Plan(NamedTuple):
    """What happens in a video."""

    shots: list[Shot]
    segments: list[Segment]
    size: tuple[int, int]
    fps: float


def draw_plan(rng: np.random.Generator, labels: Sequence[str], recipe: dict, ends_there: bool) -> Plan:
    """Random plan of a video; what its classes are moves nothing else in it.

    Args:
        rng: Random state of the plan.
        labels: Class of each segment; a video without any is of shots that belong to none.
        recipe: `classes`, each with a kind of place, object or move; possible `fps`; share of `short` segments
            (`quirks`); and the `scene` with its `sizes`, `neutral` kinds and `timing`.
        ends_there: Whether the video ends with its last segment.

    Returns:
        The plan.
    """
    scene, shots, segments = recipe["scene"], [], []
    size = tuple(scene["sizes"][rng.integers(len(scene["sizes"]))])
    fps = float(recipe["fps"][rng.integers(len(recipe["fps"]))])
    for label in labels:
        shots += _gap(rng, recipe)
        segments.append(_draw_segment(rng, label, sum(shot.frames for shot in shots), recipe))
        shots += _show(rng, segments[-1], recipe)
    if not ends_there:
        shots += _gap(rng, recipe) + ([] if segments else _gap(rng, recipe))
    return Plan(shots, segments, size, fps)


def _gap(rng: np.random.Generator, recipe: dict) -> list[Shot]:
    """What is between segments: shots of which any may show what tells a class."""
    timing, kinds = recipe["scene"]["timing"], [kinds for _, kinds in sorted(recipe["classes"].items())]
    lengths = cut(rng, int(rng.integers(*timing["gap"], endpoint=True)), timing["shot"])
    return [draw_shot(rng, frames, recipe["scene"], **kinds[rng.integers(len(kinds))]) for frames in lengths]


def _draw_segment(rng: np.random.Generator, label: str, first: int, recipe: dict) -> Segment:
    """Where a segment ends that begins at some frame, and where in it the evidence is: in every chunk of it."""
    timing = recipe["scene"]["timing"]
    kind = "short" if rng.random() < recipe["quirks"]["short"] else "segment"
    length, shown = (int(rng.integers(*timing[name], endpoint=True)) for name in (kind, "evidence"))
    earliest, latest = max(0, length - timing["chunk"]), min(length, timing["chunk"]) - shown
    if latest < earliest:
        raise ValueError(f"timing: {shown} frames of evidence are not in every chunk of a segment of {length}")
    start = first + int(rng.integers(earliest, latest, endpoint=True))
    return Segment(label, first, first + length, (start, start + shown))


def _show(rng: np.random.Generator, segment: Segment, recipe: dict) -> Iterator[Shot]:
    """Shots of a segment: its class is seen in one of them."""
    start, stop = segment.evidence
    spans = ((start - segment.first, {}), (stop - start, recipe["classes"][segment.label]), (segment.stop - stop, {}))
    for frames, shown in spans:
        for length in [frames] if shown else cut(rng, frames, recipe["scene"]["timing"]["shot"]):
            yield draw_shot(rng, length, recipe["scene"], **shown)
