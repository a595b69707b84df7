"""Batches of random pieces of clips, mirrored and cropped at random, and of fixed ones for validation."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.pretraining.inputs import Inputs
from poseattn.shards.images import Frames
from poseattn.training.runs import labels_of, split_clips

_ORDER, _DRAW = 0, 1  # what random numbers are for
Batch = tuple[UInt8[Tensor, "b *frame row col rgb"], Float[Tensor, "b c"]]


class LabelledClips(NamedTuple):
    """Clips to train on and to validate with.

    Attributes:
        clip_ids: Names of all of them.
        labels: 1 for each class of a clip.
        train: Numbers of those that train.
        validate: Numbers of those that validate.
        classes: Names of all classes of the data set.
        note: What is missing; empty if nothing is.
    """

    clip_ids: list[str]
    labels: Float[np.ndarray, "n c"]
    train: Int[np.ndarray, " train"]
    validate: Int[np.ndarray, " validate"]
    classes: tuple[str, ...]
    note: str


def labelled_clips(inputs: Inputs, recipe: dict[str, Any], stored: set[str]) -> LabelledClips:
    """Return the clips that train or validate, divided as runs divide them (`poseattn.training.runs.split_clips`).

    Args:
        inputs: Used are manifest, classes and protocol.
        recipe: Has `loss` and what `split_clips` takes: `validation`, `validation_by` and `validation_seed`.
        stored: Clips that have pieces; others are left out, with a note.

    Returns:
        The clips in the order of the manifest.

    Raises:
        ValueError: A file is missing, there is no such protocol, no clip left to train on or to validate with, or with
            the loss `softmax` a clip has not exactly one class.
    """
    if len(inputs.manifest) != 1 or len(inputs.classes) != 1:
        raise ValueError("method pieces: expected one manifest and one list of classes")
    classes = read_classes(inputs.classes[0])
    clips = split_clips(read_manifest(inputs.manifest[0]), recipe, inputs.protocol, {})
    clips = clips[clips.split.isin(["train", "val"]) & (clips.excluded == "")]
    found = clips[clips.clip_id.isin(stored)]
    numbers = {split: np.flatnonzero(found.split == split) for split in ("train", "val")}
    for split, what in (("train", "training"), ("val", "validation")):
        if not len(numbers[split]):
            n_listed = (clips.split == split).sum()
            raise ValueError(f"no {what} clip in {inputs.protocol}: {n_listed} in the manifest, none with pieces")
    labels = labels_of(found, len(classes), recipe["loss"]).astype(np.float32)
    note = f"clips without pieces: {len(clips) - len(found)}" if len(found) < len(clips) else ""
    return LabelledClips(found.clip_id.tolist(), labels, numbers["train"], numbers["val"], classes, note)


class PieceBatches:
    """Batches of pieces; what is drawn depends on seed, epoch and clip alone.

    Args:
        reader: Stored pieces of the clips, one after the other.
        clips: The clips.
        backbone: Its `input_shape` gives frames and size of a piece; its `crop` gives the size of the centre crop.
        recipe: `batch`, `seed`; whether half of the pieces are mirrored (`mirror`), and whether the middle that the
            backbone cuts out is moved at random (`random_crop`); `validation_pieces` of each validation clip.

    Raises:
        ValueError: A clip has no whole number of pieces, or frames of another size than the backbone takes.
    """

    def __init__(self, reader: Frames, clips: LabelledClips, backbone: nn.Module, recipe: dict[str, Any]) -> None:
        self._reader, self._clips, self._recipe = reader, clips, recipe
        *frames, rows, cols, _ = backbone.input_shape
        self._length, self._is_picture = (frames or [1])[0], not frames
        crop = getattr(backbone, "crop", None) or (rows, cols)
        edges = (crop, crop) if isinstance(crop, int) else crop
        self._margins = [(rows - edges[0]) // 2, (cols - edges[1]) // 2]
        self._n_pieces = [self._count(clip_id, (rows, cols, 3)) for clip_id in clips.clip_ids]

    def training(self, epoch: int) -> Iterator[Iterator[Batch]]:
        """One random piece of each training clip, in random order; each batch is a source for a thread of its own."""
        rng = np.random.default_rng([self._recipe["seed"], _ORDER, epoch])
        order = rng.permutation(self._clips.train).tolist()
        for first in range(0, len(order), self._recipe["batch"]):
            yield self._drawn(order[first : first + self._recipe["batch"]], epoch)

    def validation(self) -> Iterator[Iterator[Batch]]:
        """The same pieces of each validation clip every time, its first ones."""
        places = [
            (number, piece)
            for number in self._clips.validate.tolist()
            for piece in range(min(self._recipe["validation_pieces"], self._n_pieces[number]))
        ]
        for first in range(0, len(places), self._recipe["batch"]):
            yield self._stored(places[first : first + self._recipe["batch"]])

    def _drawn(self, numbers: list[int], epoch: int) -> Iterator[Batch]:
        """One batch of random pieces, read when it is asked for."""
        yield self._batch([self._random(number, epoch) for number in numbers], numbers)

    def _stored(self, places: list[tuple[int, int]]) -> Iterator[Batch]:
        """One batch of pieces as they are stored, read when it is asked for."""
        yield self._batch([self._read(*place) for place in places], [number for number, _ in places])

    def _count(self, clip_id: str, shape: tuple[int, int, int]) -> int:
        """Pieces of a clip; all shards are opened by this before threads read from them."""
        n_frames = self._reader.length(clip_id)
        if n_frames % self._length or not n_frames:
            raise ValueError(f"clip {clip_id}: {n_frames} stored frames are no pieces of {self._length}")
        if (found := self._reader.read(clip_id, [0])[0].shape) != shape:
            raise ValueError(f"clip {clip_id}: frames of {found} are stored, the backbone takes {shape}")
        return n_frames // self._length

    def _random(self, number: int, epoch: int) -> UInt8[np.ndarray, "frame row col rgb"]:
        """A random piece of a clip, perhaps mirrored, moved so that another part of it is in the middle."""
        rng = np.random.default_rng([self._recipe["seed"], _DRAW, epoch, number])
        piece = self._read(number, int(rng.integers(self._n_pieces[number])))
        piece = self._reader.mirrored(piece) if rng.random() < 0.5 and self._recipe["mirror"] else piece
        shift = [int(rng.integers(-margin, margin + 1)) for margin in self._margins]
        return np.roll(piece, shift, axis=(1, 2)) if self._recipe["random_crop"] else piece

    def _read(self, number: int, piece: int) -> UInt8[np.ndarray, "frame row col rgb"]:
        first = piece * self._length
        return self._reader.read(self._clips.clip_ids[number], range(first, first + self._length))

    def _batch(self, pieces: list[np.ndarray], numbers: list[int]) -> Batch:
        array = np.stack(pieces)
        array = array[:, 0] if self._is_picture else array
        return torch.from_numpy(array), torch.from_numpy(self._clips.labels[numbers])
