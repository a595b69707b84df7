"""Stage draw_overlay: any clip of a data set, and messages for those that cannot be drawn."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from poseattn.clips.manifest import read_manifest, write_manifest
from poseattn.stages import draw_overlay
from poseattn.video.decode import Video
from tests import trained


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained.make(tmp_path_factory.mktemp("workflow"))


def _run(folder: Path, clip: str, out: Path, **changes: Any) -> None:
    workflow = folder.parents[5]
    options = {"root": workflow / "videos", "manifest": workflow / "manifest.tsv", "cubes": [workflow / "cubes.h5"]}
    options |= {"checkpoint": folder / "checkpoint.pt", "run": json.dumps(trained.RUN), "threads": 1, "device": "cpu"}
    draw_overlay.run(**options | changes, clip=clip, out=out)


@pytest.mark.parametrize("clip", ["-b", "a #1"])
def test_every_frame_is_drawn_and_always_the_same(folder: Path, tmp_path: Path, clip: str) -> None:
    for name in ("x/1.mp4", "x/2.mp4"):
        _run(folder, clip, tmp_path / name)
    assert (tmp_path / "x/1.mp4").read_bytes() == (tmp_path / "x/2.mp4").read_bytes()
    with Video(tmp_path / "x/1.mp4") as video:
        images = [frame.image for frame in video.frames()]
    assert (len(images), images[0].shape) == (trained.CLIPS[clip], (240 + 72, 360, 3))


def test_clips_that_cannot_be_drawn(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no clip 'z'"):
        _run(folder, "z", tmp_path / "x.mp4")
    clips = read_manifest(folder.parents[5] / "manifest.tsv")
    write_manifest(pd.DataFrame(clips.assign(excluded="extract_cubes: cut off")), tmp_path / "bad.tsv")
    with pytest.raises(ValueError, match="clip 'c' is excluded: extract_cubes: cut off"):
        _run(folder, "c", tmp_path / "x.mp4", manifest=tmp_path / "bad.tsv")
    averaged = trained.RUN | {"arguments": trained.RUN["arguments"] | {"pooling": "average"}}
    with pytest.raises(ValueError, match="checkpoint of another network"):
        _run(folder, "c", tmp_path / "x.mp4", run=json.dumps(averaged))
    assert not list(tmp_path.glob("*.mp4"))
