"""The configuration's shape and spelling, checked when the DAG is built: one line a mistake, before any job starts."""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import relevance
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from poseattn.config.files import Keys
from poseattn.config.names import BLOCKS, FIGURES, RECIPES, SHOWN, known_names, references, stems_of_runs
from poseattn.config.unknown import meant, no_such, word_of

_LONGEST = 600  # characters of a message
_LARGEST = 2**32 - 1  # of whole numbers: seeds of NumPy have 32 bits
_KEPT_BY_USERS = ("datasets", "seeds", "device")  # keys of config.yaml


class Mistake(ValueError):
    """A mistake in the configuration, in one line.

    Args:
        where: Key of a part of the configuration, such as `runs.deep_gru.paper`.
        keys: Way from there to the value that is wrong.
        said: What was found and what was expected.

    Attributes:
        keys: Way to the value from the top.
    """

    keys: Keys

    def __init__(self, where: str, keys: Keys, said: str) -> None:
        super().__init__(f"{'.'.join([where, *map(str, keys)])}: {said}")
        self.keys = (*(key for key in where.split(".") if key != "config"), *keys)


def check_all(config: dict[str, Any], schemas: Path) -> None:
    """Check the merged configuration against the schemas, part by part.

    Args:
        config: Paper files and the user's file, merged.
        schemas: Folder of the `<part>.schema.yaml` files.

    Raises:
        Mistake: A key is unknown or missing or has a bad value; a part names another that does not exist; or two
            figures have one name.
    """
    if missing := [key for key in _KEPT_BY_USERS if key not in config]:
        raise Mistake(
            "config",
            (),
            f"no {', '.join(missing)}: config.yaml has them, which is not in {Path.cwd()}; "
            "give the command in the folder of the Snakefile, or copy its config.yaml here",
        )
    _check_numbers(config, ())
    for schema, where, value in _parts(config):
        check(value, schemas / f"{schema}.schema.yaml", where)
    _check_figures(config)
    for name, entry in config["weights"].items():
        if not entry.get("sha256", entry["sha256_prefix"]).startswith(entry["sha256_prefix"]):
            said = f"found {entry['sha256']!r}, but the published one begins with {entry['sha256_prefix']}"
            raise Mistake(f"weights.{name}.sha256", (), said)
    known = {
        kind: known_names(config, kind)
        for kind in ("raw", "datasets", "weights", "images", "models", "backbones", "scored", *BLOCKS)
    }
    for where, name, kind in references(config):
        if name.partition(":")[0] not in (names := known[kind]):
            names = sorted({*names, *stems_of_runs(config)} - {name}) if kind == "scored" else names
            raise Mistake(where, (), no_such(word_of(kind), name, names))


def check(value: Any, schema: Path, where: str) -> None:
    """Check one part of the configuration against one schema.

    Args:
        value: What YAML gave.
        schema: Path of a JSON schema written in YAML.
        where: Key of the part, such as `runs.deep_gru.paper`; it opens the message.

    Raises:
        Mistake: One line that names the key, what was found and what was expected.
    """
    error = max(_validator(schema).iter_errors(value), key=relevance, default=None)
    if error is not None:
        mistake = Mistake(where, tuple(error.absolute_path), _sentence(error) + _meant_entry(error, value))
        mistake.keys += tuple(sorted(_unknown(error))[:1])
        raise mistake


def _check_figures(config: dict[str, Any]) -> None:
    """Refuse two figures of one name, which would be one file."""
    kinds: dict[str, str] = {}
    for kind in FIGURES:
        for name in config[kind]:
            if (other := kinds.setdefault(name, kind)) != kind:
                raise Mistake(f"{kind}.{name}", (), f"{other}.{name} is a figure of the same name: rename one of them")


def _check_numbers(value: Any, keys: Keys) -> None:
    """Refuse not-a-number and infinity, which pass the limits of schemas, and whole numbers without a use."""
    if isinstance(value, float) and not math.isfinite(value):
        raise Mistake("config", keys, f"found {value}, expected a finite number")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise Mistake("config", keys, f"found a number beyond {_LARGEST}")
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            _check_numbers(one, (*keys, key))


@cache
def _validator(schema: Path) -> Validator:
    """Read a schema once: there are hundreds of parts, and every command checks them all."""
    return _Validator(yaml.load(schema.read_text(encoding="utf-8"), yaml.CSafeLoader))


def _is_whole(_: Any, value: Any) -> bool:
    """Whether a value is written as a whole number: 1.0 would become part of a path, or of a recipe."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole))


def _parts(config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Schema, key and value of every part: recipes, runs, tables and figures each have their own schema."""
    yield "config", "config", config
    for kind in RECIPES:
        for name, entry in config[kind].items():
            yield from ((_schema_of(kind, entry[root]), f"{kind}.{name}.{root}", entry[root]) for root in entry)
    for kind in ("synthetic", "images"):
        yield from (("synthetic", f"{kind}.{name}", entry) for name, entry in config[kind].items())
    for name, entry in config["runs"].items():
        yield from (("run", f"runs.{name}.{root}", entry[root]) for root in ("paper", "standin"))
    for name, entry in config["tables"].items():
        yield "table", f"tables.{name}", entry
    for kind in SHOWN:
        yield from ((kind, f"{kind}.{name}", entry) for name, entry in config[kind].items())


def _schema_of(kind: str, recipe: dict[str, Any]) -> str:
    """Schema of a recipe; poses that a network estimates and networks that learn heatmaps have their own."""
    if kind == "poses" and "heatmaps" in recipe:
        return "estimated_poses"
    return "heatmap_training" if kind == "finetune" and recipe.get("method") == "heatmaps" else kind


def _sentence(error: ValidationError) -> str:
    """What is wrong, in the user's words."""
    if error.validator == "not":  # of a schema that everything fits
        return f"found {error.instance!r}, which has no use here"
    if error.validator == "additionalProperties":
        unknown, known = sorted(_unknown(error)), sorted(error.schema.get("properties", {}))
        return f"unknown key {', '.join(map(repr, unknown))}{meant(unknown, known)}; expected one of {', '.join(known)}"
    said = " ".join(error.message.split())
    if error.instance is None:
        said = said.replace("None is", "nothing (null) is", 1)
    if error.validator == "type" and isinstance(error.instance, str) and _is_number(error.instance):
        said += " but text: a number such as 1e-3 is written 1.0e-3, and --config makes text of all but the first level"
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST // 2]} ... {said[-_LONGEST // 2 :]}"


def _meant_entry(error: ValidationError, config: Any) -> str:
    """Name the entry that a new and incomplete entry of a section was probably meant to change."""
    if error.validator != "required" or len(error.absolute_path) != 2:
        return ""
    section, entry = error.absolute_path
    others = config[section].keys() - {entry}
    return meant([str(entry)], sorted(others))


def _unknown(error: ValidationError) -> set[str]:
    """Keys that a schema does not know."""
    if error.validator != "additionalProperties":
        return set()
    return {str(key) for key in error.instance} - set(error.schema.get("properties", {}))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
