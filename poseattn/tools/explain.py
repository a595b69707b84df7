"""Print what a table, run, recipe or data set uses: each value with the file and line that it comes from.

It reads the configuration as the pipeline does. It makes nothing, runs no code of a configuration file, and needs no
Snakemake.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import yaml

from poseattn.config.load import load
from poseattn.config.names import RECIPES
from poseattn.config.placed import Place, Placed, plain
from poseattn.messages import WrongUse, say
from poseattn.plan.datasets import Datasets
from poseattn.config.unknown import no_such

_NONE: list[Path] = []
_WORKFLOW = Path(__file__).parents[2] / "workflow"
_FORMS = "TABLE, run NAME, recipe KIND NAME or dataset NAME"
_WIDEST = 80  # characters before a place
Line = tuple[str, Place | None]


def run(*, names: list[str], configfile: list[Path] = _NONE) -> None:
    """Print what would be used, each value with the file and line that it comes from.

    Args:
        names: One of TABLE, run NAME, recipe KIND NAME, dataset NAME; a KIND is a section such as `cubes`.
        configfile: Configuration files, as for `snakemake --configfile`.

    Raises:
        ValueError: The configuration is wrong, or it has no such name.
    """
    lines = list(explain(names, configfile))
    width = min(_WIDEST, max((len(text) for text, place in lines if place), default=0))
    for text, place in lines:
        say(f"{text:<{width}}  # {place}" if place else text)


def explain(names: list[str], given: list[Path]) -> Iterator[Line]:
    """Find what would be used.

    Args:
        names: As for `run`.
        given: Files of `--configfile`.

    Yields:
        Lines of YAML, and the place of each line that has a value.

    Raises:
        ValueError: The configuration is wrong, or it has no such name.
    """
    match names:
        case ["run", name]:
            yield from _blocks(_load(given), "runs", name)
        case ["recipe", kind, name]:
            if kind not in RECIPES:
                raise ValueError(no_such("kind of recipe", kind, RECIPES))
            yield from _blocks(_load(given), kind, name)
        case ["dataset", name]:
            yield from _dataset(_load(given), name)
        case [name]:
            yield from _table(_load(given), name)
        case _:
            raise WrongUse(f"found {' '.join(names)!r}, expected {_FORMS}")


def _load(given: list[Path]) -> Placed:
    return load(_WORKFLOW, Path("config.yaml"), given)


def _entry(config: Placed, section: str, name: str) -> Placed:
    """Return an entry of a section."""
    entries = config.value[section].value
    return entries[name] if name in entries else _refuse(config, section, name)


def _refuse(config: Placed, section: str, name: str) -> NoReturn:
    """Say which names are near, and which command would explain something of that name."""
    kind = {"tables": "table", "runs": "run", "datasets": "data set"}.get(section, f"recipe of {section}")
    commands = {"tables": "", "runs": "run ", "datasets": "dataset "} | {kind: f"recipe {kind} " for kind in RECIPES}
    words = [f"{word}{name}" for part, word in commands.items() if name in config.value[part].value]
    if name.endswith("_synthetic") and (real := name.removesuffix("_synthetic")) in config.value["datasets"].value:
        words.append(f"dataset {real}")
    said = no_such(kind, name, config.value[section].value)
    raise ValueError(f"{said}; try `poseattn explain {words[0]}`" if words else said)


def _blocks(config: Placed, section: str, name: str) -> Iterator[Line]:
    """Print the blocks of a run or recipe that the roots of its data sets pick."""
    entry = _entry(config, section, name)
    datasets = config.value["datasets"].value
    named = next(iter(entry.value.values())).get("dataset")
    readers = {named.value: datasets[named.value]} if named and named.value in datasets else datasets
    for block, placed in entry.value.items():
        if users := [one for one in readers if _block_of(readers[one]) == block]:
            known = f"{users[0]} ({_root(readers[users[0]])})" if len(readers) == 1 else ", ".join(users)
            yield f"# {block}: used for {known}", None
            yield from _lines({f"{section}.{name}.{block}": placed})
        else:
            yield f"# {block}: not used for {', '.join(readers)}", None


def _block_of(dataset: Placed) -> str:
    return "standin" if dataset.value["root"].value == "synthetic" else "paper"


def _root(dataset: Placed) -> str:
    root = dataset.value["root"]
    return f"root: {root.value}, {root.place}"


def _dataset(config: Placed, name: str) -> Iterator[Line]:
    """Print what the user says of a data set, its files and readers, and the recipe of its stand-in if it has one."""
    entry = _entry(config, "datasets", name)
    sections = ["raw", "synthetic"] if _block_of(entry) == "standin" else ["raw"]
    datasets = Datasets({kind: plain(config.value[kind]) for kind in ("datasets", "raw", "finetune")})
    one = datasets.id_of(name)
    yield f"# {_block_of(entry)}: the block of each recipe and run that is used for it", None
    settings = {"weights": datasets.weights(one), "shards": datasets.n_shards(one)}
    settings["max_excluded"] = datasets.max_excluded(one)
    yield "# " + ", ".join(f"{key}: {value}" for key, value in settings.items()), None
    yield from _lines({f"datasets.{name}": entry})
    yield from _lines({f"{kind}.{name}": part for kind in sections if (part := config.value[kind].get(name))})


def _table(config: Placed, name: str) -> Iterator[Line]:
    """Print a table, and on which data sets it is measured."""
    table = _entry(config, "tables", name)
    datasets = config.value["datasets"].value
    groups = [table.get("columns"), table.get("extra_columns")]
    columns = [column for group in groups if group for column in group.value.values()]
    for dataset in sorted({column.value["dataset"].value for column in columns} & datasets.keys()):
        yield f"# {_block_of(datasets[dataset])}: used for {dataset} ({_root(datasets[dataset])})", None
    yield from _lines({f"tables.{name}": table})


def _lines(values: dict[Any, Placed], indent: str = "") -> Iterator[Line]:
    """Write values by key as YAML, a line for each value."""
    for key, placed in values.items():
        if isinstance(placed.value, dict) and placed.value:
            yield f"{indent}{_text(key)}:", None
            yield from _lines(placed.value, indent + "  ")
        elif isinstance(placed.value, list) and any(isinstance(one.value, dict) for one in placed.value):
            yield f"{indent}{_text(key)}:", None
            yield from _items(placed.value, indent + "  ")
        else:
            yield f"{indent}{_text(key)}: {_text(plain(placed))}", placed.place


def _items(items: Iterable[Placed], indent: str) -> Iterator[Line]:
    for item in items:
        lines = list(_lines(item.value, indent + "  "))
        yield f"{indent}- {lines[0][0].strip()}", lines[0][1]
        yield from lines[1:]


def _text(value: Any) -> str:
    """Write a value in one line of YAML."""
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6, allow_unicode=True)
    return text.removesuffix("\n").removesuffix("\n...")
