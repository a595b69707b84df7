"""What the plan wants of input files."""

import hashlib
import json
from types import SimpleNamespace

from poseattn.plan.engine import Maker, MakerOf, maker_of
from poseattn.plan.origins import Origins

FOLDER = "results/cubes/films/rgb"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _makers(asked: list[str]) -> MakerOf:
    """Finds a rule for cubes, which has functions of wildcards, one for runs, and one without a recipe."""

    def find(path: str) -> Maker | None:
        asked.append(path)
        if path.startswith("results/cubes"):
            recipe = lambda wildcards: f"recipe of {wildcards.dataset}"  # noqa: E731
            params = SimpleNamespace(recipe=recipe, code="c0de:stages.extract_cubes", weights="0a0b")
            return Maker(params, SimpleNamespace(dataset="films"))
        if path.startswith("results/runs"):
            return Maker(SimpleNamespace(run="a run", code="0123:stages.train"), SimpleNamespace())
        return Maker(SimpleNamespace(code="c0de"), SimpleNamespace()) if path.endswith(".tsv") else None

    return find


def test_files_that_differ_in_shard_alone_are_one_group() -> None:
    asked: list[str] = []
    origins = Origins(_makers(asked))
    said = origins.made_by(None, [f"{FOLDER}/000.h5", f"{FOLDER}/001.h5", "results/manifests/films.tsv"])
    wanted = {"code": "c0de", "recipe": _digest("recipe of films"), "weights": "0a0b"}
    assert json.loads(said) == {f"{FOLDER}/*.h5": wanted}
    assert origins.made_by(None, [f"{FOLDER}/000.h5"]) == said and len(asked) == 1


def test_a_run_is_a_recipe_as_well_and_other_files_have_none() -> None:
    origins = Origins(_makers([]))
    path = "results/runs/films/a/split1/seed3/checkpoint.pt"
    said = json.loads(origins.made_by(None, [path, "weights/net.pt"]))
    assert said == {path.replace("seed3", "seed*"): {"code": "0123", "recipe": _digest("a run")}}


def test_rules_are_found_by_their_files() -> None:
    rule = SimpleNamespace(
        params=SimpleNamespace(recipe=lambda wildcards: wildcards.name.upper(), code="c0de"),
        is_producer=lambda path: path.startswith("results/"),
        get_wildcards=lambda path: {"name": path.removeprefix("results/")},
    )
    find = maker_of(SimpleNamespace(rules=[rule]))
    maker = find("results/x")
    assert maker is not None and find("raw/x") is None
    assert (maker.parameter("recipe"), maker.parameter("code"), maker.parameter("weights")) == ("X", "c0de", "")
