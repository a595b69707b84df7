"""Stage render_objects: labelled pictures of held objects, on which the stand-in backbone is trained."""

import json
import logging
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from poseattn.shards import ShardWriter, SideArray
from poseattn.synthetic.crops import draw_crops

log = logging.getLogger(__name__)


def run(*, recipe: str, out: Path, code: str) -> None:
    """Render the pictures of a recipe into one shard.

    Args:
        recipe: JSON: number of `images`, object `kinds` (a label is an index into them) and how they are drawn.
        out: Shard of kind `images`, one picture a clip id.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe lacks a key or names an object that nobody can draw.
    """
    cv2.setNumThreads(1)
    settings = json.loads(recipe)
    try:
        _render(settings, recipe, out, code)
    except KeyError as error:
        raise ValueError(f"recipe of the rendered objects: key {error} is missing") from error
    log.info("%d pictures of %d kinds in %s", settings["images"], len(settings["kinds"]), out)


def _render(settings: dict, recipe: str, out: Path, code: str) -> None:
    kinds = settings["kinds"]
    side = {"label": SideArray("image", "class")}
    attrs = {"kinds": json.dumps(kinds)}
    header = {"kind": "images", "axes": "image row col rgb", "units": "grey levels", "recipe": recipe, "code": code}
    with ShardWriter(out, **header, side=side, attrs=attrs) as writer:
        for number, crop in enumerate(islice(draw_crops(settings), settings["images"])):
            label = np.array([kinds.index(crop.kind)])
            writer.append(f"{number:06d}", crop.image[None], label=label)
