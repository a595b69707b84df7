"""Pictures of clips as shards keep them, frame by frame: colours, or the flow fields that begin at a frame."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from poseattn.shards.jpegs import Index, read_frame, read_index
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.video.fields import FIELDS
from poseattn.video.flow_codes import from_grey, mirrored, stack_of
from poseattn.video.frames import Frame


class Frames:
    """Colour frames of clips; any of them can be read without the others.

    Args:
        shards: Of kind `jpegs`.

    Attributes:
        shards: Those of the constructor.
        channels: Of a picture.
    """

    shards: ShardSet
    channels: int

    def __init__(self, shards: ShardSet) -> None:
        self.shards, self.channels = shards, 3
        self._indices: dict[str, Index] = {}

    def length(self, clip_id: str) -> int:
        """Number of frames of a clip."""
        return len(self._index(clip_id).time)

    def time(self, clip_id: str) -> np.ndarray:
        """When each frame of a clip is shown, seconds."""
        return self._index(clip_id).time

    def healthy(self, clip_id: str) -> np.ndarray | None:
        """Frames of a clip whose pictures have no damaged frame: uint8 (frame), or None if all are so."""
        mask = self._healthy(clip_id)
        return None if mask.all() else mask

    def snippets(self, clip_id: str) -> int:
        """Return the number of start frames: frames whose whole picture fits into the clip."""
        return self.length(clip_id)

    def read(self, clip_id: str, frames: Sequence[int] | np.ndarray) -> np.ndarray:
        """Some frames of a clip.

        Args:
            clip_id: Name of the clip.
            frames: Their numbers, from 0.

        Returns:
            Pictures (frame, row, col, channel) uint8.

        Raises:
            ShardError: There is no such clip, or a picture is damaged.
        """
        return np.stack([self._image(clip_id, int(number)) for number in frames])

    def mirrored(self, pictures: np.ndarray) -> np.ndarray:
        """Pictures (frame, row, col, channel) as those of a mirrored video."""
        return np.flip(pictures, axis=2)

    def stream(self, clip_id: str) -> Iterator[Frame]:
        """Every frame of a clip with a picture (row, col, channel), one after the other; damaged ones have none."""
        for number, time in enumerate(self.time(clip_id).tolist()):
            healthy = bool(self._healthy(clip_id)[number])
            yield Frame(number, self._image(clip_id, number) if healthy else None, time, healthy)

    def _healthy(self, clip_id: str) -> np.ndarray:
        return self._index(clip_id).healthy

    def _index(self, clip_id: str) -> Index:
        if clip_id not in self._indices:
            self._indices[clip_id] = read_index(self.shards.shard_of(clip_id), clip_id)
        return self._indices[clip_id]

    def _image(self, clip_id: str, number: int) -> np.ndarray:
        return read_frame(self.shards.shard_of(clip_id), clip_id, self._index(clip_id), number)


class FlowStacks(Frames):
    """Some flow fields from each frame of clips on, as one picture (see `poseattn.video.flow_codes.stack_of`).

    Args:
        shards: Of kind `flow`: fields as grey JPEG files (`poseattn.video.flow_codes.as_grey`), one fewer than frames.
        fields: Of a stack; each has two channels.
    """

    def __init__(self, shards: ShardSet, fields: int = FIELDS) -> None:
        super().__init__(shards)
        self.channels = 2 * fields

    def length(self, clip_id: str) -> int:
        """Number of frames of a clip."""
        return super().length(clip_id) + 1

    def time(self, clip_id: str) -> np.ndarray:
        """When each frame of a clip is shown, seconds; the last one as long after the one before as that was."""
        time = super().time(clip_id)
        return np.append(time, 2 * time[-1] - time[-2] if len(time) > 1 else time[-1])

    def snippets(self, clip_id: str) -> int:
        """As the base class; where a clip has fewer fields than a stack, its first frame counts all the same."""
        n_fields = super().length(clip_id)
        return min(n_fields, max(n_fields - self.channels // 2 + 1, 1))

    def mirrored(self, pictures: np.ndarray) -> np.ndarray:
        """As the base class, with the motion along x negated."""
        return mirrored(pictures)

    def read(self, clip_id: str, frames: Sequence[int] | np.ndarray) -> np.ndarray:
        """As the base class, with a stack for each frame; a field that several of them need is decoded once."""
        n_fields = super().length(clip_id)
        stacks = [stack_of(n_fields, int(first), self.channels // 2) for first in frames]
        needed = np.unique(stacks)
        fields = dict(zip(needed.tolist(), map(from_grey, super().read(clip_id, needed)), strict=True))
        return np.stack([np.concatenate([fields[number] for number in one.tolist()], axis=-1) for one in stacks])

    def stream(self, clip_id: str) -> Iterator[Frame]:
        """As the base class; no more fields are held than a stack has."""
        n_fields, healthy = super().length(clip_id), self._healthy(clip_id)
        fields: dict[int, np.ndarray] = {}
        for first, time in enumerate(self.time(clip_id).tolist()):
            if not healthy[first]:
                yield Frame(first, None, time, healthy=False)
                continue
            numbers = stack_of(n_fields, first, self.channels // 2).tolist()
            needed = dict.fromkeys(numbers)  # each once
            fields = {at: fields[at] if at in fields else from_grey(self._image(clip_id, at)) for at in needed}
            yield Frame(first, np.concatenate([fields[at] for at in numbers], axis=-1), time, healthy=True)

    def _healthy(self, clip_id: str) -> np.ndarray:
        """As the base class: a stack is healthy if all of its fields are."""
        of_fields = super()._healthy(clip_id)
        count = self.channels // 2
        stacks = [of_fields[stack_of(len(of_fields), at, count)].min() for at in range(len(of_fields) + 1)]
        return np.array(stacks, np.uint8)


def open_images(paths: Sequence[Path], fields: int = FIELDS) -> Frames:
    """Pictures in shards of one kind.

    Args:
        paths: Shards of kind `jpegs` or `flow`, made by one recipe.
        fields: Of a stack of flow.

    Returns:
        What reads them.

    Raises:
        ValueError: They are of neither kind, or do not belong together.
    """
    kinds = ("jpegs", "flow")
    with Shard(paths[0]) as first:
        kind = str(first.attrs["kind"])
    if kind not in kinds:
        raise ValueError(f"{paths[0]}: kind is {kind!r}, expected {' or '.join(kinds)}")
    shards = ShardSet(paths, kind)
    return FlowStacks(shards, fields) if kind == "flow" else Frames(shards)
