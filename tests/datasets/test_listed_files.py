"""What lists say that features depend on: it changes whenever another clip is to be described, and only then."""

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import pytest

from poseattn.clips.shard_clips import CLIP_COLUMNS
from poseattn.datasets import hollywood2
from poseattn.datasets.mpii_annotations import read_people
from tests.datasets.test_mpii import write_annotations

Texts = dict[str, str]
MISSING = "NTU_RGBD_samples_with_missing_skeletons.txt"
SPLITS = [f"wave_test_split{number}.txt" for number in (1, 2, 3)]
LISTS: dict[str, Texts] = {
    "ntu": {MISSING: "prose\nS001C001P001R001A001\n"},
    "hmdb51": dict.fromkeys(SPLITS, "a.avi 1\nb.avi 2\n"),
    "sub_jhmdb": dict.fromkeys(SPLITS, "a.avi 1\nb.avi 2\n"),
    "hollywood2": {f"{name}_{part}.txt": f"{part}1  -1\n" for name in hollywood2.CLASSES for part in ("train", "test")},
    "stanford40": {"actions.txt": "head\nrun 2\n", "run_train.txt": "run_1.jpg\n", "run_test.txt": "run_2.jpg\n"},
}


def _clips(root: Path, layout: str, texts: Texts) -> tuple[dict[str, str], list[tuple[str, ...]]]:
    """What the lists say of files, and what stands in tables of clips, sorted."""
    for name, text in texts.items():
        (root / name).write_text(text)
    module, names = import_module(f"poseattn.datasets.{layout}"), sorted(texts)
    files = {"S001C001P001R001A001": {"skeleton": "x"}, "S001C001P001R001A002": {"skeleton": "y"}}
    rows = module.manifest_rows(root, files if layout == "ntu" else {}, names)
    return module.listed_files(root, names), sorted(tuple(row.get(name, "") for name in CLIP_COLUMNS) for row in rows)


@pytest.mark.parametrize(
    ("layout", "changes", "moves"),
    [
        ("ntu", {MISSING: "other prose\nS001C001P001R001A001\n"}, False),
        ("ntu", {MISSING: "S001C001P001R001A002\n"}, True),
        ("hmdb51", {SPLITS[1]: "b.avi 1\na.avi 2\n"}, False),
        ("hmdb51", {SPLITS[1]: "a.avi 1\nb.avi 2\nc.avi 0\n"}, True),
        ("sub_jhmdb", {SPLITS[1]: "a.avi 0\nb.avi 0\n"}, False),
        ("sub_jhmdb", dict.fromkeys(SPLITS, "a.avi 1\n"), True),
        ("hollywood2", {"Kiss_train.txt": "train1  1\n"}, False),
        ("hollywood2", {"Kiss_train.txt": "train1  -1\ntrain2  -1\n"}, True),
        ("stanford40", {"run_train.txt": "run_2.jpg\n", "run_test.txt": "run_1.jpg\n"}, False),
        ("stanford40", {"run_test.txt": "run_3.jpg\n"}, True),
    ],
)
def test_other_divisions_move_no_clip(tmp_path: Path, layout: str, changes: Texts, moves: bool) -> None:
    said, rows = _clips(tmp_path, layout, LISTS[layout])
    other_said, other_rows = _clips(tmp_path, layout, LISTS[layout] | changes)
    assert (said != other_said, rows != other_rows) == (moves, moves)


def _activitynet(subset: str = "training", start: float = 1.0, label: str = "run", duration: float = 9.0) -> Texts:
    segment = {"label": label, "segment": [start, 5.0]}
    video = {"subset": subset, "duration": duration, "annotations": [segment]}
    nodes: list[dict[str, Any]] = [{"nodeName": name, "nodeId": name, "parentId": None} for name in ("run", "sit")]
    return {"activity_net.json": json.dumps({"database": {"abcdefghijk": video}, "taxonomy": nodes})}


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"label": "sit"}, False),
        ({"subset": "validation"}, False),
        ({"duration": 8.0}, False),
        ({"subset": "testing"}, True),
        ({"start": 2.0}, True),
        ({"duration": 0.5}, True),
    ],
)
def test_segments_move_clips_by_their_times(tmp_path: Path, change: dict[str, Any], moves: bool) -> None:
    said, rows = _clips(tmp_path, "activitynet", _activitynet())
    other_said, other_rows = _clips(tmp_path, "activitynet", _activitynet(**change))
    assert (said != other_said, rows != other_rows) == (moves, moves)


def _nobody(arrays: dict[str, Any]) -> None:
    """The same annotation once more."""


def _a_joint(arrays: dict[str, Any]) -> None:
    arrays["part"][2, 4] += 1


@pytest.mark.parametrize(("edit", "moved"), [(_nobody, []), (_a_joint, ["b"])])
def test_annotated_people_move_their_image_alone(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None], moved: list[str]
) -> None:
    mpii = import_module("poseattn.datasets.mpii")
    path = write_annotations(tmp_path / "train.h5", ["a.jpg", "b.jpg"])
    before = mpii.listed_files(tmp_path, ["train.h5"])
    with h5py.File(path) as file:
        arrays = {name: file[name][:] for name in file}
    edit(arrays)
    write_annotations(path, ["a.jpg", "b.jpg"], **arrays)
    read_people.cache_clear()
    after = mpii.listed_files(tmp_path, ["train.h5"])
    assert sorted(after) == ["a", "b"]
    assert [name for name in after if before[name] != after[name]] == moved
