"""Figure of the kind hands: a test clip with attention over its hands and steps (Baradel et al. 2017, Fig. 5 and 6)."""

import itertools
import logging
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import choose_steps
from poseattn.figures.drawing.hands import AttendedClip, draw_attention
from poseattn.figures.drawing.png import draw_notice
from poseattn.figures.overlays.overlay import Attention, choose_view, draw_hands, spread
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


class NoClip(ValueError):
    """No test clip shows the action of a figure; the arguments are the title of the figure and the reason."""

    def __str__(self) -> str:
        """Join title and reason."""
        return ": ".join(self.args)


class Source(NamedTuple):
    """The clip that a figure shows.

    Attributes:
        video: The video file.
        joints: Joints of all bodies that are present (n, joint, xy), pixels, of all frames.
        hands: Positions of the hands (frame, hand, xy), pixels; NaN for an absent hand.
        maps: Attention maps of the steps, and `frame`, the frame numbers of the steps.
        crop: Side of a hand crop, pixels.
        texts: Title, subtitle and caption of the figure.
    """

    video: Path
    joints: np.ndarray
    hands: np.ndarray
    maps: dict[str, np.ndarray]
    crop: int
    texts: tuple[str, str, str]


class Choice(NamedTuple):
    """A clip, the probability that the model gives its action, and the action that the model answers, from 0."""

    clip_id: str
    probability: float
    answer: int


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the test clip of an action that the model recognises with the highest probability.

    If the model recognises no clip of the action, the clip with the action's highest probability is drawn, and the
    figure says so. If there is no clip of the action, a notice says so.

    Args:
        figure: `action` (from 1, as in the names of clips), `columns` (pictures side by side), `crop` (side of a hand
            crop, pixels) and `source` (the published figure).
        given: Files; read are `root`, `classes`, `manifest`, `scores` with their attention maps, and `poses`.

    Returns:
        PNG file.

    Raises:
        ValueError: The scores have no attention over hands, or the video cannot be decoded.
    """
    try:
        source = _read(figure, given)
    except NoClip as error:
        log.warning("%s", error)
        title, reason = error.args
        return draw_notice(title, f"{figure['source']}: {reason}")
    frame = source.maps["frame"]
    shown = choose_steps(len(frame), figure["columns"])
    frames, (rows, cols), _ = _decode(source, set(frame[shown].tolist()), int(frame.max()))
    pictures = [frames[number].image for number in frame[shown]]
    hands = source.hands[frame]
    crops = [crop_hands(image, xy, source.crop)[0] for image, xy in zip(pictures, hands[shown], strict=True)]
    clip = AttendedClip(
        shown=shown,
        images=np.stack([image[rows, cols, ::-1] for image in pictures]),
        glimpses=np.stack(crops),
        corners=_corners(hands, source.crop, rows, cols),
        seconds=np.array([frames[number].time for number in frame]),
        spatial=source.maps["spatial"],
        temporal=source.maps.get("temporal"),
    )
    return draw_attention(clip, *source.texts)


def write_film(figure: dict[str, Any], given: FigureInputs, out: Path) -> None:
    """Write the clip that `draw` shows as a video, with the hands marked in every frame.

    Args:
        figure: As for `draw`.
        given: As for `draw`.
        out: MP4 file to write.

    Raises:
        ValueError: There is no clip of the action, the scores have no attention over hands, or the video cannot be
            decoded.
    """
    source = _read(figure, given)
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


def choose_clip(scores: Shard, action: int) -> Choice | None:
    """Choose the clip of an action with the highest probability: a recognised clip, or any if none is recognised.

    Args:
        scores: Scores of test clips.
        action: The action, from 1.

    Returns:
        The clip, the first by name of equal clips; None if there is no clip of the action.
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


def _read(figure: dict[str, Any], given: FigureInputs) -> Source:
    """Read all of the chosen clip that drawing needs."""
    scores, names, action = given.scores[0], read_classes(given.classes), figure["action"]
    title = f"{names[action - 1]} (A{action:03d})"
    with Shard(scores, kind="scores") as shard:
        attrs = shard.attrs
        if shard.n_rows and "spatial" not in shard.side_names:
            raise ValueError(f"{scores}: run {attrs['run']} has no attention over hands to draw")
        choice = choose_clip(shard, action)
        if choice is None:
            raise NoClip(title, f"none of the {shard.n_rows} test clips of {attrs['protocol']} shows it")
        # scores keep the attention of two sub-sequences, of which the first is drawn
        maps = {name: shard.side(name, choice.clip_id)[0, 0] for name in shard.side_names if name != "label"}
    skeletons = ShardSet(given.poses, "poses").shard_of(choice.clip_id)
    color_xy, presence = (skeletons.side(name, choice.clip_id) for name in ("color_xy", "presence"))
    video = given.root / read_manifest(given.manifest[0]).set_index("clip_id").path[choice.clip_id]
    recognised = f"recognised, probability {choice.probability:.2f}"
    mistaken = f"taken for {names[choice.answer]!r}, no clip of this action is recognised"
    texts = _texts(choice.clip_id, recognised if choice.answer == action - 1 else mistaken, attrs, figure["source"])
    hands = hand_positions(color_xy, presence)
    return Source(video, color_xy[presence == 1], hands, maps, figure["crop"], (title, *texts))


def _decode(source: Source, wanted: set[int], last: int) -> tuple[list[Frame], tuple[slice, slice], float]:
    """Decode frames up to a last one, with images of the wanted ones; tell the part to show and the frame rate."""
    clip = ClipFrames(source.video.parent, source.video.name, decoding=ANY, wanted=wanted.__contains__)
    try:
        frames = list(itertools.islice(shown_frames(clip), last + 1))
    except VideoError as error:
        raise ValueError(f"{source.video}: {error}") from error
    rows, cols = clip.size
    return frames, choose_view(source.joints, cols, rows), clip.fps


def _corners(hands: np.ndarray, size: int, rows: slice, cols: slice) -> np.ndarray:
    """Compute the upper left corners of the crops, pixels of the part of the image that is shown."""
    return np.floor(hands + 0.5) - size // 2 - (cols.start, rows.start)


def _texts(clip_id: str, verdict: str, attrs: dict[str, Any], source: str) -> tuple[str, str]:
    """Write subtitle and caption."""
    where = f"{attrs['run']}, {attrs['protocol']}, seed {attrs['seed']}"
    made_of = f"{attrs['data']} data, weights {attrs['weights']}"
    return (
        f"clip {clip_id}: {verdict}  ·  {where}  ·  {made_of}",
        f"After {source}: attention of {where}, over the hands and over the steps of the test clip {clip_id} "
        f"({verdict}). {made_of[0].upper()}{made_of[1:]}.",
    )
