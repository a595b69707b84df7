"""What a run consists of: its settings, its clips and their parts in a protocol, its inputs and its model."""

import importlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from poseattn.manifest import draw_validation
from poseattn.shard_set import STORED, ShardSet

INPUT_KEYS = ("dataset", "layout", "inputs", "center", "differences", "validation", "validation_seed")
TRAINING_KEYS = (
    *INPUT_KEYS,
    "model",
    "arguments",
    "frames",
    "sampling",
    "batch",
    "epochs",
    "patience",
    "learning_rate",
)
EVALUATION_KEYS = ("run", "readout", "test_draws", "note")


def read_settings(run: str, keys: Iterable[str]) -> dict[str, Any]:
    """Settings of a run from its JSON.

    Args:
        run: The run as the paper file has it, with its data set and layout.
        keys: Settings that the caller will use.

    Returns:
        All settings.

    Raises:
        ValueError: The text is no JSON object, or a setting is missing.
    """
    try:
        settings = json.loads(run)
    except json.JSONDecodeError as error:
        raise ValueError(f"run: not JSON: {error}") from None
    if not isinstance(settings, dict):
        raise ValueError(f"run: found {run}, expected a JSON object")
    if missing := sorted(set(keys) - settings.keys()):
        raise ValueError(f"run: no key {', '.join(missing)}")
    return settings


def open_inputs(inputs: dict[str, str], files: dict[str, Sequence[Path]]) -> dict[str, ShardSet]:
    """Shards of the inputs that a run names.

    Args:
        inputs: Kind of shard -> recipe, as in the run.
        files: Kind of shard -> its files.

    Returns:
        Shards by kind.

    Raises:
        ValueError: The run names a kind without files, or a file is not what it should be.
    """
    for kind in inputs:
        if not files.get(kind):
            raise ValueError(f"inputs: the run reads {kind}, but no such shard is given")
    return {kind: ShardSet(files[kind], kind) for kind in inputs}


def split_clips(
    manifest: pd.DataFrame, run: dict[str, Any], protocol: str, inputs: dict[str, ShardSet]
) -> pd.DataFrame:
    """Part of every clip in a protocol.

    Validation clips are drawn from all training clips of the protocol, whether or not this run can use them, so that
    every variant is validated on the same ones. Test clips are never among them.

    Args:
        manifest: Clips of the data set.
        run: Settings; used are `layout`, `validation` (share of the training clips) and `validation_seed`.
        protocol: Name of the protocol.
        inputs: Shards by kind.

    Returns:
        The manifest with the column `split` (train, val or test), and a reason in `excluded` for every clip that an
        input lacks.
    """
    clips = manifest.copy()
    for kind, shards in inputs.items():
        lacking = (clips.excluded == "") & ~clips.clip_id.isin(shards.clip_ids)
        clips.loc[lacking, "excluded"] = f"{kind}: not in any shard"
    clips["split"] = importlib.import_module(f"poseattn.datasets.{run['layout']}").official_split(manifest, protocol)
    training = (clips.split == "train") & ~clips.excluded.str.startswith("protocol:")
    drawn = draw_validation(list(clips.clip_id[training]), run["validation"], run["validation_seed"])
    clips.loc[training & clips.clip_id.isin(drawn), "split"] = "val"
    return clips


def n_classes(run: dict[str, Any]) -> int:
    """Number of classes of the run's data set."""
    return len(importlib.import_module(f"poseattn.datasets.{run['layout']}").CLASSES)


def build_model(run: dict[str, Any], inputs: dict[str, ShardSet]) -> nn.Module:
    """The run's model in its initial state, on the CPU.

    Args:
        run: Settings; used are `model`, the name of a file of `poseattn/models`, `arguments` and `layout`.
        inputs: Shards by kind; they say how many channels stored features have.

    Returns:
        The network.

    Raises:
        ValueError: The arguments do not fit the model, or it takes an input that the run does not name.
    """
    model = importlib.import_module(f"poseattn.models.{run['model']}").Model
    sizes = {"n_classes": n_classes(run)}
    for name in model.inputs:
        kind = STORED.get(name, "poses")
        if kind not in inputs:
            raise ValueError(f"model {run['model']} takes {name!r}, but the run's inputs name no {kind}")
        if name in STORED:
            sizes["channels"] = inputs[kind].row_shape[-1]
    try:
        return model(**run["arguments"], **sizes)
    except TypeError as error:
        raise ValueError(f"arguments of model {run['model']}: {error}") from None
