"""Stage draw_figures: one test clip of an action, with what a trained model attended to in it."""

import itertools
import json
import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures.hands import AttendedClip, choose_steps, draw_attention
from poseattn.figures.overlay import Attention, draw_hands, spread
from poseattn.figures.png import draw_notice
from poseattn.files import replace_file
from poseattn.pose.hands import hand_positions
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import ShardSet
from poseattn.video.clip_frames import ClipFrames
from poseattn.video.crops import crop_hands
from poseattn.video.damage import ANY
from poseattn.video.encode import write_video
from poseattn.video.frames import Frame, VideoError
from poseattn.video.shown import shown_frames, steady

log = logging.getLogger(__name__)


class Source(NamedTuple):
    """All of a clip that drawing it needs.

    Attributes:
        video: The file.
        joints: Joints of everybody who is there (n, joint, xy), pixels, of all frames.
        hands: (frame, hand, xy) pixels, NaN where absent.
        maps: Attention maps of the steps and `frame`, their frame numbers.
        crop: Side of a hand crop, pixels.
    """

    video: Path
    joints: np.ndarray
    hands: np.ndarray
    maps: dict[str, np.ndarray]
    crop: int


class Choice(NamedTuple):
    """A clip, the probability that the model gives its action, and the action that it takes it for, from 0."""

    clip_id: str
    probability: float
    answer: int


def run(*, figure: str, root: Path, manifest: Path, classes: Path, poses: list[Path], scores: Path, out: Path) -> None:
    """Draw the test clip of an action that the model recognises with the highest probability, as picture or video.

    If it recognises none, the clip is drawn for which it comes closest, and the picture says so; if there is no clip of
    the action, a picture says that, and a video is refused.

    Args:
        figure: JSON with `action` (from 1, as in the names of clips), `columns` (pictures side by side), `crop` (side
            of a hand crop, pixels) and `source` (the published figure).
        root: Folder of the data set.
        manifest: Clips of the data set.
        classes: Names of its classes.
        poses: Pose shards of the data set.
        scores: Scores of the test clips and the attention maps that belong to them.
        out: File to write, PNG or MP4.

    Raises:
        ValueError: The scores have clips, but no attention over hands; or there is nothing to make a video of.
    """
    settings = json.loads(figure)
    with Shard(scores, kind="scores") as shard:
        if shard.n_rows and "spatial" not in shard.side_names:
            raise ValueError(f"{scores}: run {shard.attrs['run']} has no attention over hands to draw")
        names = read_classes(classes)
        title = f"{names[settings['action'] - 1]} (A{settings['action']:03d})"
        choice = choose_clip(shard, settings["action"])
        if choice is None:
            reason = f"none of the {shard.n_rows} test clips of {shard.attrs['protocol']} shows it"
            if out.suffix == ".mp4":
                raise ValueError(f"{title}: {reason}")
            log.warning("%s: %s", title, reason)
            replace_file(out, draw_notice(title, f"{settings['source']}: {reason}"))
            return
        # of the two sub-sequences of which the scores keep attention the first is drawn
        maps = {name: shard.side(name, choice.clip_id)[0, 0] for name in shard.side_names if name != "label"}
        attrs = shard.attrs
    skeletons = ShardSet(poses, "poses").shard_of(choice.clip_id)
    color_xy, presence = (skeletons.side(name, choice.clip_id) for name in ("color_xy", "presence"))
    video = root / read_manifest(manifest).set_index("clip_id").path[choice.clip_id]
    source = Source(video, color_xy[presence == 1], hand_positions(color_xy, presence), maps, settings["crop"])
    if out.suffix == ".mp4":
        _write_overlay(source, out)
        return
    clip = _attended_clip(source, settings["columns"])
    replace_file(out, draw_attention(clip, title, *_texts(choice, names, attrs, settings)))


def choose_clip(scores: Shard, action: int) -> Choice | None:
    """Clip of an action that has the highest probability of all that are recognised, or else of all.

    Args:
        scores: Scores of test clips.
        action: The action, from 1.

    Returns:
        The clip, of equals the first by name; None if there is no clip of the action.
    """
    labels, logits = scores.side_all("label"), scores.rows(np.arange(scores.n_rows)).astype(np.float64)
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability = odds[:, action - 1] / odds.sum(axis=1)
    answers = logits.argmax(axis=1)
    rows = np.flatnonzero(labels[:, action - 1])
    if not len(rows):
        return None
    best = min(rows, key=lambda row: (answers[row] != action - 1, -probability[row], scores.clip_ids[row]))
    return Choice(scores.clip_ids[best], float(probability[best]), int(answers[best]))


