"""Work for a clip does not grow with the number of clips. Calls of functions are counted: a clock would be unfair.

`benchmarks/bench_scale.py` measures the same at full size.
"""

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from poseattn.clips.listing import scan
from poseattn.clips.manifest import MANIFEST_COLUMNS, read_manifest, write_manifest
from poseattn.clips.raw_digests import RawDigests
from poseattn.shards.shard import Shard
from poseattn.stages import build_manifest, extract_cubes, gather_excluded, gather_manifest
from tests.video.rendered import Writer

FEW, MANY = 30, 300
MOST = 1.15  # times as many calls for a clip: what is done once for a shard, and what threads wait, counts as well


def calls_of(work: Callable[[], object]) -> int:
    """Functions that are called, in all threads."""
    counts: dict[int, int] = {}

    def count(frame: object, event: str, argument: object) -> None:
        if event in ("call", "c_call"):
            counts[threading.get_ident()] = counts.get(threading.get_ident(), 0) + 1

    threading.setprofile(count)
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return sum(counts.values())


def grows_as_the_clips(work: Callable[[int], Callable[[], object]]) -> bool:
    """Whether ten times as many clips need at most ten times as many calls, after a first turn that imports."""
    work(FEW)()
    few, many = calls_of(work(FEW)), calls_of(work(MANY))
    return many <= MOST * few * MANY / FEW


def test_the_count_tells_work_that_grows_faster() -> None:
    assert grows_as_the_clips(lambda n: lambda: [len("") for _ in range(n)])
    assert not grows_as_the_clips(lambda n: lambda: [len("") for _ in range(n * n)])


def own_clips(folder: Path, n_clips: int) -> Path:
    """Parts of one video, the worst case of a list."""
    folder.mkdir(exist_ok=True)
    (folder / "a.avi").touch()
    lines = "".join(f"a.avi,class{n},{'test' if n % 5 == 0 else 'train'},{n},{n + 1}\n" for n in range(n_clips))
    (folder / "clips.csv").write_text(f"path,label,split,start,end\n{lines}")
    return folder


def test_planning_and_manifests_of_a_list(tmp_path: Path) -> None:
    patterns = {"video": "clips.csv"}

    def plan(n_clips: int) -> Callable[[], object]:
        root = own_clips(tmp_path / f"{n_clips}", n_clips)

        def digest() -> None:
            digests = RawDigests(root, "csv", patterns, ["clips.csv"], 8)
            assert [digests.of_uses(shard) for shard in digests.shards]

        return digest

    def build(n_clips: int) -> Callable[[], object]:
        data = {"root": own_clips(tmp_path / f"{n_clips}", n_clips), "files": json.dumps(patterns)}
        data |= {"layout": "csv", "lists": '["clips.csv"]', "with_missing": 1}
        return lambda: build_manifest.run(**data, shard=0, n_shards=8, out=tmp_path / "out.tsv")

    assert grows_as_the_clips(plan)
    assert grows_as_the_clips(build)


def test_planning_of_a_folder_asks_for_each_file_once_and_opens_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rgb").mkdir()
    for number in range(20):
        (tmp_path / f"rgb/{number:02d}_rgb.avi").touch()
    opened = []
    monkeypatch.setattr("builtins.open", lambda *arguments, **options: opened.append(arguments))
    assert len(scan(tmp_path, {"video": "rgb/*_rgb.avi"})) == 20
    assert opened == []


def manifest(path: Path, n_clips: int) -> Path:
    columns = dict.fromkeys(MANIFEST_COLUMNS, "") | {"label": "0", "trains": "listed", "path": "v.avi"}
    clips = pd.DataFrame({name: [value] * n_clips for name, value in columns.items()})
    write_manifest(clips.assign(clip_id=[f"clip{number:06d}" for number in range(n_clips)]), path)
    return path


def test_tables_of_clips(tmp_path: Path) -> None:
    def copy(n_clips: int) -> Callable[[], object]:
        path = manifest(tmp_path / f"{n_clips}.tsv", n_clips)
        return lambda: write_manifest(read_manifest(path), tmp_path / "copy.tsv")

    def gather(n_clips: int) -> Callable[[], object]:
        manifests, excluded = [manifest(tmp_path / f"{n_clips}.tsv", n_clips)], tmp_path / "excluded.tsv"

        def run() -> None:
            gather_excluded.run(manifests=manifests, statuses=[], min_frames=0, out=excluded)
            given = {"manifests": manifests, "uses": manifests, "excluded": excluded}
            gather_manifest.run(**given, max_excluded=0.01, out=tmp_path / "all.tsv")

        return run

    assert grows_as_the_clips(copy)
    assert grows_as_the_clips(gather)


class Stub(nn.Module):
    """A backbone that costs nothing: the mean of an image."""

    input_shape = (8, 8, 3)

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, images: Tensor) -> Tensor:
        return images.float().mean(dim=(1, 2, 3))[:, None] * self.scale


def test_extraction_and_reading_of_a_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(tmp_path / "v.avi", "MJPG", 25, (16, 16))
    for level in (0, 100, 200):
        writer.write(np.full((16, 16, 3), level, np.uint8))
    writer.release()
    recipe = {"frames": {"store": "none", "size": 8}, "backbone": "stub", "mirror": False, "size": 8}
    recipe |= {"batch": 32, "compile": False, "weights": "random"}
    monkeypatch.setattr(extract_cubes, "ready_backbone", lambda *_: (Stub(), (1,), {"weights": "random"}))
    options = {"uses": [], "frames": [], "heatmaps": [], "weights": [], "threads": 1, "device": "cpu", "code": ""}

    def extract(n_clips: int) -> Callable[[], object]:
        paths = {"root": tmp_path, "manifest": manifest(tmp_path / "m.tsv", n_clips), "status": tmp_path / "s.tsv"}
        out = tmp_path / f"{n_clips}.h5"
        return lambda: extract_cubes.run(**paths, **options, out=out, recipe=json.dumps(recipe))

    def read(n_clips: int) -> Callable[[], object]:
        def clips() -> None:
            with Shard(tmp_path / f"{n_clips}.h5") as shard:
                assert all(len(shard.clip(clip_id)) == 3 for clip_id in shard.clip_ids)

        return clips

    assert grows_as_the_clips(extract)
    assert grows_as_the_clips(read)
    assert os.path.getsize(tmp_path / f"{MANY}.h5") < 10 * os.path.getsize(tmp_path / f"{FEW}.h5")
