"""Shards of a data set read as one: which file holds a clip, and what all files have in common."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Int, UInt8

from poseattn.shards.shard import Shard

_PLANAR = "frame body joint xy"
AXES = {
    "poses": ("frame body joint xyz", _PLANAR),
    "glimpses": ("frame hand channel",),
    "cubes": ("frame row col channel", "frame channel"),
    "pieces": ("piece channel",),
    "jpegs": ("byte",),
    "flow": ("byte",),
    "heatmaps": ("frame joint row col",),
}
# input of a model -> role of the shards whose rows it is; cubes of a pooling layer are vectors
STORED = {"glimpse": "glimpses", "cube": "cubes", "global_feature": "cubes"}
STORED |= {"input_features": "pieces", "attended_features": "attended", "heatmap": "heatmaps"}
WEIGHTS = ("weights_file", "weights_sha256")  # attributes that name the file of weights of what a network made
BELOW = "heatmaps_"  # prefix of the weight attributes of the pose network whose heatmap is drawn below a picture

_MIRRORED = "mirrored/"  # no clip has a slash in its name


def mirrored_of(clip_id: str) -> str:
    """Name of the mirrored twin of a clip."""
    return _MIRRORED + clip_id


def original_of(clip_id: str) -> tuple[str, bool]:
    """Name of a clip or of the clip whose twin it is, and whether it is a twin."""
    return clip_id.removeprefix(_MIRRORED), clip_id.startswith(_MIRRORED)


def feature_sizes(shards: "ShardSet", name: str) -> dict[str, int]:
    """What a model is told of the features that it gets.

    Args:
        shards: Of features.
        name: Input of the model, a key of `STORED`.

    Returns:
        Number of `channels` and, of maps, of `locations`; of `attended_channels`; or of `joints`, each with a heatmap.

    Raises:
        ValueError: The input are maps and the shards have pooled features, or the reverse.
    """
    if name == "heatmap":
        return {"joints": shards.row_shape[0]}
    *places, channels = shards.row_shape
    if STORED[name] == "cubes" and bool(places) != (name == "cube"):
        raise ValueError(f"the model takes {name!r}, but cubes have the shape {shards.row_shape} in a frame")
    if name == "attended_features":
        return {"attended_channels": channels}
    return {"channels": channels} | ({"locations": math.prod(places)} if name == "cube" else {})


class ShardSet:
    """Shards of one kind, seen as one collection of clips.

    Args:
        paths: The files, at least one; all made by one recipe.
        kind: A key of `AXES`.

    Raises:
        ValueError: A file is no such shard, another recipe made it, or a clip is in two of them.
    """

    def __init__(self, paths: Sequence[Path], kind: str) -> None:
        self.shards = [Shard(path, kind=kind) for path in paths]
        self._number: dict[str, int] = {}
        for number, shard in enumerate(self.shards):
            if shard.attrs["axes"] not in AXES[kind]:
                raise ValueError(
                    f"{paths[number]}: axes are {shard.attrs['axes']!r}, expected {' or '.join(AXES[kind])}"
                )
            if shard.attrs["recipe"] != self.shards[0].attrs["recipe"]:
                raise ValueError(f"{paths[number]} and {paths[0]} were made by different recipes")
            if shard.row_shape != self.shards[0].row_shape:
                raise ValueError(f"{paths[number]} has rows {shard.row_shape}, {paths[0]} {self.shards[0].row_shape}")
            if twice := self._number.keys() & set(shard.clip_ids):
                raise ValueError(f"{paths[number]}: clip {min(twice)} is in {paths[self._number[min(twice)]]} as well")
            self._number |= dict.fromkeys(shard.clip_ids, number)

    @property
    def row_shape(self) -> tuple[int, ...]:
        """Shape of one row, the same in all shards."""
        return self.shards[0].row_shape

    @property
    def stride(self) -> int:
        """Frames of a clip from one row to the next: more than one in pieces, whose recipe says it."""
        recipe = json.loads(self.shards[0].attrs["recipe"])
        return int(recipe["stride"]) if self.shards[0].attrs["kind"] == "pieces" else 1

    @property
    def is_planar(self) -> bool:
        """Whether these are poses in the image, and not in space."""
        return self.shards[0].attrs["axes"] == _PLANAR

    @property
    def clip_ids(self) -> set[str]:
        """Clips of all shards."""
        return set(self._number)

    def attributes(self, name: str) -> list[str]:
        """Distinct values of a file attribute, sorted; none if the files do not have it."""
        return sorted({str(shard.attrs[name]) for shard in self.shards if name in shard.attrs})

    def without(self, name: str) -> set[str]:
        """Clips of which a side array is zero throughout."""
        found: set[str] = set()
        for shard in self.shards:
            values = shard.side_all(name)
            rows = values.any(axis=tuple(range(1, values.ndim)))
            before = np.append(0, np.cumsum(rows))[shard.offsets]  # rows with something before each clip
            found |= {clip_id for clip_id, count in zip(shard.clip_ids, np.diff(before), strict=True) if not count}
        return found

    def shard_of(self, clip_id: str) -> Shard:
        """Shard that holds a clip."""
        return self.shards[self._number[clip_id]]

    def healthy(self, clip_ids: Sequence[str]) -> list[UInt8[np.ndarray, " row"] | None]:
        """Which rows of each clip are healthy, 0 where the decoder lost a frame.

        Args:
            clip_ids: Names of the clips.

        Returns:
            The side array `healthy` of each clip; None where all of its rows are healthy, or its shard does not say.
        """
        found: list[np.ndarray | None] = []
        for clip_id in clip_ids:
            shard = self.shard_of(clip_id)
            mask = shard.side("healthy", clip_id) if "healthy" in shard.side_names else np.ones(1, np.uint8)
            found.append(None if mask.all() else mask)
        return found

    def locate(self, clip_ids: Sequence[str]) -> Int[np.ndarray, "n 3"]:
        """Shard number, first row in that shard and number of rows of each clip."""
        places = np.empty((len(clip_ids), 3), np.int64)
        for place, clip_id in zip(places, clip_ids, strict=True):
            shard = self.shard_of(clip_id)
            first, end = shard.offsets[shard.index(clip_id) :][:2]
            place[:] = self._number[clip_id], first, end - first
        return places
