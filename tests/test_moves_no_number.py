"""Constants that modules name in `MOVES_NO_NUMBER`: with another value each, shards hold the same numbers."""

import ast
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from poseattn.provenance.syntax import MARK, harmless_names
from poseattn.shards.shard import Shard
from poseattn.stages import evaluate, extract_cubes
from tests import trained

ROOT = Path(__file__).parents[1]


def _declared() -> list[tuple[str, str]]:
    """Module and name of every such constant of the package."""
    sources = [path for path in sorted((ROOT / "poseattn").rglob("*.py")) if f"\n{MARK} = " in path.read_text()]
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in sources}
    return [(module, name) for module, path in modules.items() for name in harmless_names(ast.parse(path.read_text()))]


def _changed(value: Any) -> Any:
    """Another value of the same type."""
    return value[:-1] if isinstance(value, tuple | str) else value + 1


def _make(workflow: Path, out: Path) -> None:
    """Cubes of videos, and scores of these by a trained model."""
    run = {"recipe": json.dumps(trained.RECIPE), "threads": 1, "device": "cpu", "code": "c0de"}
    given = {
        "root": workflow / "videos",
        "manifest": workflow / "manifest.tsv",
        "weights": [],
        "frames": [],
        "uses": [],
    }
    extract_cubes.run(**given, **run, heatmaps=[], out=out / "cubes.h5", status=out / "status.tsv")
    inputs = {name: [] for name in ("poses", "glimpses", "pieces", "attended", "heatmaps")}
    evaluate.run(
        manifest=workflow / "manifest.tsv", classes=workflow / "classes.txt", **inputs, cubes=[out / "cubes.h5"],
        checkpoint=workflow / "results/runs/toy/toy_attention/groups/seed0/checkpoint.pt", run=json.dumps(trained.RUN),
        protocol="groups", seed=0, split="test", out=out / "scores.h5", threads=1, device="cpu", memory=0, code="c0de",
    )  # fmt: skip


@pytest.fixture(scope="module")
def workflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained toy run, and what the constants as they are make of its videos."""
    folder = tmp_path_factory.mktemp("workflow")
    trained.make(folder)
    _make(folder, folder)
    return folder


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with Shard(path) as shard:
        return {name: shard.side_all(name) for name in shard.arrays}


def _attrs(path: Path) -> dict[str, Any]:
    """Attributes of a shard, and axes, units and checksum of each array."""
    with Shard(path) as shard:
        return shard.attrs | {name: (array.axes, array.units, array.crc32) for name, array in shard.arrays.items()}


def _users(module: str, name: str) -> list[ModuleType]:
    """The module that defines a constant, and all that import it by name: each has a variable of its own."""
    defining = importlib.import_module(module)
    if name.startswith("_"):
        return [defining]
    modules = [found for key, found in sys.modules.items() if key.split(".")[0] == "poseattn"]
    return [found for found in modules if getattr(found, name, None) is getattr(defining, name)]


def test_a_constant_is_changed_wherever_it_is_used() -> None:
    assert {"poseattn.files", "poseattn.shards.format"} <= {
        user.__name__ for user in _users("poseattn.files", "REPAIR")
    }


@pytest.mark.parametrize(("module", "name"), _declared())
def test_another_value_makes_the_same_shards(
    workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str
) -> None:
    value = getattr(importlib.import_module(module), name)
    for user in _users(module, name):
        monkeypatch.setattr(user, name, _changed(value))
    _make(workflow, tmp_path)
    for file in ("cubes.h5", "scores.h5"):
        one, two = _arrays(workflow / file), _arrays(tmp_path / file)
        assert one.keys() == two.keys()
        assert all(array.tobytes() == two[key].tobytes() for key, array in one.items())
        one, two = _attrs(workflow / file), _attrs(tmp_path / file)
        assert one.keys() == two.keys()
        recorded = {"versions", "input_versions"} & one.keys() if name == "_RECORDED" else set()
        assert {key for key in one if one[key] != two[key]} == recorded
    assert (workflow / "status.tsv").read_bytes() == (tmp_path / "status.tsv").read_bytes()
