"""A toy data set of stored pictures: plain frames whose colour tells the class, and flow fields of one direction."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from poseattn import files
from poseattn.clips import manifest
from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.shards.jpegs import HEADER, LAYOUT, write_clip
from poseattn.shards.shard import ShardWriter
from poseattn.video.flow_codes import as_grey
from tests.frames import as_frames

CLASSES = ("red", "green", "blue")
EDGE = 16


def write_clips(path: Path, kind: str, clips: dict[str, list[np.ndarray | None]]) -> Path:
    """A shard of kind `jpegs` or `flow`."""
    with ShardWriter(path, **HEADER | {"kind": kind}, recipe="{}", code="", attrs={"layout": LAYOUT}) as writer:
        for clip_id, images in clips.items():
            write_clip(writer, clip_id, as_frames(images), 100)
    return path


def numbered(clip: int, n_frames: int) -> list[np.ndarray]:
    """Grey frames of the level 20 clip + frame."""
    return [np.full((EDGE, EDGE, 3), 20 * clip + frame, np.uint8) for frame in range(n_frames)]


def coloured(clip: int, n_frames: int = 6) -> list[np.ndarray]:
    """Noise in which the colour of class clip % 3 is brighter; frames are wider than high."""
    rng = np.random.default_rng(clip)
    brighter = 100 * (np.arange(3) == clip % 3)
    return [(rng.integers(0, 128, (EDGE, 24, 3)) + brighter).astype(np.uint8) for _ in range(n_frames)]


def moving(clip: int, n_fields: int = 5) -> list[np.ndarray]:
    """Flow fields, as grey images, that go to the right, up or down."""
    rng = np.random.default_rng(clip)
    direction = np.array([(40, 0), (0, -40), (0, 40)][clip % 3])
    return [as_grey((128 + direction + rng.integers(-9, 10, (EDGE, 24, 2))).astype(np.uint8)) for _ in range(n_fields)]


def write_manifest(path: Path, n_clips: int, n_test: int = 0, **changes: Sequence[str]) -> Path:
    """Clips c00, c01, ... of class number % 3, of which the last test in the protocol `only` and the others train."""
    rows = []
    for number in range(n_clips):
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": f"c{number:02d}", "label": str(number % 3)}
        rows.append(row | {"tests" if number >= n_clips - n_test else "trains": "only"})
    files.write_sealed(path, pd.DataFrame(rows).assign(**changes).to_csv(sep="\t", index=False))
    return path


def write_classes(path: Path, classes: Sequence[str] = CLASSES) -> Path:
    manifest.write_classes(classes, path)
    return path
