"""The configuration's shape and spelling, checked when the DAG is built: one line a mistake, before any job starts."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import relevance

from poseattn.roles import kind_of

_RECIPES = (  # sections whose entries are blocks of recipes
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
_LONGEST = 600  # characters of a message
# Settings of a run that move no number of a training.
SCORING_ONLY = ("readout", "test_draws", "test_stride", "test_mirror", "note", "checkpoint_of")


def check_all(config: dict[str, Any], schemas: Path) -> None:
    """Check the merged configuration against the schemas, part by part.

    Args:
        config: Paper files and the user's file, merged.
        schemas: Folder of the `<part>.schema.yaml` files.

    Raises:
        ValueError: A key is unknown or missing or has a bad value; or a part names another that does not exist.
    """
    for schema, where, value in _parts(config):
        check(value, schemas / f"{schema}.schema.yaml", where)
    for where, name, kind in _references(config):
        if name not in config[kind]:
            known = "data sets" if kind == "raw" else kind
            raise ValueError(f"{where}: {name!r} is not one of the {known}: {', '.join(sorted(config[kind]))}")


def check(value: Any, schema: Path, where: str) -> None:
    """Check one part of the configuration against one schema.

    Args:
        value: What YAML gave.
        schema: Path of a JSON schema written in YAML.
        where: Key of the part, such as `runs.deep_gru.paper`; it opens the message.

    Raises:
        ValueError: One line that names the key, what was found and what was expected.
    """
    error = max(_validator(schema).iter_errors(value), key=relevance, default=None)
    if error is not None:
        path = ".".join([where, *map(str, error.absolute_path)])
        raise ValueError(f"{path}: {_sentence(error)}")


@cache
def _validator(schema: Path) -> Draft202012Validator:
    """Read a schema once: there are hundreds of parts, and every command checks them all."""
    return Draft202012Validator(yaml.safe_load(schema.read_text(encoding="utf-8")))


def _parts(config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Schema, key and value of every part: recipes, runs, tables and figures each have their own schema."""
    yield "config", "config", config
    for kind in _RECIPES:
        for name, entry in config[kind].items():
            yield from ((_schema_of(kind, entry[root]), f"{kind}.{name}.{root}", entry[root]) for root in entry)
    for kind in ("synthetic", "images"):
        yield from (("synthetic", f"{kind}.{name}", entry) for name, entry in config[kind].items())
    for name, entry in config["runs"].items():
        yield from (("run", f"runs.{name}.{root}", entry[root]) for root in ("paper", "standin"))
    for name, entry in config["tables"].items():
        yield "table", f"tables.{name}", entry
    for name, entry in config["figures"].items():
        yield "figure", f"figures.{name}", entry
    for kind in ("strips", "confusions", "states", "guided", "moments", "gains", "joints", "pose_maps", "cells"):
        yield from ((kind, f"{kind}.{name}", entry) for name, entry in config[kind].items())


def _schema_of(kind: str, recipe: dict[str, Any]) -> str:
    """Schema of a recipe; poses that a network estimates and networks that learn heatmaps have their own."""
    if kind == "poses" and "heatmaps" in recipe:
        return "estimated_poses"
    return "heatmap_training" if kind == "finetune" and recipe.get("method") == "heatmaps" else kind


def _references(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Key, name and section of everything that one part of the configuration calls by name."""
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
                kind = "snippet_scores" if run in config["snippet_scores"] else "runs"
                yield f"tables.{name}.rows.{row['method_id']}", run, kind
    yield from _references_of_pictures(config)
    yield from _references_of_recipes(config)


def _references_of_pictures(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What pictures and tables of joints call by name."""
    kinds = {"run": "runs", "poses": "poses", "annotated": "poses", "frames": "frames", "cubes": "cubes"}
    kinds |= {"heatmaps": "heatmaps"}
    for section in ("figures", "guided", "joints", "pose_maps"):
        for name, entry in config[section].items():
            yield from ((f"{section}.{name}.{key}", entry[key], kind) for key, kind in kinds.items() if key in entry)
    for name, figure in config["strips"].items():
        yield from ((f"strips.{name}.strips", strip["run"], "runs") for strip in figure["strips"])
    for name, figure in config["confusions"].items():
        yield from ((f"confusions.{name}.runs", one["run"], "runs") for one in figure["runs"])
    for name, figure in config["states"].items():
        yield from ((f"states.{name}.runs", run, "runs") for run in figure["runs"])
    for name, figure in config["cells"].items():
        yield f"cells.{name}.run", figure["run"], "runs"
    for name, figure in config["moments"].items():
        yield from ((f"moments.{name}.panels", run, "runs") for panel in figure["panels"] for run in panel["runs"])
    for name, figure in config["gains"].items():
        yield from ((f"gains.{name}.runs", one["run"], "runs") for one in figure["runs"])
        yield f"gains.{name}.baseline", figure["baseline"], "runs"


def _references_of_recipes(config: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What recipes call by name."""
    kinds = ("poses", "frames", "flow", "images", "heatmaps")
    for section in _RECIPES:
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


def _kind_of_weights(config: dict[str, Any], section: str, root: str, name: str) -> str:
    """Section of some weights: the paper's are published, those of a stand-in pretrained here; or both fine-tuned."""
    if section in ("cubes", "pieces", "heatmaps") and name in config["finetune"]:
        return "finetune"
    return "weights" if root == "paper" or section == "flow" else "pretrain"


def _sentence(error: ValidationError) -> str:
    """What is wrong, in the user's words."""
    if error.validator == "not":  # of a schema that everything fits
        return f"found {error.instance!r}, which has no use here"
    if error.validator == "additionalProperties":
        known = sorted(error.schema.get("properties", {}))
        unknown = sorted(set(error.instance) - set(known))
        return f"unknown key {', '.join(map(repr, unknown))}; expected one of {', '.join(known)}"
    said = " ".join(error.message.split())
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST // 2]} ... {said[-_LONGEST // 2 :]}"
