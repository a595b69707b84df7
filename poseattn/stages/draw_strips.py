"""Stage draw_strips: test clips, right and wrong ones, with the places that a trained model attended to."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures.png import draw_notice
from poseattn.figures.strips import Strip, draw_strips
from poseattn.files import replace_file
from poseattn.shards.shard import Shard
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.damage import ANY
from poseattn.video.frames import VideoError
from poseattn.video.shown import shown_frames

_SIZE = 224  # pixels of a picture


class Answer(NamedTuple):
    """What a model said of a clip: its name, the class with the highest score, that score, and whether it is right."""

    clip_id: str
    guess: int
    score: float
    right: bool


def run(*, figure: str, root: Path, manifest: Path, classes: Path, scores: list[Path], out: Path) -> None:
    """Draw the strips of a figure. Which clips are shown follows from the scores alone.

    A strip that asks for a clip which there is not (no clip is wrong, say) is left out; without any, a notice is drawn.

    Args:
        figure: JSON with `source` (the published figure), `steps` (pictures of a strip), `spread` (whether these are
            spread over the window instead of its first ones) and `strips`: each with its `run`; `pick` (`correct` or
            `wrong`) and `rank`, or `clip_of` (number of the strip whose clip is shown again); and `window` (`first` or
            `last`).
        root: Folder of the data set.
        manifest: Clips of the data set.
        classes: Names of its classes.
        scores: Scores of the runs, with the attention that belongs to them.
        out: PNG file to write.

    Raises:
        ValueError: Scores of a run are missing or have no attention over places, or a video has vanished.
    """
    settings, names = json.loads(figure), read_classes(classes)
    clips = read_manifest(manifest).set_index("clip_id")
    shards = {shard.attrs["run"]: shard for shard in map(Shard, scores)}
    strips, chosen = [], {}
    for number, wanted in enumerate(settings["strips"]):
        shard = shards.get(wanted["run"])
        if shard is None or (shard.n_rows and "location" not in shard.side_names):
            raise ValueError(f"no scores with attention over places of run {wanted['run']}")
        answer = _answer(shard, wanted, chosen)
        if answer is not None:
            chosen[number] = answer.clip_id
            strips.append(_strip(shard, answer, wanted, settings, root, clips.loc[answer.clip_id], names))
    attrs = next(iter(shards.values())).attrs
    title = settings["title"]
    if not strips:
        reason = f"none of the test clips of {attrs['protocol']} is such a case"
        replace_file(out, draw_notice(title, f"{settings['source']}: {reason}"))
        return
    made_of = f"{attrs['data']} data, weights {attrs['weights']}, {attrs['protocol']}, seed {attrs['seed']}"
    replace_file(out, draw_strips(strips, title, f"After {settings['source']}: {title}. {made_of}."))


def rank_answers(shard: Shard, right: bool) -> list[Answer]:
    """Clips that a model gets right, or wrong, the surest first, and of each class its first before any's second.

    Args:
        shard: Scores of test clips.
        right: Which of the two.

    Returns:
        The answers; of equally sure ones the first by name.
    """
    values, label = shard.rows(np.arange(shard.n_rows)), shard.side_all("label")
    guesses = values.argmax(axis=1)
    rows = np.flatnonzero(label[np.arange(len(label)), guesses] == right)
    surest = sorted(rows.tolist(), key=lambda row: (-values[row, guesses[row]], shard.clip_ids[row]))
    seen: dict[int, int] = {}
    order = []
    for row in surest:
        true_class = int(label[row].argmax())
        order.append((seen.get(true_class, 0), row))
        seen[true_class] = seen.get(true_class, 0) + 1
    found = [row for _, row in sorted(order, key=lambda entry: entry[0])]
    return [Answer(shard.clip_ids[row], int(guesses[row]), float(values[row, guesses[row]]), right) for row in found]


def _answer(shard: Shard, wanted: dict[str, Any], chosen: dict[int, str]) -> Answer | None:
    """Clip of a strip; None if there is none."""
    if "clip_of" in wanted:
        answers = rank_answers(shard, True) + rank_answers(shard, False)
        return next((answer for answer in answers if answer.clip_id == chosen.get(wanted["clip_of"])), None)
    answers = rank_answers(shard, wanted["pick"] == "correct")
    return answers[wanted["rank"]] if wanted["rank"] < len(answers) else None


def _strip(
    shard: Shard,
    answer: Answer,
    wanted: dict[str, Any],
    settings: dict[str, Any],
    root: Path,
    clip: Any,
    names: tuple[str, ...],
) -> Strip:
    """Pictures and attention of the steps that are shown."""
    window = 0 if wanted["window"] == "first" else 1
    frame = shard.side("frame", answer.clip_id)[0, window]
    location = shard.side("location", answer.clip_id)[0, window]
    n_steps = settings["steps"]
    shown = np.arange(n_steps)
    if settings["spread"]:
        shown = ((np.arange(n_steps) + 0.5) / n_steps * len(frame)).astype(int)
    needed = set(frame[shown].tolist())
    try:
        frames = ClipFrames(root, clip.path, clip.start, clip.end, ANY.of(clip.pose_path), needed.__contains__)
        pictures = {frame.number: frame for frame in squashed(shown_frames(frames), _SIZE) if frame.number in needed}
    except VideoError as error:
        raise ValueError(f"{root / clip.path}: {error}") from error
    taken = [pictures[number] for number in frame[shown].tolist()]
    truth = " + ".join(names[int(number)] for number in clip.label.split("+") if number) or "no class"
    verdict = "recognised" if answer.right else f"taken for {names[answer.guess]!r}"
    said = f"{wanted['run']}: {truth}, {verdict} ({answer.score:.2f}), clip {answer.clip_id}, {wanted['window']} window"
    return Strip(
        np.stack([one.image for one in taken]),
        location[shown].reshape(n_steps, *json.loads(shard.attrs["grid"])),
        np.array([one.time for one in taken]),
        said,
    )
