"""Stage draw_moments: test clips with the moments that trained models attend to (Torabi, Sigal 2017, Fig. 2 and 3)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures.hands import choose_steps
from poseattn.figures.moments import Moments, draw_moments, extremes, weight_of_moments
from poseattn.figures.png import draw_notice
from poseattn.files import replace_file
from poseattn.shards.shard import Shard
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY
from poseattn.video.frames import Frame, VideoError
from poseattn.video.opencv import cv2
from poseattn.video.shown import shown_frames

_HEIGHT = 160  # pixels of a picture


def run(*, figure: str, root: Path, manifest: Path, classes: Path, scores: list[Path], out: Path) -> None:
    """Draw the moments of a figure. Which clips are shown follows from the scores alone.

    Args:
        figure: JSON with `source` (the published figure), `title`, `show`: `extremes` (the moment with the highest
            weight, framed green, and that with the lowest, red) or `weights` (as many as `frames`, spread over the
            chunk, as dark as their weights are small); `clips` of each panel; and `panels`: each with an `action` and
            the `runs` whose attention is shown. A clip is one that the first of them recognises. An action that the
            data set does not have is replaced by the one that this run recognises best, and the picture says so.
        root: Folder of the data set.
        manifest: Clips of the data set.
        classes: Names of its classes.
        scores: Scores of the runs, with the attention that belongs to them.
        out: PNG file to write.

    Raises:
        ValueError: Scores of a run are missing or have no attention over moments, or a video has vanished.
    """
    settings, names = json.loads(figure), read_classes(classes)
    clips = read_manifest(manifest).set_index("clip_id")
    shards = {shard.attrs["run"]: shard for shard in map(Shard, scores)}
    rows: list[Moments] = []
    taken: set[int] = set()
    for panel in settings["panels"]:
        for name in panel["runs"]:
            if name not in shards or (shards[name].n_rows and "moment" not in shards[name].side_names):
                raise ValueError(f"no scores with attention over moments of run {name}")
        first = shards[panel["runs"][0]]
        action = choose_action(first, names, panel["action"], taken)
        if action is None:
            continue
        taken.add(action)
        said = names[action]
        if said.lower() != panel["action"].lower():
            said += f" (the data set has no clip of {panel['action']!r})"
        chosen = choose_clips(first, action, settings["clips"])
        if settings["show"] == "extremes":
            rows.append(_extremes(first, chosen, root, clips, f"{panel['runs'][0]}: {said}"))
            continue
        for clip_id in chosen:
            title = f"{said}, clip {clip_id}"
            for name in panel["runs"]:
                rows.append(_weights(shards[name], clip_id, root, clips.loc[clip_id], settings["frames"], title))
                title = ""
    attrs = next(iter(shards.values())).attrs
    if not rows:
        reason = f"{settings['source']}: no test clip of {attrs['protocol']} was scored"
        replace_file(out, draw_notice(settings["title"], reason))
        return
    made_of = f"{attrs['data']} data, weights {attrs['weights']}, {attrs['protocol']}, seed {attrs['seed']}"
    caption = f"After {settings['source']}: {settings['title']}, mean over the steps of a chunk. {made_of}."
    replace_file(out, draw_moments(rows, settings["title"], caption))


def choose_action(shard: Shard, names: Sequence[str], wanted: str, taken: set[int]) -> int | None:
    """Class to show.

    Args:
        shard: Scores of test clips.
        names: Of the classes.
        wanted: Name of one, in capital letters or not.
        taken: Numbers of those that are shown already.

    Returns:
        The number of that class if there are clips of it; else of the class, not yet taken, of whose clips most are
        recognised, the first of equal ones; None if there is none.
    """
    label, guesses = shard.side_all("label"), shard.side_all("data").argmax(axis=1)
    found = [number for number, name in enumerate(names) if name.lower() == wanted.lower() and label[:, number].any()]
    if found:
        return found[0]
    left = [number for number in np.flatnonzero(label.any(axis=0)).tolist() if number not in taken]
    return max(left, key=lambda number: ((guesses == number)[label[:, number] == 1].mean(), -number), default=None)


def choose_clips(shard: Shard, action: int, count: int) -> list[str]:
    """Clips of a class, first those that are recognised, the surest ahead; of equals the first by name.

    Args:
        shard: Scores of test clips.
        action: Number of the class.
        count: How many clips are asked for.

    Returns:
        Their names, fewer if there are not as many.
    """
    values, label = shard.side_all("data"), shard.side_all("label")
    rows = np.flatnonzero(label[:, action]).tolist()
    order = sorted(
        rows, key=lambda row: (values[row].argmax() != action, -float(values[row, action]), shard.clip_ids[row])
    )
    return [shard.clip_ids[row] for row in order[:count]]


def _extremes(shard: Shard, chosen: Sequence[str], root: Path, clips: pd.DataFrame, title: str) -> Moments:
    """Highest and lowest moment of each clip, side by side."""
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
    """Some moments of a chunk, as dark as their weights are small against the largest one."""
    weights, frames = _attention(shard, clip_id)
    shown = choose_steps(len(frames), count)
    images, seconds = _decode(root, clip, frames[shown])
    return Moments(images, weights[shown], seconds, weights[shown] / weights.max(), [], title, str(shard.attrs["run"]))


def _attention(shard: Shard, clip_id: str) -> tuple[np.ndarray, np.ndarray]:
    """Weight of each moment of the clip's first chunk, and the frame at which it begins."""
    return weight_of_moments(shard.side("moment", clip_id)[0, 0]), shard.side("attended_frame", clip_id)[0, 0]


def _decode(root: Path, clip: Any, frames: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Some frames of a clip and their times; the last one stands for those beyond its end, as in its features."""
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
