"""Stage draw_pose_attention: a test clip with its joints, its feature maps and the attention that they guided."""

import json
from pathlib import Path

import numpy as np

from poseattn.clips.manifest import read_classes
from poseattn.figures.png import draw_notice
from poseattn.figures.pose_attention import GuidedClip, draw_guided
from poseattn.files import replace_file
from poseattn.pose.parts import body_of
from poseattn.pose.targets import estimate_joints
from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.tables.score_shards import surest_clip


def run(
    *, figure: str, classes: Path, frames: list[Path], cubes: list[Path], poses: list[Path], scores: Path, out: Path
) -> None:
    """Draw the test clip of an action that the model recognises with the highest score.

    If it recognises none, the one is drawn to which it gives the action's highest score; if there is no clip of it, a
    picture says so.

    Args:
        figure: JSON with `source` (the published figure), `title` and `action` (name of a class).
        classes: Names of the classes.
        frames: Shards of stored frames.
        cubes: Cube shards of the spatial stream.
        poses: Pose shards with the annotated joints.
        scores: Scores of the test clips with the heatmaps that belong to them.
        out: PNG file to write.

    Raises:
        ValueError: There is no such action, or the scores have no heatmaps of joints.
    """
    settings, names = json.loads(figure), read_classes(classes)
    if settings["action"] not in names:
        raise ValueError(f"figure: action {settings['action']!r} is none of {', '.join(names)}")
    with Shard(scores, kind="scores", axes="clip class") as shard:
        title = f"{settings['title']}: {settings['action']}"
        clip_id = surest_clip(shard, names.index(settings["action"]))
        if clip_id is None:
            reason = f"{settings['source']}: none of the {shard.n_rows} test clips shows it"
            replace_file(out, draw_notice(title, reason))
            return
        if "heatmap" not in shard.side_names:
            raise ValueError(f"{scores}: run {shard.attrs['run']} has no heatmaps of joints")
        heatmap, steps = (shard.side(name, clip_id)[0, 0] for name in ("heatmap", "frame"))
        grid, attrs = tuple(json.loads(shard.attrs["grid"])), shard.attrs
    annotated = ShardSet(poses, "poses").shard_of(clip_id)
    body = body_of(str(annotated.attrs["layout"]))
    found, expected = heatmap.shape[1], len(body.joints)
    if found != expected:
        raise ValueError(f"{scores}: run {attrs['run']} has {found} heatmaps a frame, the data set {expected} joints")
    images = open_images(frames).read(clip_id, steps)
    steps_known = np.minimum(steps, len(annotated.clip(clip_id)) - 1)
    scale = np.array(images.shape[2:0:-1]) / annotated.side("size", clip_id)[steps_known, ::-1]  # (t, xy)
    clip = GuidedClip(
        images=images,
        annotated=annotated.clip(clip_id)[steps_known, 0] * scale[:, None],
        valid=annotated.side("valid", clip_id)[steps_known, 0],
        estimated=estimate_joints(heatmap, images.shape[1:3], grid),
        heatmap=heatmap.reshape(*heatmap.shape[:2], *grid),
        cube=ShardSet(cubes, "cubes").shard_of(clip_id).clip(clip_id)[steps].astype(np.float32),
        frames=steps,
    )
    made_of = f"{attrs['run']}, {attrs['data']} data, weights {attrs['weights']}, seed {attrs['seed']}"
    caption = f"After {settings['source']}: test clip {clip_id}. {made_of}."
    replace_file(out, draw_guided(clip, body, f"{title}, clip {clip_id}", caption))
