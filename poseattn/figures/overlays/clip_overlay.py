"""How stages draw what a trained model attends to into a whole clip."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from torch import nn

from poseattn.figures.overlays.overlay import draw_places, spread
from poseattn.inputs.features import Features
from poseattn.messages import in_utf8
from poseattn.training.evaluate import attend, score_clips
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.damage import ANY
from poseattn.video.encode import write_video
from poseattn.video.frames import VideoError
from poseattn.video.image_folder import open_clip
from poseattn.video.shown import shown_frames, steady

_LONGEST_NAME = 240  # bytes: most file systems take 255, and `.part.mp4` comes behind it for a while


class ClipFile(NamedTuple):
    """A clip to draw into.

    Attributes:
        path: The video file, or the image.
        start: Second from which on it belongs to the clip, as text; empty for the beginning of the file.
        end: Second before which it does; empty for its end.
        pose_path: Annotation of the clip, empty if there is none.
    """

    path: Path
    start: str = ""
    end: str = ""
    pose_path: str = ""


def name_overlays(videos: Sequence[Path], out: Path, word: str) -> dict[Path, Path]:
    """File to write for each video; a video given twice counts once, and none is overwritten.

    Args:
        videos: Files.
        out: Folder of what is written.
        word: What the new videos show.

    Returns:
        Video -> `<its name>.<word>.mp4` or, where another one is called so, `<its name>-2.<word>.mp4`. Bytes of a name
        that are no UTF-8 are escapes; a name too long for a file system is cut and has a digest of it at its end.

    Raises:
        ValueError: A file to write is one of the videos, or two videos have the same name in the results.
    """
    overlays: dict[Path, Path] = {}
    for video in dict.fromkeys(videos):
        stem, number = in_utf8(video.stem), 1
        while (path := out / _short_name(stem, f".{word}.mp4", number)) in overlays.values():
            number += 1
        overlays[video] = path
    inputs = {os.path.realpath(video): video for video in videos}
    for path in overlays.values():
        if video := inputs.get(os.path.realpath(path)):
            raise ValueError(f"{video} would be overwritten: name another folder with --out")
    names: dict[str, Path] = {}
    for video in overlays:
        if (other := names.setdefault(in_utf8(video), video)) != video:
            raise ValueError(f"{other!r} and {video!r} would have one name in the results: rename one of them")
    return overlays


def _short_name(stem: str, suffix: str, number: int) -> str:
    """Name of a file in at most so many bytes as file systems take, and the `.part` that it has at first."""
    suffix = suffix if number == 1 else f"-{number}{suffix}"
    content, room = stem.encode(), _LONGEST_NAME - len(suffix.encode())
    if len(content) <= room:
        return stem + suffix
    digest = hashlib.sha256(content).hexdigest()[:8]
    return f"{content[: room - 9].decode(errors='ignore')}~{digest}{suffix}"


def places_of(
    model: nn.Module, features: Features, run: dict[str, Any], clip: int, grid: tuple[int, int]
) -> np.ndarray:
    """Attention over the places of every frame of a clip; where joints have heatmaps, the mean of these.

    Args:
        model: Trained network on the device of the features.
        features: Windows of frames of the clips.
        run: Settings of the run.
        clip: Number of the clip.
        grid: Rows and columns of places.

    Returns:
        l_t (frame, row, col), between the frames that the model saw interpolated; sums to 1 over the places.

    Raises:
        ValueError: The model has no attention over places.
    """
    if run["sampling"] == "windows":
        frames, maps = attend(model, features, run, clip)
    else:
        found = score_clips(model, features, run)[1]
        maps = {name: array[clip, 0] for name, array in found.items()}  # of the first sub-sequence
        frames = maps.pop("frame", np.empty(0))
    if "heatmap" in maps:
        maps["location"] = maps["heatmap"].mean(axis=1)
    if "location" not in maps:
        raise ValueError(f"run {run['run']} has no attention over places to draw")
    weights = spread(maps["location"], frames, int(features.timeline.length[clip]))
    return weights.reshape(-1, *grid)


def likeliest(scores: np.ndarray, names: Sequence[str], run: dict[str, Any]) -> list[tuple[str, float]]:
    """Classes of a clip with their probabilities, the likeliest first.

    Args:
        scores: Of one clip (class), logits or probabilities as the run averages them.
        names: Of the classes.
        run: Settings; used are `average` and `loss`.

    Returns:
        Name and probability of each class.
    """
    if run["average"] == "logits" and run["loss"] == "softmax":
        odds = np.exp(scores - scores.max())
        scores = odds / odds.sum()
    elif run["average"] == "logits":
        scores = 1 / (1 + np.exp(-scores))
    order = np.argsort(-scores, kind="stable")
    return [(names[number], float(scores[number])) for number in order.tolist()]


def write_overlay(out: Path, file: ClipFile, location: np.ndarray, answers: Sequence[tuple[str, float]]) -> None:
    """Write a clip with attention as light, at its own speed.

    Args:
        out: MP4 file to write.
        file: The clip.
        location: Attention of each of its frames (frame, row, col).
        answers: Classes and probabilities to name below the picture, the likeliest first.

    Raises:
        ValueError: The video cannot be decoded.
        OSError: The overlay cannot be written.
    """
    try:
        with open_clip(file.path) as video:
            fps = video.fps
        clip = ClipFrames(file.path.parent, file.path.name, file.start, file.end, ANY.of(file.pose_path))
        write_video(out, draw_places(steady(shown_frames(clip), fps), location, answers), fps)
    except VideoError as error:
        raise ValueError(f"{file.path}: {error}") from error
