"""Render labelled pictures or short videos, on which a backbone for stand-ins is trained."""

import importlib
import json
import logging
from itertools import chain, islice
from pathlib import Path

import cv2
import numpy as np

from poseattn.shards.shard import ShardWriter, SideArray

log = logging.getLogger(__name__)
_DRAWERS = ("aspects", "crops", "stills")
_AXES = {3: "image row col rgb", 4: "image frame row col rgb"}


def run(*, recipe: str, out: Path, code: str) -> None:
    """Render the pictures of a recipe into one shard.

    Args:
        recipe: JSON: the module of `poseattn.synthetic` they are `drawn_by`, number of `images`, `kinds` of what they
            show (a label is an index into them) and what that module asks for.
        out: Shard of kind `images`, one picture a clip id.
        code: Hash of the source, for the record.

    Raises:
        ValueError: The recipe lacks a key or names a module or an object that there is not.
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
    drawn_by = settings["drawn_by"]
    if drawn_by not in _DRAWERS:
        raise ValueError(f"drawn_by is {drawn_by!r}, expected one of {', '.join(_DRAWERS)}")
    pictures = importlib.import_module(f"poseattn.synthetic.{drawn_by}").draw_pictures(settings)
    first = next(pictures)
    side = {"label": SideArray("image", "class")}
    attrs = {"kinds": json.dumps(kinds)}
    header = {"kind": "images", "axes": _AXES[first.image.ndim], "units": "grey levels", "recipe": recipe, "code": code}
    with ShardWriter(out, **header, side=side, attrs=attrs) as writer:
        for number, picture in enumerate(islice(chain([first], pictures), settings["images"])):
            label = np.array([kinds.index(picture.kind)])
            writer.append(f"{number:06d}", picture.image[None], label=label)
