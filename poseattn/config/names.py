"""Names by which parts of the configuration call each other, such as the recipe that a run reads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from poseattn.inputs.roles import kind_of

RECIPES = (  # sections whose entries are blocks of recipes
    "poses",
    "frames",
    "flow",
    "glimpses",
    "cubes",
    "pieces",
    "heatmaps",
    "pretrain",
    "finetune",
    "snippet_scores",
)
BLOCKS = ("runs", *RECIPES)
# Kinds of figures: each is a section, a schema and a module of poseattn/figures.
FIGURES = ("hands", "strips", "confusions", "states", "pose_attention", "moments", "gains", "pose_maps", "cells")
SHOWN = (*FIGURES, "joints")  # sections whose entries show a run or a recipe of one data set


def references(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Everything that one part of the configuration calls by name.

    Args:
        config: Paper files and the user's file, merged and of the right shape.

    Yields:
        Key that calls, name that it gives, and kind of the name as `known_names` takes it.
    """
    yield from _modules_and_datasets(config)
    for dataset, entry in config["datasets"].items():
        if "layout" not in entry:
            yield f"datasets.{dataset}", dataset, "raw"
        for kind, recipe in entry.get("read_by", {}).items():
            yield f"datasets.{dataset}.read_by.{kind}", recipe, kind
    for name, entry in config["raw"].items():
        yield from ((f"raw.{name}.read_by.{kind}", recipe, kind) for kind, recipe in entry["read_by"].items())
    for name, entry in config["runs"].items():
        for root in ("paper", "standin"):
            for role, recipe in entry[root]["inputs"].items():
                named = {recipe.replace("{protocol}", protocol) for protocol in entry[root]["protocols"]}
                yield from ((f"runs.{name}.{root}.inputs.{role}", one, kind_of(role)) for one in sorted(named))
            if "start" in entry[root]:
                yield f"runs.{name}.{root}.start.dataset", entry[root]["start"]["dataset"], "datasets"
                yield f"runs.{name}.{root}.start.run", entry[root]["start"]["run"], "runs"
            if "pose_guidance" in entry[root]:
                yield f"runs.{name}.{root}.pose_guidance.joints", entry[root]["pose_guidance"]["joints"], "poses"
            if "checkpoint_of" in entry[root]:
                yield f"runs.{name}.{root}.checkpoint_of", entry[root]["checkpoint_of"], "runs"
    for name, table in config["tables"].items():
        for row in table["rows"]:
            runs = row.get("runs", [])
            runs = sum(runs.values(), []) if isinstance(runs, dict) else runs
            for run in runs:
                yield f"tables.{name}.rows.{row['method_id']}.runs", run, "scored"
    yield from _references_of_figures(config)
    yield from _references_of_recipes(config)


def _modules_and_datasets(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Modules and data sets that entries of any section name."""
    kinds = {"model": "models", "backbone": "backbones", "dataset": "datasets"}
    for section in (*BLOCKS, *SHOWN, "tables"):
        for name, entry in config[section].items():
            blocks = {f"{section}.{name}": entry}
            if section in BLOCKS:
                blocks = {f"{section}.{name}.{root}": block for root, block in entry.items()}
            if section == "tables":
                for group in ("columns", "extra_columns"):
                    columns = entry.get(group, {}).items()
                    blocks |= {f"{section}.{name}.{group}.{column}": block for column, block in columns}
            for where, block in blocks.items():
                yield from ((f"{where}.{key}", block[key], kind) for key, kind in kinds.items() if key in block)


def _references_of_figures(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Find the names by which figures and tables of joints call recipes and runs."""
    kinds = {"annotated": "poses"} | {kind: kind for kind in ("poses", "frames", "cubes", "heatmaps")}
    for section in SHOWN:
        for name, entry in config[section].items():
            named = {key: kind for key, kind in kinds.items() if isinstance(entry.get(key), str)}
            yield from ((f"{section}.{name}.{key}", entry[key], kind) for key, kind in named.items())
            yield from ((f"{section}.{name}.{key}", run, "runs") for key, run in runs_of_figure(entry))


def runs_of_figure(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Find the runs that a figure shows.

    Args:
        entry: The figure, as its section of the configuration has it.

    Returns:
        Key and name of each run in the order of the configuration, a baseline first; a run may come several times.
    """
    found = [(key, entry[key]) for key in ("baseline", "run") if key in entry]
    for key in ("runs", "strips", "panels"):
        for one in entry.get(key, []):
            runs = [one] if isinstance(one, str) else one.get("runs") or [one["run"]]
            found += [(key, run) for run in runs]
    return found


def _references_of_recipes(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What recipes call by name."""
    kinds = ("poses", "frames", "flow", "images", "heatmaps")
    for section in RECIPES:
        for name, entry in config[section].items():
            for root, recipe in entry.items():
                where = f"{section}.{name}.{root}"
                yield from ((f"{where}.{kind}", recipe[kind], kind) for kind in kinds if kind in recipe)
                if "pretrained_by" in recipe:
                    name = recipe["pretrained_by"]
                    yield f"{where}.pretrained_by", name, _kind_of_weights(config, section, root, name)
                if recipe.get("start"):
                    yield f"{where}.start", recipe["start"], _kind_of_weights(config, section, root, recipe["start"])
                for protocol in recipe["protocols"] if "network" in recipe else ():
                    yield f"{where}.network", recipe["network"].replace("{protocol}", protocol), "finetune"


def known_names(config: dict[str, Any], kind: str) -> list[str]:
    """Names of a kind that can be called.

    Args:
        config: Paper files and the user's file, merged.
        kind: A section; `models` or `backbones` for modules of the package; or `scored` for the runs that tables name.

    Returns:
        The names in order.
    """
    if kind in ("models", "backbones"):
        return sorted(file.stem for file in (Path(__file__).parents[1] / kind).glob("[a-z]*.py"))
    if kind == "scored":
        return sorted(config["runs"] | config["snippet_scores"])
    return sorted(config["raw"] | config["datasets"] if kind == "datasets" else config[kind])


def stems_of_runs(config: dict[str, Any]) -> set[str]:
    """Find the short names by which rows of tables may call runs.

    Args:
        config: Paper files and the user's file, merged.

    Returns:
        Names of runs without the data set at their end.
    """
    runs = {name: run["paper"]["dataset"] for name, run in (config["runs"] | config["snippet_scores"]).items()}
    return {name.removesuffix(f"_{dataset}") for name, dataset in runs.items() if name.endswith(f"_{dataset}")}


def _kind_of_weights(config: dict[str, Any], section: str, root: str, name: str) -> str:
    """Section of some weights: the paper's are published, those of a stand-in pretrained here; or both fine-tuned."""
    if section in ("cubes", "pieces", "heatmaps") and name in config["finetune"]:
        return "finetune"
    return "weights" if root == "paper" or section == "flow" else "pretrain"