def choose_view(xy: np.ndarray, width: int, height: int) -> tuple[slice, slice]:
    """Part of the image that is worth showing: everybody in all frames, with a margin, between 3:4 and 4:3.

    Args:
        xy: Joints (..., xy), pixels; NaN where unknown.
        width: Pixels in a row of the image.
        height: Pixels in a column.

    Returns:
        Rows and columns of the image.
    """
    size = np.array((width, height))
    inside = xy[((xy >= 0) & (xy < size)).all(axis=-1)]  # neither is true of NaN
    low, high = (inside.min(axis=0), inside.max(axis=0)) if len(inside) else (np.zeros(2), size)
    extent = 1.15 * (high - low) + 0.05 * height
    extent = np.minimum(np.maximum(extent, 0.75 * extent[::-1]), size).astype(int)
    left, top = np.clip((low + high - extent) / 2, 0, size - extent).astype(int).tolist()
    return slice(top, top + int(extent[1])), slice(left, left + int(extent[0]))


def _attended_clip(source: Source, n_columns: int) -> AttendedClip:
    """Pictures and crops of the steps that are shown, from the video."""
    frame = source.maps["frame"]
    shown = choose_steps(len(frame), n_columns)
    frames, (rows, cols), _ = _decode(source, set(frame[shown].tolist()), int(frame.max()))
    pictures = [frames[number].image for number in frame[shown]]
    hands = source.hands[frame]
    crops = [crop_hands(image, xy, source.crop)[0] for image, xy in zip(pictures, hands[shown], strict=True)]
    return AttendedClip(
        shown=shown,
        images=np.stack([image[rows, cols, ::-1] for image in pictures]),
        glimpses=np.stack(crops),
        corners=_corners(hands, source.crop, rows, cols),
        seconds=np.array([frames[number].time for number in frame]),
        spatial=source.maps["spatial"],
        temporal=source.maps.get("temporal"),
    )


def _write_overlay(source: Source, out: Path) -> None:
    """Every frame with the hands marked; the weights between two steps are interpolated."""
    n_frames = len(source.hands)
    frames, (rows, cols), fps = _decode(source, set(range(n_frames)), n_frames - 1)
    ticks = list(steady(frames, fps))
    numbers = [frame.number for frame in ticks]
    attention = Attention(
        corners=_corners(source.hands[numbers], source.crop, rows, cols),
        spatial=spread(source.maps["spatial"], source.maps["frame"], len(frames))[numbers],
        temporal=source.maps.get("temporal"),
        size=source.crop,
    )
    write_video(out, draw_hands((frame.image[rows, cols] for frame in ticks), attention), fps)


def _decode(source: Source, wanted: set[int], last: int) -> tuple[list[Frame], tuple[slice, slice], float]:
    """Frames up to the last one, with images where these are wanted; the part of them to show, and the frame rate."""
    clip = ClipFrames(source.video.parent, source.video.name, decoding=ANY, wanted=wanted.__contains__)
    try:
        frames = list(itertools.islice(shown_frames(clip), last + 1))
    except VideoError as error:
        raise ValueError(f"{source.video}: {error}") from error
    rows, cols = clip.size
    return frames, choose_view(source.joints, cols, rows), clip.fps


def _corners(hands: np.ndarray, size: int, rows: slice, cols: slice) -> np.ndarray:
    """Upper left corners of the crops, pixels of the part of the image that is shown."""
    return np.floor(hands + 0.5) - size // 2 - (cols.start, rows.start)


def _texts(
    choice: Choice, classes: tuple[str, ...], attrs: dict[str, Any], settings: dict[str, Any]
) -> tuple[str, str]:
    """Subtitle and caption."""
    where = f"{attrs['run']}, {attrs['protocol']}, seed {attrs['seed']}"
    made_of = f"{attrs['data']} data, weights {attrs['weights']}"
    if choice.answer == settings["action"] - 1:
        verdict = f"recognised, probability {choice.probability:.2f}"
    else:
        verdict = f"taken for {classes[choice.answer]!r}, no clip of this action is recognised"
    return (
        f"clip {choice.clip_id}: {verdict}  ·  {where}  ·  {made_of}",
        f"After {settings['source']}: attention of {where}, over the hands and over the steps of the test clip "
        f"{choice.clip_id} ({verdict}). {made_of[0].upper()}{made_of[1:]}.",
    )
