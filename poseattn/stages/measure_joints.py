"""Compare the joints that a trained model attends to with the annotated joints of every test clip."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from poseattn.files import replace_file
from poseattn.pose.parts import body_of
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.tables.joints import ESTIMATE_HEADER, Estimates, place_joints, tabulate_joints


def run(*, table: str, scores: list[Path], poses: list[Path], out: Path, joints: Path) -> None:
    """Write the share of correct keypoints of all trainings of a run, and the joints that the first one estimates.

    Without a test clip the shares are empty, and so is the list of joints. It makes the table `rpan_joint_accuracy`.

    Args:
        table: JSON with `threshold` and `published`; see `poseattn.tables.joints.tabulate_joints`.
        scores: Scores of the test clips with the heatmaps that belong to them, one shard for each seed.
        poses: Pose shards with the annotated joints.
        out: CSV file of shares.
        joints: CSV file of estimated joints in the frames that the model saw: clip, frame (from 0), joint, and x and y
            in pixels from the edges of the frame as it is in the data set.

    Raises:
        ValueError: The scores have no heatmaps of joints, or not those that are annotated, or a clip has no joints.
    """
    annotated = ShardSet(poses, "poses")
    shards = [Shard(path, kind="scores", axes="clip class") for path in scores]
    for shard in shards:
        if shard.n_rows and "heatmap" not in shard.side_names:
            raise ValueError(f"{shard.path}: run {shard.attrs['run']} has no heatmaps of joints")
    grid = next((tuple(json.loads(shard.attrs["grid"])) for shard in shards if shard.n_rows), (1, 1))
    names = body_of(str(annotated.shards[0].attrs["layout"])).joints
    found = [
        [_estimates(shard, clip_id, annotated, grid, len(names)) for clip_id in shard.clip_ids] for shard in shards
    ]
    _write(out, tabulate_joints(found, names, grid, json.loads(table), shards[0].attrs))
    _write(joints, _lines(shards[0].clip_ids, found[0], names))


def _estimates(shard: Shard, clip_id: str, annotated: ShardSet, grid: tuple[int, int], n_joints: int) -> Estimates:
    """Joints in the frames of a clip that the model saw and that are annotated."""
    if clip_id not in annotated.clip_ids:
        raise ValueError(f"clip {clip_id!r} has no annotated joints")
    poses = annotated.shard_of(clip_id)
    position = poses.clip(clip_id)[:, 0]
    frame, heatmap = shard.side("frame", clip_id)[0, 0], shard.side("heatmap", clip_id)[0, 0]
    if heatmap.shape[1] != n_joints:
        raise ValueError(f"{shard.path}: {heatmap.shape[1]} heatmaps a frame, but {n_joints} joints are annotated")
    known = frame < len(position)
    frame, heatmap = frame[known], heatmap[known]
    visible, box, size = (poses.side(name, clip_id)[frame] for name in ("visibility", "box", "size"))
    estimated = place_joints(heatmap, size, grid)
    return Estimates(frame, estimated, position[frame], visible[:, 0], box[:, 0], size)


def _lines(clip_ids: Sequence[str], found: Sequence[Estimates], names: Sequence[str]) -> Iterable[Sequence[str]]:
    """Every estimated joint."""
    yield ESTIMATE_HEADER
    for clip_id, one in zip(clip_ids, found, strict=True):
        for frame, points in zip(one.frame.tolist(), one.estimated.tolist(), strict=True):
            for name, (x, y) in zip(names, points, strict=True):
                yield clip_id, str(frame), name, f"{x:.1f}", f"{y:.1f}"


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    replace_file(path, text.getvalue().encode())
