"""Call the stage that draws figures with the inputs that a kind of figure reads."""

import json
from pathlib import Path
from typing import Any

from poseattn.stages import draw_figure

_NONE = ("manifest", "scores", "runs", "checkpoints", "cubes", "frames", "heatmaps", "poses")


def draw(kind: str, figure: dict[str, Any], *, root: Path, classes: Path, out: Path, **given: list) -> None:
    """Draw a figure; inputs that are not given are empty."""
    lists = dict.fromkeys(_NONE, []) | given
    draw_figure.run(kind=kind, figure=json.dumps(figure), root=root, classes=classes, threads=1, out=out, **lists)
