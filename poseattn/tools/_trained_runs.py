"""Open the folder of a trained run; a stranger may have made it, so that every value is checked.

Any fault ends in one sentence, before memory is allocated for sizes that the folder states.
"""

import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch

from poseattn.messages import one_line
from poseattn.networks.model_size import at_most
from poseattn.networks.weights_files import sha256
from poseattn.shards.shard import Shard
from poseattn.shards.shard_set import OF_HEATMAPS, WEIGHTS
from poseattn.training.checkpoint import load_checkpoint

_FROM_VIDEO = ("cubes", "pieces", "attended", "heatmaps")  # roles whose features a video alone gives
_DEPTH = 5  # folders between a run's own and that of the workflow: results/runs/<dataset>/<run>/<protocol>/<seed>
_MOST_NUMBERS = 1 << 30  # of the networks that make features, built without a file that says their size
# Largest values of settings: several times those of all papers.
_LARGEST = {"size": 2048, "frames": 4096, "batch": 1024, "test_draws": 1024, "length": 1024, "width": 16}
_LARGEST_OF_ALL = 1 << 16  # any other number but a seed
_MOST_PIXELS = 1 << 27  # of the pictures that a network gets at once
# What code of ours says of settings of a wrong kind.
_MISTAKES = (ArithmeticError, AttributeError, ImportError, LookupError, RuntimeError, TypeError, json.JSONDecodeError)


class Trained(NamedTuple):
    """A trained run: its settings, also for evaluation, the state of its model, and the origin of its features."""

    settings: dict[str, Any]
    state: dict[str, torch.Tensor]
    about: dict[str, Any]


class RunError(ValueError):
    """The folder of a run is at fault, whatever the video."""


@contextmanager
def refusing(folder: Path, *more: type[Exception], as_kind: type[ValueError] = RunError) -> Iterator[None]:
    """Turn errors that wrong settings lead to into one sentence about the folder, and bound the size of networks.

    Args:
        folder: Of the run.
        *more: Further errors that only the folder can cause inside the block.
        as_kind: Kind of the error that is raised; not `RunError` where a video may be the cause as well.

    Raises:
        ValueError: Something inside the block did not fit the settings of the run.
    """
    try:
        with at_most(_MOST_NUMBERS):
            yield
    except torch.OutOfMemoryError:
        raise
    except (*_MISTAKES, *more) as error:
        said = " ".join(str(error).split())
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise as_kind(f"{folder}: not the folder of a run that can be used: {kind}{said}") from error


def open_run(folder: Path) -> Trained:
    """Settings and model of a run.

    Args:
        folder: Of the run, with its checkpoint and its scores.

    Returns:
        The run.

    Raises:
        ValueError: A file is missing or a link that leaves the folder, there is no model, the run needs more than a
            video, or a setting is of a wrong kind or beyond all measure.
    """
    for name in ("checkpoint.pt", "scores.h5"):
        _check_file(folder, name)
    state, about = load_checkpoint(folder / "checkpoint.pt")
    if state is None:
        raise ValueError(f"{folder / 'checkpoint.pt'} has no model: {one_line(about.get('note'))}")
    with refusing(folder):
        with Shard(folder / "scores.h5", kind="scores") as scores:
            settings = json.loads(scores.attrs["recipe"])
        if more := sorted(set(settings["inputs"]) - set(_FROM_VIDEO)):
            raise ValueError(f"run {settings['run']} needs {', '.join(more)}, which a video alone does not give")
        recipes = {role: json.loads(origin["recipe"]) for role, origin in about["inputs"].items()}
        for where, tree in {"settings": settings, **recipes}.items():
            _check_numbers(folder, where, tree)
        if settings["inputs"].keys() != recipes.keys():
            raise ValueError(f"{folder}: has the inputs {sorted(recipes)}, expected {sorted(settings['inputs'])}")
        for role, recipe in recipes.items():
            heatmaps = recipe if role == "heatmaps" else recipe.get("heatmaps", {})
            if heatmaps.get("crop") == "box":
                raise ValueError(f"run {settings['run']} needs boxes of people, which a video alone does not give")
        _check_classes(folder, about["classes"])
    return Trained(settings, state, about)


def _check_file(folder: Path, name: str) -> None:
    """Refuse a folder without a file, or with a link in its place that leads out of it."""
    path = folder / name
    if not path.is_file():
        raise ValueError(
            f"{folder}: no {name} in it; expected the folder of a trained and scored run, which "
            "`snakemake --cores 8 results/runs/<dataset>/<run>/<protocol>/seed0/scores.h5` makes"
        )
    target = Path(os.path.realpath(path))
    if not target.is_relative_to(os.path.realpath(folder)):
        raise ValueError(f"{path} is a link that leaves the folder of the run, to {target}: copy the file to its place")


def _check_classes(folder: Path, names: Any) -> None:
    if not (isinstance(names, list) and names and all(isinstance(name, str) and _in_utf8(name) for name in names)):
        raise ValueError(f"{folder}: has the classes {one_line(names)}, expected names")


def _in_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_numbers(folder: Path, where: str, tree: Any, key: str = "") -> None:
    """Refuse numbers in settings that are not finite or ask for more than any run needs."""
    if isinstance(tree, dict):
        for name, value in tree.items():
            _check_numbers(folder, where, value, name)
        edges = tree.get("size")
        rows, cols = edges if isinstance(edges, list) and len(edges) == 2 else (edges, edges)
        if isinstance(tree.get("batch"), int) and isinstance(rows, int) and isinstance(cols, int):
            pixels = tree["batch"] * rows * cols
            if pixels > _MOST_PIXELS:
                raise ValueError(f"{folder}: {where}: batch and size ask for {pixels} pixels at once")
    elif isinstance(tree, list):
        for value in tree:
            _check_numbers(folder, where, value, key)
    elif isinstance(tree, int | float) and not key.endswith("seed"):
        largest = _LARGEST.get(key, _LARGEST_OF_ALL)
        if not math.isfinite(tree) or abs(tree) > largest:
            raise ValueError(f"{folder}: {where}: {key} is {one_line(tree)}, expected at most {largest}")


def weights_of(origins: dict[str, dict[str, str]], folder: Path) -> dict[str, list[Path]]:
    """Find the weights files that features were made with, below the folder of the workflow or the present folder.

    Args:
        origins: Attributes that the run states for the features in each role.
        folder: Of the run.

    Returns:
        Files by role; no file for a network with random weights. `heatmaps_<role>` is the network whose heatmaps are
        below the pictures of a role.

    Raises:
        ValueError: A file is missing, or has another digest.
    """
    return {
        before + role: _weights_file({name: origin.get(before + name, "") for name in WEIGHTS}, folder)
        for role, origin in origins.items()
        for before in ("", OF_HEATMAPS)
    }


def _weights_file(origin: dict[str, str], folder: Path) -> list[Path]:
    if not origin["weights_file"]:
        return []
    if Path(origin["weights_file"]).is_absolute() or ".." in Path(origin["weights_file"]).parts:
        raise ValueError(f"{folder}: its weights are {origin['weights_file']!r}, expected a file below the workflow")
    parents = Path(os.path.abspath(folder)).parents
    places = ([parents[_DEPTH]] if len(parents) > _DEPTH else []) + [Path.cwd()]
    files = [place / origin["weights_file"] for place in places]
    file = next((file for file in files if file.is_file()), None)
    if file is None:
        raise ValueError(f"{files[0]}, the weights that the features of the run were made with, is missing")
    if sha256(file) != origin["weights_sha256"]:
        raise ValueError(f"{file} is not the file that the features of the run were made with")
    return [file]
