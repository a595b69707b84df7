"""Snippets of training clips, drawn, cropped and mirrored as temporal segment networks do (Wang et al. 2016)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Int, UInt8

from poseattn.clips.manifest import class_numbers, official_split, read_classes, read_manifest
from poseattn.inputs.sampling import sample_segments
from poseattn.pretraining.corner_crops import corner_crops, cut
from poseattn.pretraining.inputs import Inputs
from poseattn.shards.images import Frames

_ORDER, _DRAW = 0, 1  # what random numbers are for


class SnippetClips(NamedTuple):
    """Clips to draw snippets from.

    Attributes:
        clip_ids: Their names.
        labels: Class of each, from 0.
        classes: Names of all classes of the data set.
        note: What is missing; empty if nothing is.
    """

    clip_ids: list[str]
    labels: Int[np.ndarray, " n"]
    classes: tuple[str, ...]
    note: str


def snippet_clips(inputs: Inputs, stored: set[str]) -> SnippetClips:
    """Find the training clips of the protocol that have pictures.

    Args:
        inputs: Used are manifest, classes and protocol.
        stored: Clips that have pictures; others are left out, with a note.

    Returns:
        The clips in the order of the manifest.

    Raises:
        ValueError: A file is missing, there is no such protocol or no clip left, or one has not exactly one class.
    """
    if len(inputs.manifest) != 1 or len(inputs.classes) != 1:
        raise ValueError("method segments: expected one manifest and one list of classes")
    clips, classes = read_manifest(inputs.manifest[0]), read_classes(inputs.classes[0])
    clips = clips[(official_split(clips, inputs.protocol) == "train") & (clips.excluded == "")]
    found = clips[clips.clip_id.isin(stored)]
    if found.empty:
        raise ValueError(f"no training clip in {inputs.protocol}: {len(clips)} in the manifest, none with pictures")
    labels = _labels(found, len(classes))
    notes = [f"training clips without pictures: {len(clips) - len(found)}"] if len(found) < len(clips) else []
    absent = [name for number, name in enumerate(classes) if number not in set(labels.tolist())]
    if absent:
        notes.append(f"no training clip of {', '.join(absent[:3])}{' ...' if len(absent) > 3 else ''}")
    return SnippetClips(found.clip_id.tolist(), labels, classes, "; ".join(notes))


class Snippets:
    """Endless batches of snippets; every clip comes once before any comes again, in another order each time.

    What is drawn depends on the seed and the place in this stream alone, so a training can begin anywhere in it.

    Args:
        reader: Pictures of the clips.
        clips: The clips.
        recipe: Used are `segments`, `scales` of crops (see `poseattn.pretraining.corner_crops.corner_crops`),
            `size` of the network's input (pixels), `mirror` (whether half of the clips are) and `seed`.

    Raises:
        ValueError: A clip has no picture.
    """

    def __init__(self, reader: Frames, clips: SnippetClips, recipe: dict[str, Any]) -> None:
        self._reader, self._clips, self._recipe = reader, clips, recipe
        self._order: tuple[int, Sequence[int]] = (-1, [])
        self._n_snippets = [reader.snippets(clip_id) for clip_id in clips.clip_ids]  # opens all shards: threads follow
        if 0 in self._n_snippets:
            raise ValueError(f"clip {clips.clip_ids[self._n_snippets.index(0)]}: no picture in it")
        self._healthy = [reader.healthy(clip_id) for clip_id in clips.clip_ids]

    def read(
        self, first: int, count: int
    ) -> tuple[UInt8[np.ndarray, "b segment row col channel"], Int[np.ndarray, " b"]]:
        """Read a stretch of the stream.

        Args:
            first: Place of its first clip, from 0.
            count: Number of clips.

        Returns:
            One snippet from each segment of each clip, and the classes of the clips.

        Raises:
            ShardError: A picture is damaged.
        """
        places = range(first, first + count)
        numbers = [self._clip_at(place) for place in places]
        pictures = [self._draw(number, place) for number, place in zip(numbers, places, strict=True)]
        return np.stack(pictures), self._clips.labels[numbers]

    def _clip_at(self, place: int) -> int:
        round_, position = divmod(place, len(self._clips.clip_ids))
        known, order = self._order
        if known != round_:
            rng = np.random.default_rng([self._recipe["seed"], _ORDER, round_])
            order = rng.permutation(len(self._clips.clip_ids)).tolist()
            self._order = (round_, order)  # in one step, since several threads read
        return order[position]

    def _draw(self, number: int, place: int) -> UInt8[np.ndarray, "segment row col channel"]:
        """Snippets of a clip: a random one of each of its equal parts, all cropped and mirrored alike."""
        rng = np.random.default_rng([self._recipe["seed"], _DRAW, place])
        length, mask = self._n_snippets[number], self._healthy[number]
        healthy = None if mask is None else [mask[:length]]
        frames = sample_segments(np.array([length]), rng.random((1, self._recipe["segments"])), healthy)[0]
        pictures = self._reader.read(self._clips.clip_ids[number], frames)
        crops = corner_crops(*pictures.shape[1:3], self._recipe["scales"])
        pictures = cut(pictures, crops[rng.integers(len(crops))], self._recipe["size"])
        return self._reader.mirrored(pictures) if rng.random() < 0.5 and self._recipe["mirror"] else pictures


def _labels(clips: pd.DataFrame, n_classes: int) -> Int[np.ndarray, " n"]:
    """The one class of each clip."""
    for clip_id, numbers in zip(clips.clip_id, class_numbers(clips), strict=True):
        if len(numbers) != 1 or numbers[0] >= n_classes:
            raise ValueError(f"clip {clip_id}: classes {numbers}, expected one below {n_classes}")
    return np.array([numbers[0] for numbers in class_numbers(clips)])
