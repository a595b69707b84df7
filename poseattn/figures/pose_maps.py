"""Figure of the kind pose_maps: images of some actions with their pose maps (report on Stanford 40, Fig. 1)."""

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from poseattn.clips.manifest import class_numbers, read_classes, read_manifest
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._posed_image import PosedImage, make_panels, read_posed_image, show_image, show_pose
from poseattn.figures._shared import action_number
from poseattn.figures.drawing.png import draw_notice, render
from poseattn.shards.shard_set import ShardSet


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw an image of each action: the first by name of the images with heatmaps.

    If an action has no such image, a notice says so.

    Args:
        figure: `source` (the published figure), `title` and `actions` (names of classes).
        given: Files; read are `root`, `classes`, `manifest` and `heatmaps`.

    Returns:
        PNG file.

    Raises:
        ValueError: There is no such action, or an image has vanished.
    """
    names = read_classes(given.classes)
    numbers = [action_number(action, names) for action in figure["actions"]]
    clips, maps = read_manifest(given.manifest[0]), ShardSet(given.heatmaps, "heatmaps")
    usable = clips[(clips.excluded == "") & clips.clip_id.isin(maps.clip_ids)].sort_values("clip_id")
    classes_of = dict(zip(usable.clip_id, class_numbers(usable), strict=True))
    samples = []
    for action, number in zip(figure["actions"], numbers, strict=True):
        shown = next((clip_id for clip_id, own in classes_of.items() if number in own), None)
        if shown is None:
            return draw_notice(figure["title"], f"{figure['source']}: no image of {action} has heatmaps")
        samples.append(read_posed_image(given.root, usable, shown, maps, f"{action}, {shown}"))
    weights = ", ".join(maps.attributes("weights"))
    caption = f"After {figure['source']}: {figure['title']}; heatmaps with weights {weights}."
    return draw_pose_maps(samples, figure["title"], caption)


def draw_pose_maps(samples: Sequence[PosedImage], title: str, caption: str) -> bytes:
    """Draw images in a row, and below each image its pose map in the same frame.

    Args:
        samples: At least one.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: figure_of_maps(samples, title), title, caption, {"font.size": 8})


def figure_of_maps(samples: Sequence[PosedImage], title: str) -> Figure:
    """Make the figure that `draw_pose_maps` stores."""
    figure, axes = make_panels(2, len(samples), title)
    for sample, (upper, lower) in zip(samples, axes.T, strict=True):
        show_image(upper, sample)
        show_pose(lower, sample)
    return figure
