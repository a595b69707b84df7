"""Figure of the kind moments: test clips with the moments that models attend to (Torabi, Sigal 2017, Fig. 2 and 3)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import choose_steps, made_of, surest_clips
from poseattn.figures.drawing.moments import Moments, draw_moments, extremes, weight_of_moments
from poseattn.figures.drawing.png import draw_notice
from poseattn.shards.shard import Shard
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY
from poseattn.video.frames import Frame, VideoError
from poseattn.video.opencv import cv2
from poseattn.video.shown import shown_frames

_HEIGHT = 160  # pixels of a picture


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the moments of a figure. The scores alone decide which clips are shown.

    Args:
        figure: `source` (the published figure); `title`; `clips`, the number of clips of each panel; `panels`: each has
            an `action` and the `runs` whose attention is shown; and `show`. `extremes` shows the moment of a clip with
            the highest weight, framed green, and the moment with the lowest, framed red. `weights` shows as many
            moments as `frames` says, spread over the chunk, as dark as their weights are small. The first run of a
            panel picks its clips, recognised ones first. If the data set has no clip of an action, the action that the
            first run recognises best replaces it, and the figure says so.
        given: Files; read are `root`, `classes`, `manifest` and the `scores` of the runs.

    Returns:
        PNG file.

    Raises:
        ValueError: Scores of a run are missing or have no attention over moments, or a video has vanished.
    """
    names, clips = read_classes(given.classes), read_manifest(given.manifest[0]).set_index("clip_id")
    shards = {shard.attrs["run"]: shard for shard in map(Shard, given.scores)}
    rows: list[Moments] = []
    taken: set[int] = set()
    for panel in figure["panels"]:
        for name in panel["runs"]:
            if name not in shards or (shards[name].n_rows and "moment" not in shards[name].side_names):
                raise ValueError(f"no scores with attention over moments of run {name}")
        action = choose_action(shards[panel["runs"][0]], names, panel["action"], taken)
        if action is not None:
            taken.add(action)
            rows += _panel(figure, panel, (action, names[action]), shards, given.root, clips)
    attrs = next(iter(shards.values())).attrs
    if not rows:
        return draw_notice(figure["title"], f"{figure['source']}: no test clip of {attrs['protocol']} was scored")
    caption = f"After {figure['source']}: {figure['title']}, mean over the steps of a chunk. {made_of(attrs)}."
    return draw_moments(rows, figure["title"], caption)


def _panel(
    figure: dict[str, Any],
    panel: dict[str, Any],
    action: tuple[int, str],
    shards: dict[str, Shard],
    root: Path,
    clips: pd.DataFrame,
) -> list[Moments]:
    """Rows of a panel; the action is given by its number and its name."""
    first, (number, said) = shards[panel["runs"][0]], action
    if said.lower() != panel["action"].lower():
        said += f" (the data set has no clip of {panel['action']!r})"
    chosen = surest_clips(first, number, figure["clips"])
    if figure["show"] == "extremes":
        return [_extremes(first, chosen, root, clips, f"{panel['runs'][0]}: {said}")]
    rows = []
    for clip_id in chosen:
        title = f"{said}, clip {clip_id}"
        for name in panel["runs"]:
            rows.append(_weights(shards[name], clip_id, root, clips.loc[clip_id], figure["frames"], title))
            title = ""
    return rows


def choose_action(shard: Shard, names: Sequence[str], wanted: str, taken: set[int]) -> int | None:
    """Choose the class to show.

    Args:
        shard: Scores of test clips.
        names: Names of the classes.
        wanted: Name of the class that the figure asks for, in capital letters or not.
        taken: Numbers of the classes that are shown already.

    Returns:
        Number of the class asked for, if it has clips. Otherwise the class, not yet taken, whose clips are recognised
        most often; of equal classes the first. None if no such class has clips.
    """
    label, guesses = shard.side_all("label"), shard.side_all("data").argmax(axis=1)
    found = [number for number, name in enumerate(names) if name.lower() == wanted.lower() and label[:, number].any()]
    if found:
        return found[0]
    left = [number for number in np.flatnonzero(label.any(axis=0)).tolist() if number not in taken]
    return max(left, key=lambda number: ((guesses == number)[label[:, number] == 1].mean(), -number), default=None)


def _extremes(shard: Shard, chosen: Sequence[str], root: Path, clips: pd.DataFrame, title: str) -> Moments:
    """Make a row of the highest and the lowest moment of each clip, side by side."""
    parts = []
    for clip_id in chosen:
        weights, frames = _attention(shard, clip_id)
        shown, colors = extremes(weights)
        images, seconds = _decode(root, clips.loc[clip_id], frames[shown])
        parts.append((images, weights[shown], seconds, np.ones(len(shown)), colors))
    images, weights, seconds, brightness, colors = zip(*parts, strict=True)
    joined = (np.concatenate(arrays) for arrays in (weights, seconds, brightness))
    return Moments(sum(images, []), *joined, sum(colors, []), title, "")


def _weights(shard: Shard, clip_id: str, root: Path, clip: Any, count: int, title: str) -> Moments:
    """Make a row of some moments of a chunk, as dark as their weights are small against the largest weight."""
    weights, frames = _attention(shard, clip_id)
    shown = choose_steps(len(frames), count)
    images, seconds = _decode(root, clip, frames[shown])
    return Moments(images, weights[shown], seconds, weights[shown] / weights.max(), [], title, str(shard.attrs["run"]))


def _attention(shard: Shard, clip_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Read the weight of each moment of the clip's first chunk, and the frame at which the moment begins."""
    return weight_of_moments(shard.side("moment", clip_id)[0, 0]), shard.side("attended_frame", clip_id)[0, 0]


def _decode(root: Path, clip: Any, frames: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Decode some frames of a clip and their times; the last frame stands for frames beyond the end, as in features."""
    wanted = set(frames.tolist())
    found: dict[int, Frame] = {}
    last: Frame | None = None
    try:
        for last in shown_frames(ClipFrames(root, clip.path, clip.start, clip.end, decoding=ANY.of(clip.pose_path))):
            if last.number in wanted:
                found[last.number] = last
            if last.number == frames.max():
                break
    except VideoError as error:
        raise ValueError(f"{root / clip.path}: {error}") from error
    taken = [found.get(number, last) for number in frames.tolist()]
    size = (round(_HEIGHT * taken[0].image.shape[1] / taken[0].image.shape[0]), _HEIGHT)
    small = [cv2.resize(one.image, size, interpolation=cv2.INTER_AREA)[..., ::-1] for one in taken]
    return small, np.array([one.time for one in taken])
