"""Stage draw_confusions: what some models took the test clips for, side by side."""

import json
from pathlib import Path

from poseattn.clips.manifest import read_classes
from poseattn.figures.confusions import Confusion, count_answers, draw_confusions
from poseattn.files import replace_file
from poseattn.shards.shard import Shard


def run(*, figure: str, classes: Path, scores: list[Path], out: Path) -> None:
    """Draw a confusion matrix of each run.

    Args:
        figure: JSON with `source` (the published figure), `title` and `runs`: each with its `run` and a `label`.
        classes: Names of the classes.
        scores: Scores of the runs, in the same order.
        out: PNG file to write.

    Raises:
        ValueError: The scores are of other runs, or a clip has several classes.
    """
    settings, names = json.loads(figure), read_classes(classes)
    matrices = []
    for wanted, path in zip(settings["runs"], scores, strict=True):
        with Shard(path, kind="scores", axes="clip class") as shard:
            if shard.attrs["run"] != wanted["run"]:
                raise ValueError(f"{path}: scores of run {shard.attrs['run']}, expected {wanted['run']}")
            counts = count_answers(shard.side_all("data"), shard.side_all("label"))
            matrices.append(Confusion(counts, wanted["label"]))
            attrs = shard.attrs
    made_of = f"{attrs['data']} data, weights {attrs['weights']}, {attrs['protocol']}, seed {attrs['seed']}"
    caption = f"After {settings['source']}: {settings['title']}, in clips. {made_of}."
    replace_file(out, draw_confusions(matrices, names, settings["title"], caption))
