"""Stage decode_frames keeps random pieces of the clips that train, and nothing else of them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from poseattn.clips.manifest import MANIFEST_COLUMNS, read_status, write_manifest
from poseattn.shards.images import open_images
from poseattn.stages import decode_frames
from poseattn.video.clip_frames import ClipFrames, squashed
from tests.video.rendered import Writer

RECIPE = {"store": "pieces", "size": [12, 16], "quality": 100, "length": 4, "count": 3, "seed": 0}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    rows = []
    for name, n_frames, use in (("a", 30, "trains"), ("b", 30, "trains"), ("c", 3, "validates"), ("d", 9, "tests")):
        writer = Writer(tmp_path / f"{name}.avi", "MJPG", 25, (32, 24))
        for number in range(n_frames):
            writer.write(np.full((24, 32, 3), 8 * number, np.uint8))
        writer.release()
        rows.append(dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": name, "path": f"{name}.avi", use: "only"})
    rows.append(dict.fromkeys(MANIFEST_COLUMNS, "") | {"clip_id": "gone", "trains": "only"})
    write_manifest(pd.DataFrame(rows), tmp_path / "manifest.tsv")
    return tmp_path


def _run(root: Path, name: str, **changes: object) -> Path:
    given = {"root": root, "manifest": root / "manifest.tsv", "uses": [root / "manifest.tsv"], "poses": []}
    given["recipe"] = json.dumps(RECIPE | changes)
    decode_frames.run(**given, out=root / f"{name}.h5", status=root / f"{name}.tsv", code="c")
    return root / f"{name}.h5"


def test_pieces_are_frames_of_the_clip_that_follow_each_other(root: Path) -> None:
    images = open_images([_run(root, "out")])
    assert images.shards.clip_ids == {"a", "b", "c"}
    drawn = {}
    for name in ("a", "b"):
        frames = [frame.image for frame in squashed(ClipFrames(root, f"{name}.avi"), [12, 16])]
        assert images.length(name) == 12
        starts = np.rint(images.time(name) * 25).astype(int).reshape(3, 4)
        assert (np.diff(starts, axis=1) == 1).all() and len(set(starts[:, 0])) == 3
        for place, number in enumerate(starts.reshape(-1).tolist()):
            assert abs(images.read(name, [place])[0].astype(int) - frames[number]).max() <= 3
        drawn[name] = starts[:, 0].tolist()
    assert drawn["a"] != drawn["b"]  # as long as each other, but another name
    assert np.rint(images.time("c") * 25).tolist() == [0, 1, 2, 2]
    status = read_status(root / "out.tsv").set_index("clip_id")
    assert status.n_frames.to_dict() == {"a": 30, "b": 30, "c": 3, "gone": 0}
    assert status.reason["gone"] == "no video"


def test_draws_depend_on_seed_and_clip_alone(root: Path) -> None:
    first, again, other = (open_images([_run(root, name, seed=seed)]) for name, seed in (("x", 0), ("y", 0), ("z", 1)))
    assert first.time("a").tolist() == again.time("a").tolist() != other.time("a").tolist()
