"""People to learn joints from: squares around them, turned, scaled and mirrored at random, and where their joints are.

Newell, Yang, Deng 2016 (arXiv 1603.06937), Sec. 3.2: rotation within 30 degrees, scale between 0.75 and 1.25. Positions
are shares of half the square's edge from its middle, x to the right and y down: the square reaches from -1 to 1.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.clips.manifest import official_split, read_manifest
from poseattn.pose.parts import Body, body_of
from poseattn.pretraining.inputs import Inputs
from poseattn.shards.images import Frames, open_images
from poseattn.shards.shard_set import ShardSet
from poseattn.video.crops import to_square

_ORDER, _DRAW = 0, 1  # what random numbers are for


class Batch(NamedTuple):
    """People as a network is to see them.

    Attributes:
        pictures: As they are stored, with a margin around the square.
        move: Where the network's input lies in these: positions there times this are positions in the stored picture.
        gain: Factor of each colour.
        joints: Positions in the network's input.
        valid: 0 where a joint has no position.
    """

    pictures: UInt8[np.ndarray, "b row col rgb"]
    move: Float[np.ndarray, "b 2 2"]
    gain: Float[np.ndarray, "b 3"]
    joints: Float[np.ndarray, "b j 2"]
    valid: UInt8[np.ndarray, "b j"]


class People:
    """People of one part of a protocol.

    Args:
        inputs: Used are the images, the poses, the manifest and the protocol.
        part: `train` or `test`.
        recipe: Used are the largest changes of `scale` (share) and `rotation` (degrees), `mirror` (whether half of the
            people are), the largest change of each colour (`gain`, share) and `seed`.

    Raises:
        ValueError: A file is missing, or there is no such protocol, or nobody in it.
    """

    def __init__(self, inputs: Inputs, part: str, recipe: dict[str, Any]) -> None:
        if len(inputs.manifest) != 1 or not inputs.poses:
            raise ValueError("method heatmaps: expected one manifest, and shards of poses")
        self._reader, self._poses, self._recipe = _open_people(inputs), ShardSet(inputs.poses, "poses"), recipe
        self.body: Body = body_of(str(self._poses.shards[0].attrs["layout"]))
        self._margin = json.loads(self._reader.shards.shards[0].attrs["recipe"])["margin"]
        clips = read_manifest(inputs.manifest[0])
        clips = clips[(official_split(clips, inputs.protocol) == part) & (clips.excluded == "")]
        stored = self._reader.shards.clip_ids & self._poses.clip_ids
        self.clip_ids = [clip_id for clip_id in clips.clip_id if clip_id in stored]
        if not self.clip_ids:
            raise ValueError(f"nobody to {part} on in {inputs.protocol}: {len(clips)} in the manifest, none stored")
        self._order: tuple[int, Sequence[int]] = (-1, [])

    def draw(self, first: int, count: int) -> Batch:
        """Draw a stretch of an endless stream in which everybody comes once before anybody comes again.

        Args:
            first: Place of the first person, from 0.
            count: Number of people.

        Returns:
            They, each changed at random. What is drawn depends on the seed and the place in the stream alone.
        """
        drawn = [self._draw(place) for place in range(first, first + count)]
        return Batch(*map(np.stack, zip(*drawn, strict=True)))

    def as_they_are(self, size: int) -> Iterator[Batch]:
        """Everybody in order, unchanged, `size` at a time; the last batch may be smaller."""
        for begin in range(0, len(self.clip_ids), size):
            people = [
                self._change(number, 1.0, 0.0, False) for number in range(len(self.clip_ids))[begin : begin + size]
            ]
            yield Batch(*map(np.stack, zip(*((*one[:2], np.ones(3), *one[2:]) for one in people), strict=True)))

    def side(self, name: str) -> np.ndarray:
        """What is annotated of everybody besides, such as `box`, for the first person of their first frame."""
        return np.stack([self._poses.shard_of(clip_id).side(name, clip_id)[0, 0] for clip_id in self.clip_ids])

    def positions(self) -> Float[np.ndarray, "n j 2"]:
        """Joints of everybody in pixels of their pictures."""
        return np.stack([self._poses.shard_of(clip_id).clip(clip_id)[0, 0] for clip_id in self.clip_ids])

    def _draw(self, place: int) -> tuple[np.ndarray, ...]:
        rng = np.random.default_rng([self._recipe["seed"], _DRAW, place])
        zoom = 1 + self._recipe["scale"] * rng.uniform(-1, 1)
        angle = np.radians(self._recipe["rotation"] * rng.uniform(-1, 1))
        mirrored = bool(rng.random() < 0.5 and self._recipe["mirror"])
        gain = 1 + self._recipe["gain"] * rng.uniform(-1, 1, 3)
        picture, move, joints, valid = self._change(self._person_at(place), zoom, angle, mirrored)
        return picture, move, gain, joints, valid

    def _change(self, number: int, zoom: float, angle: float, mirrored: bool) -> tuple[np.ndarray, ...]:
        """Picture, move, joints and valid of one person."""
        clip_id = self.clip_ids[number]
        shard = self._poses.shard_of(clip_id)
        joints = 2 * to_square(shard.clip(clip_id)[0, 0], shard.side("box", clip_id)[0]) - 1
        valid = shard.side("valid", clip_id)[0, 0]
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        move = zoom * turn @ np.diag([-1 if mirrored else 1, 1])
        joints = joints @ np.linalg.inv(move).T
        if mirrored:
            joints, valid = joints[list(self.body.mirrored)], valid[list(self.body.mirrored)]
        return self._reader.read(clip_id, [0])[0], move / self._margin, joints, valid

    def _person_at(self, place: int) -> int:
        round_, position = divmod(place, len(self.clip_ids))
        known, order = self._order
        if known != round_:
            rng = np.random.default_rng([self._recipe["seed"], _ORDER, round_])
            order = rng.permutation(len(self.clip_ids)).tolist()
            self._order = (round_, order)  # in one step, since several threads read
        return order[position]


def in_cells(joints: Float[np.ndarray, "*joint 2"], grid: tuple[int, int]) -> Float[np.ndarray, "*joint 2"]:
    """Positions in cells of a map that covers the square."""
    return (joints + 1) / 2 * np.array(grid[::-1])


def _open_people(inputs: Inputs) -> Frames:
    """Stored squares, which know their margin."""
    reader = open_images(inputs.images)
    recipe = json.loads(reader.shards.shards[0].attrs["recipe"])
    if recipe.get("store") != "persons":
        raise ValueError(f"{inputs.images[0]}: store is {recipe.get('store')!r}, expected persons")
    return reader
