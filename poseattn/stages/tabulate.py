"""Make a results table: measured and published values side by side."""

import csv
import io
import json
from pathlib import Path

import numpy as np

from poseattn.files import replace_file
from poseattn.shards.shard import Shard
from poseattn.tables.scores import Scores
from poseattn.tables.tabulate import tabulate

ATTRS = (
    "run",
    "protocol",
    "split",
    "seed",
    "n_excluded",
    "n_missing",
    "n_protocol_excluded",
    "data",
    "weights",
    "note",
)
ATTRS += ("device", "input_versions")


def run(*, table: str, scores: list[Path], out: Path) -> None:
    """Write a table as CSV; equal inputs give equal bytes.

    It makes the tables `ntu_*`, `soft_attention_*`, `rpan_table*`, `rpan_std`, `penn_action_pose`, `activitynet_*`,
    `hollywood2_*`, `alstm_variants` and `stanford40_table1`; the stage measure_joints makes `rpan_joint_accuracy`.

    Args:
        table: The table as JSON: its columns, rows, published values, and the runs of each row.
        scores: Score shards of all runs, protocols and seeds of the table, in any order.
        out: CSV file to write.

    Raises:
        ValueError: Scores are broken, missing, or there twice.
    """
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(tabulate(json.loads(table), [_read(path) for path in scores]))
    replace_file(out, text.getvalue().encode())


def _read(path: Path) -> Scores:
    """Scores of one shard, checked."""
    with Shard(path, kind="scores", axes="clip class") as shard:
        if missing := [name for name in ATTRS if name not in shard.attrs]:
            raise ValueError(f"{path}: scores without the attributes {', '.join(missing)}")
        values, label = shard.side_all("data"), shard.side_all("label")
    if len(shard.clip_ids) != len(values):
        raise ValueError(f"{path}: {len(values)} rows of scores for {len(shard.clip_ids)} clips, expected one each")
    bad = ~np.isfinite(values).all(axis=1)
    if bad.any():
        raise ValueError(f"{path}: the scores of clip {shard.clip_ids[int(bad.argmax())]} are not finite numbers")
    return Scores(shard.clip_ids, values, label, shard.attrs)
