"""A toy data set of people: pictures with a coloured spot at each of MPII's joints, stored as squares around them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from poseattn.clips.manifest import MANIFEST_COLUMNS
from poseattn.datasets.mpii_poses import POSES
from poseattn.files import write_sealed
from poseattn.shards.jpegs import HEADER, LAYOUT, write_clip
from poseattn.shards.shard import ShardWriter
from tests.frames import as_frames

EDGE, MARGIN = 96, 1.5
REACH = 40.0  # half an edge of a person's square in pixels of the picture
N_JOINTS = 16


def spots(number: int) -> np.ndarray:
    """Joints of a person in pixels of a picture of 300x200: well inside the square around (150, 100)."""
    return np.random.default_rng(number).uniform(-0.75, 0.75, (N_JOINTS, 2)) * REACH + [150, 100]


def square() -> np.ndarray:
    return np.array([150 - REACH, 100 - REACH, 150 + REACH, 100 + REACH], np.float32)


def picture(number: int, joint: int | None = None) -> np.ndarray:
    """The stored square: a blurred white spot at one joint, or spots of all joints each in a colour of its own."""
    stored = ((spots(number) - 150 * np.array([1, 0]) - 100 * np.array([0, 1])) / REACH / MARGIN + 1) / 2 * EDGE
    rows, cols = np.mgrid[:EDGE, :EDGE] + 0.5
    image = np.zeros((EDGE, EDGE, 3))
    for one, (x, y) in enumerate(stored):
        if joint in (None, one):
            colour = [255, 255, 255] if joint is not None else [255 * (one >> bit & 1) for bit in range(3)]
            image += np.exp(-((rows - y) ** 2 + (cols - x) ** 2) / 18)[..., None] * colour
    return image.clip(0, 255).astype(np.uint8)


def write_people(folder: Path, n_people: int, n_test: int, joint: int | None = None) -> dict[str, list[Path]]:
    """Squares, poses and manifest of people p00, p01, ..., of whom the last test; joint 3 of the first is unknown."""
    folder = folder / f"{n_people}_{n_test}_{joint}"
    files = {"images": [folder / "f.h5"], "poses": [folder / "p.h5"], "manifest": [folder / "m.tsv"]}
    if folder.is_dir():
        return files
    folder.mkdir(parents=True)
    recipe = json.dumps({"store": "persons", "size": EDGE, "margin": MARGIN, "quality": 100, "poses": "annotated"})
    header = HEADER | {"recipe": recipe, "code": ""}
    with ShardWriter(folder / "f.h5", **header, attrs={"layout": LAYOUT}) as writer:
        for number in range(n_people):
            write_clip(writer, f"p{number:02d}", as_frames([picture(number, joint)]), 100)
    form = {"axes": POSES.axes, "units": POSES.units, "side": POSES.side, "attrs": {"layout": "mpii"}}
    with ShardWriter(folder / "p.h5", kind="poses", **form, recipe="{}", code="") as writer:
        for number in range(n_people):
            valid = np.ones((1, 1, N_JOINTS), np.uint8)
            valid[0, 0, 3] = number > 0
            writer.append(
                f"p{number:02d}",
                spots(number).astype(np.float32)[None, None],
                presence=np.ones((1, 1), np.uint8),
                visibility=valid,
                valid=valid,
                box=square()[None, None],
                size=np.array([[200, 300]], np.int32),
                head=np.full((1, 1), 16.0, np.float32),
            )
    rows = []
    for number in range(n_people):
        row = dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": f"p{number:02d}", "label": "0"}
        rows.append(row | {"tests" if number >= n_people - n_test else "trains": "official"})
    write_sealed(folder / "m.tsv", pd.DataFrame(rows).to_csv(sep="\t", index=False))
    return files
