"""Stage draw_pose_maps: images of some actions with the maps of their poses."""

import json
from pathlib import Path

from poseattn.clips.manifest import class_numbers, read_classes, read_manifest
from poseattn.figures.png import draw_notice
from poseattn.figures.pose_maps import draw_pose_maps
from poseattn.figures.posed_image import posed_image
from poseattn.files import replace_file
from poseattn.shards.shard_set import ShardSet


def run(*, figure: str, root: Path, manifest: Path, classes: Path, heatmaps: list[Path], out: Path) -> None:
    """Draw an image of each action, the first by name of those that have heatmaps.

    If an action has none, a picture says so.

    Args:
        figure: JSON with `source` (the published figure), `title` and `actions` (names of classes).
        root: Folder of the data set.
        manifest: Its clips.
        classes: Names of the classes.
        heatmaps: Shards of heatmaps.
        out: PNG file to write.

    Raises:
        ValueError: There is no such action, or an image is gone.
    """
    settings, names = json.loads(figure), read_classes(classes)
    if unknown := [action for action in settings["actions"] if action not in names]:
        raise ValueError(f"figure: action {unknown[0]!r} is none of {', '.join(names)}")
    clips, maps = read_manifest(manifest), ShardSet(heatmaps, "heatmaps")
    usable = clips[(clips.excluded == "") & clips.clip_id.isin(maps.clip_ids)].sort_values("clip_id")
    numbers = class_numbers(usable)
    samples = []
    for action in settings["actions"]:
        shown = [name for name, own in zip(usable.clip_id, numbers, strict=True) if names.index(action) in own]
        if not shown:
            reason = f"{settings['source']}: no image of {action} has heatmaps"
            replace_file(out, draw_notice(settings["title"], reason))
            return
        samples.append(posed_image(root, usable, shown[0], maps, f"{action}, {shown[0]}"))
    weights = ", ".join(maps.attributes("weights"))
    caption = f"After {settings['source']}: {settings['title']}; heatmaps with weights {weights}."
    replace_file(out, draw_pose_maps(samples, settings["title"], caption))
