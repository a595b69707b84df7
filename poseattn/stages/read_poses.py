"""Stage read_poses: skeleton files -> joint positions of the one or two people of each clip."""

import json
from pathlib import Path

from poseattn.datasets.ntu_skeleton import read_skeleton
from poseattn.pose.skeleton import N_BODIES, N_JOINTS
from poseattn.pose.tracks import PersonRule, Track, choose_people, lay_out
from poseattn.shards import ShardWriter, SideArray
from poseattn.stages._clips import Statuses, asked_clips


def run(*, root: Path, manifest: Path, recipe: str, out: Path, status: Path, code: str) -> None:
    """Read the skeletons of a shard, choose the people in each, and write their joints in space and in the image.

    A clip whose skeleton is missing or broken gets no rows; the reason stands in the status table. Clips that the
    protocol leaves out are not read.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        recipe: JSON object with the numbers of `poseattn.pose.tracks.PersonRule`.
        out: Shard to write, of the kind `poses`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        code: Hash of the source.

    Raises:
        ValueError: The recipe has other keys than the rule, or the manifest is none.
    """
    rule = _rule(recipe)
    asked = asked_clips(manifest)
    statuses = Statuses("read_poses", len(asked))
    with _writer(out, recipe, code) as writer:
        for clip_id, path in zip(asked.clip_id, asked.pose_path, strict=True):
            try:
                n_frames, tracks = _read(root, path)
            except (ValueError, OSError) as error:
                statuses.bad(clip_id, error)
                continue
            xyz, color_xy, presence = lay_out(choose_people(tracks, rule), n_frames)
            writer.append(clip_id, xyz, color_xy=color_xy, presence=presence)
            statuses.good(clip_id, n_frames)
    statuses.write(status)


def _rule(recipe: str) -> PersonRule:
    numbers = json.loads(recipe)
    if set(numbers) != set(PersonRule._fields):
        raise ValueError(f"recipe: has {', '.join(sorted(numbers))}; expected {', '.join(PersonRule._fields)}")
    return PersonRule(**numbers)


def _read(root: Path, path: str) -> tuple[int, list[Track]]:
    if not path:
        raise ValueError("no skeleton")
    return read_skeleton(root / path)


def _writer(out: Path, recipe: str, code: str) -> ShardWriter:
    return ShardWriter(
        out,
        kind="poses",
        axes="frame body joint xyz",
        units="metres",
        recipe=recipe,
        code=code,
        side={"color_xy": SideArray("frame body joint xy", "pixels"), "presence": SideArray("frame body", "1")},
        empty=((N_BODIES, N_JOINTS, 3), "float32"),
    )
