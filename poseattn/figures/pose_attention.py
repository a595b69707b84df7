"""Figure of the kind pose_attention: joints, features and the attention that joints guide (Du et al. 2017, Fig. 1)."""

import json
from typing import Any

import numpy as np

from poseattn.clips.manifest import read_classes
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import action_number, surest_clips
from poseattn.figures.drawing.png import draw_notice
from poseattn.figures.drawing.pose_attention import PosedClip, draw_posed_clip
from poseattn.pose.parts import body_of
from poseattn.pose.targets import estimate_joints
from poseattn.shards.images import open_images
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the test clip of an action that the model recognises with the highest score.

    If the model recognises no clip of the action, the clip with the action's highest score is drawn. If there is no
    clip of the action, a notice says so.

    Args:
        figure: `source` (the published figure), `title` and `action` (name of a class).
        given: Files; read are `classes`, `scores` with heatmaps, stored `frames`, `cubes` of the spatial stream, and
            `poses` with the annotated joints.

    Returns:
        PNG file.

    Raises:
        ValueError: There is no such action, or the scores have no heatmaps of joints.
    """
    action = action_number(figure["action"], read_classes(given.classes))
    scores, title = given.scores[0], f"{figure['title']}: {figure['action']}"
    with Shard(scores, kind="scores", axes="clip class") as shard:
        found = surest_clips(shard, action, 1)
        if not found:
            reason = f"{figure['source']}: none of the {shard.n_rows} test clips shows it"
            return draw_notice(title, reason)
        if "heatmap" not in shard.side_names:
            raise ValueError(f"{scores}: run {shard.attrs['run']} has no heatmaps of joints")
        (clip_id,) = found
        heatmap, steps = (shard.side(name, clip_id)[0, 0] for name in ("heatmap", "frame"))
        grid, attrs = tuple(json.loads(shard.attrs["grid"])), shard.attrs
    annotated = ShardSet(given.poses, "poses").shard_of(clip_id)
    body = body_of(str(annotated.attrs["layout"]))
    count, expected = heatmap.shape[1], len(body.joints)
    if count != expected:
        raise ValueError(f"{scores}: run {attrs['run']} has {count} heatmaps a frame, the data set {expected} joints")
    images = open_images(given.frames).read(clip_id, steps)
    steps_known = np.minimum(steps, len(annotated.clip(clip_id)) - 1)
    scale = np.array(images.shape[2:0:-1]) / annotated.side("size", clip_id)[steps_known, ::-1]  # (t, xy)
    clip = PosedClip(
        images=images,
        annotated=annotated.clip(clip_id)[steps_known, 0] * scale[:, None],
        valid=annotated.side("valid", clip_id)[steps_known, 0],
        estimated=estimate_joints(heatmap, images.shape[1:3], grid),
        heatmap=heatmap.reshape(*heatmap.shape[:2], *grid),
        cube=ShardSet(given.cubes, "cubes").shard_of(clip_id).clip(clip_id)[steps].astype(np.float32),
        frames=steps,
    )
    made_of = f"{attrs['run']}, {attrs['data']} data, weights {attrs['weights']}, seed {attrs['seed']}"
    caption = f"After {figure['source']}: test clip {clip_id}. {made_of}."
    return draw_posed_clip(clip, body, f"{title}, clip {clip_id}", caption)
