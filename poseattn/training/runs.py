"""What a run consists of: its settings, its clips and their parts in a protocol, and its inputs."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8

from poseattn.clips.held_out import draw_validation
from poseattn.clips.manifest import class_numbers, official_split
from poseattn.inputs.roles import kind_of
from poseattn.shards.shard_set import ShardSet
from poseattn.training.objective import EXCLUSIVE

INPUT_KEYS = ("dataset", "inputs", "validation", "validation_by", "validation_seed")
LOSS_KEYS = ("loss", "loss_steps", "attention_penalty", "weight_decay")
TRAINING_KEYS = (
    *INPUT_KEYS,
    *LOSS_KEYS,
    "model",
    "arguments",
    "frames",
    "sampling",
    "mirror",
    "average",
    "batch",
    "epochs",
    "patience",
    "optimizer",
    "learning_rate",
    "drops",
    "grad_clip",
)
EVALUATION_KEYS = ("run", "readout", "note")


def read_settings(run: str, keys: Iterable[str]) -> dict[str, Any]:
    """Settings of a run from its JSON.

    Args:
        run: The run as the paper file has it, with its data set.
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
        inputs: Role (see `poseattn.inputs.roles`) -> recipe, as in the run.
        files: Role -> its files.

    Returns:
        Shards by role.

    Raises:
        ValueError: The run names a role without files, or a file is not what it should be.
    """
    for role in inputs:
        if not files.get(role):
            raise ValueError(f"inputs: the run reads {role}, but no such shard is given")
    return {role: ShardSet(files[role], kind_of(role)) for role in inputs}


def split_clips(
    manifest: pd.DataFrame, run: dict[str, Any], protocol: str, inputs: dict[str, ShardSet]
) -> pd.DataFrame:
    """Part of every clip in a protocol.

    Validation clips are those that the protocol names. Where it names none, they are drawn from all of its training
    clips, whether or not this run can use them, so that every variant is validated on the same ones. Test clips are
    never among them.

    Args:
        manifest: Clips of the data set.
        run: Settings; used are `validation` (share of the training clips, or of their groups), `validation_by` (`clip`
            or `group`) and `validation_seed`.
        protocol: Name of the protocol.
        inputs: Shards by role.

    Returns:
        Clips that the protocol uses, with the column `split` (train, val or test), and a reason in `excluded` for every
        clip that an input lacks, or in which a run on joints in the image would see none.

    Raises:
        ValueError: There is no such protocol.
    """
    clips = manifest.copy()
    for role, shards in inputs.items():
        lacking = (clips.excluded == "") & ~clips.clip_id.isin(shards.clip_ids)
        clips.loc[lacking, "excluded"] = f"{role}: not in any shard"
        if shards.is_planar:
            nobody = (clips.excluded == "") & clips.clip_id.isin(shards.without("valid"))
            clips.loc[nobody, "excluded"] = f"{role}: no joint in any frame"
    clips["split"] = official_split(manifest, protocol)
    if "val" not in set(clips.split):
        training = (clips.split == "train") & ~clips.excluded.str.startswith("protocol:")
        unit = clips.clip_id if run["validation_by"] == "clip" else clips.group
        drawn = draw_validation(sorted(set(unit[training])), run["validation"], run["validation_seed"])
        clips.loc[training & unit.isin(drawn), "split"] = "val"
    return clips[clips.split != ""]


def labels_of(clips: pd.DataFrame, n_classes: int, loss: str) -> UInt8[np.ndarray, "n c"]:
    """Classes of clips as 0 and 1.

    Args:
        clips: Clips of a manifest.
        n_classes: Number of classes of the data set.
        loss: With `softmax` or `logistic` a clip must have exactly one class.

    Returns:
        1 for each class of a clip.

    Raises:
        ValueError: A class is out of range, or a clip has several where one is asked for.
    """
    label = np.zeros((len(clips), n_classes), np.uint8)
    for clip_id, row, numbers in zip(clips.clip_id, label, class_numbers(clips), strict=True):
        if max(numbers, default=0) >= n_classes:
            raise ValueError(f"clip {clip_id}: class {max(numbers)}, but there are {n_classes} classes")
        row[numbers] = 1
        if loss in EXCLUSIVE and row.sum() != 1:
            raise ValueError(f"clip {clip_id} has {row.sum()} classes, for which the loss {loss!r} cannot be used")
    return label
