"""Stage draw_gains: classes that attention helps most, as bars (Torabi, Sigal 2017, Fig. 5)."""

import json
from pathlib import Path

import numpy as np

from poseattn.clips.manifest import read_classes
from poseattn.figures.confusions import count_answers
from poseattn.figures.moments import draw_gains, largest_gains
from poseattn.figures.png import draw_notice
from poseattn.files import replace_file
from poseattn.shards.shard import Shard


def run(*, figure: str, classes: Path, scores: list[Path], out: Path) -> None:
    """Draw the classes in which each run gains most over a baseline.

    Args:
        figure: JSON with `source` (the published figure), `title`, `baseline` (a run), `runs`: each with its `run` and
            a `label`, and `count`, how many classes are shown of each.
        classes: Names of the classes.
        scores: Scores of the baseline, then of the runs in the same order.
        out: PNG file to write.

    Raises:
        ValueError: The scores are of other runs, or of other clips than those of the baseline.
    """
    settings, names = json.loads(figure), read_classes(classes)
    wanted = [settings["baseline"], *(entry["run"] for entry in settings["runs"])]
    found = []
    for name, path in zip(wanted, scores, strict=True):
        with Shard(path, kind="scores", axes="clip class") as shard:
            if shard.attrs["run"] != name:
                raise ValueError(f"{path}: scores of run {shard.attrs['run']}, expected {name}")
            counts = count_answers(shard.side_all("data"), shard.side_all("label"))
            attrs = shard.attrs
        if found and (counts.sum(axis=1) != found[0].sum(axis=1)).any():
            raise ValueError(
                f"{path}: {counts.sum()} clips, those of {wanted[0]} are {found[0].sum()} or of other classes"
            )
        found.append(counts)
    if not found[0].sum():
        reason = f"{settings['source']}: no test clip of {attrs['protocol']} was scored"
        replace_file(out, draw_notice(settings["title"], reason))
        return
    with np.errstate(invalid="ignore"):  # of a class without clips nothing is known
        baseline, *others = (np.diag(counts) / counts.sum(axis=1) for counts in found)
    gains = [
        largest_gains(accuracy, baseline, names, settings["count"], entry["label"])
        for accuracy, entry in zip(others, settings["runs"], strict=True)
    ]
    made_of = f"{attrs['data']} data, weights {attrs['weights']}, {attrs['protocol']}, seed {attrs['seed']}"
    caption = f"After {settings['source']}: {settings['title']}, of the {found[0].sum()} test clips. {made_of}."
    replace_file(out, draw_gains(gains, settings["title"], caption))
