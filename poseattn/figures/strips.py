"""Figure of the kind strips: test clips with the places that a model attends to (Sharma et al. 2015, Fig. 2 to 7)."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from poseattn.clips.manifest import read_classes, read_manifest
from poseattn.figures._inputs import FigureInputs
from poseattn.figures._shared import choose_steps, made_of
from poseattn.figures.drawing.png import draw_notice
from poseattn.figures.drawing.strips import Strip, draw_strips
from poseattn.shards.shard import Shard
from poseattn.video.clip_frames import ClipFrames, squashed
from poseattn.video.damage import ANY
from poseattn.video.frames import VideoError
from poseattn.video.shown import shown_frames

_SIZE = 224  # pixels of a picture


class Answer(NamedTuple):
    """Answer of a model to a clip: name of the clip, class with the highest score, the score, whether it is right."""

    clip_id: str
    guess: int
    score: float
    right: bool


def draw(figure: dict[str, Any], given: FigureInputs) -> bytes:
    """Draw the strips of a figure. The scores alone decide which clips are shown.

    A strip whose clip does not exist (say, no clip is wrong) is left out. Without any strip a notice is drawn.

    Args:
        figure: `source` (the published figure), `title`, `steps` (pictures of a strip), `spread` (whether the steps are
            spread over the window instead of its first ones) and `strips`: each with its `run`; `pick` (`correct` or
            `wrong`) and `rank`, or `clip_of` (number of the strip whose clip is shown again); and `window` (`first` or
            `last`).
        given: Files; read are `root`, `classes`, `manifest` and the `scores` of the runs.

    Returns:
        PNG file.

    Raises:
        ValueError: Scores of a run are missing or have no attention over places, or a video has vanished.
    """
    names, clips = read_classes(given.classes), read_manifest(given.manifest[0]).set_index("clip_id")
    shards = {shard.attrs["run"]: shard for shard in map(Shard, given.scores)}
    strips, chosen = [], {}
    for number, wanted in enumerate(figure["strips"]):
        shard = shards.get(wanted["run"])
        if shard is None or (shard.n_rows and "location" not in shard.side_names):
            raise ValueError(f"no scores with attention over places of run {wanted['run']}")
        answer = _answer(shard, wanted, chosen)
        if answer is not None:
            chosen[number] = answer.clip_id
            clip, said = clips.loc[answer.clip_id], _describe(answer, wanted, clips.loc[answer.clip_id].label, names)
            strips.append(_strip(shard, given.root, clip, (wanted["window"], figure["steps"], figure["spread"]), said))
    attrs = next(iter(shards.values())).attrs
    if not strips:
        reason = f"none of the test clips of {attrs['protocol']} is such a case"
        return draw_notice(figure["title"], f"{figure['source']}: {reason}")
    caption = f"After {figure['source']}: {figure['title']}. {made_of(attrs)}."
    return draw_strips(strips, figure["title"], caption)


def rank_answers(shard: Shard, right: bool) -> list[Answer]:
    """Rank the clips that a model gets right, or wrong: the surest first, and one of each class before any second.

    Args:
        shard: Scores of test clips.
        right: Whether right answers are ranked, or wrong ones.

    Returns:
        The answers; equally sure ones are in the order of their names.
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
    """Find the clip of a strip; None if there is none."""
    if "clip_of" in wanted:
        answers = rank_answers(shard, True) + rank_answers(shard, False)
        return next((answer for answer in answers if answer.clip_id == chosen.get(wanted["clip_of"])), None)
    answers = rank_answers(shard, wanted["pick"] == "correct")
    return answers[wanted["rank"]] if wanted["rank"] < len(answers) else None


def _describe(answer: Answer, wanted: dict[str, Any], label: str, names: tuple[str, ...]) -> str:
    """Write the title of a strip: run, class of the clip, answer, score, and which window."""
    truth = " + ".join(names[int(number)] for number in label.split("+") if number) or "no class"
    verdict = "recognised" if answer.right else f"taken for {names[answer.guess]!r}"
    return f"{wanted['run']}: {truth}, {verdict} ({answer.score:.2f}), clip {answer.clip_id}, {wanted['window']} window"


def _strip(shard: Shard, root: Path, clip: Any, steps: tuple[str, int, bool], title: str) -> Strip:
    """Read pictures and attention of some steps: of the first or the last window, so many, spread over it or not."""
    which, n_steps, is_spread = steps
    frame, location = (shard.side(name, clip.name)[0, 0 if which == "first" else 1] for name in ("frame", "location"))
    shown = choose_steps(len(frame), n_steps) if is_spread else np.arange(n_steps)
    needed = set(frame[shown].tolist())
    try:
        frames = ClipFrames(root, clip.path, clip.start, clip.end, ANY.of(clip.pose_path), needed.__contains__)
        pictures = {frame.number: frame for frame in squashed(shown_frames(frames), _SIZE) if frame.number in needed}
    except VideoError as error:
        raise ValueError(f"{root / clip.path}: {error}") from error
    taken = [pictures[number] for number in frame[shown].tolist()]
    return Strip(
        np.stack([one.image for one in taken]),
        location[shown].reshape(n_steps, *json.loads(shard.attrs["grid"])),
        np.array([one.time for one in taken]),
        title,
    )
