"""Print what a table, figure, run, recipe or data set uses: each value with the file and line that it comes from.

It reads the configuration as the pipeline does. It makes nothing, runs no code of a configuration file, and needs no
Snakemake.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from poseattn.config.load import load
from poseattn.config.names import FIGURES, RECIPES
from poseattn.config.placed import Placed, plain
from poseattn.config.unknown import no_such, there_are, word_of
from poseattn.messages import WrongUse, say
from poseattn.plan.datasets import Datasets, is_standin
from poseattn.plan.recipes import block_of, is_of_network
from poseattn.tools._placed_lines import Line, join, lines_of

USAGE = "poseattn explain TABLE or FIGURE | run NAME | recipe KIND NAME | dataset NAME [--configfile FILE ...]"
_NONE: list[Path] = []
_WORKFLOW = Path(__file__).parents[2] / "workflow"
_FORMS = "TABLE or FIGURE, run NAME, recipe KIND NAME or dataset NAME"
_SHOWN = ("tables", "joints", *FIGURES)  # sections whose entries are called by their name alone
_RUNS = ("runs", "snippet_scores")
_FIRST = ("model", "dataset")  # keys of a run or recipe that come first
_PROTOCOL = "{protocol}"


def run(*, names: list[str], configfile: list[Path] = _NONE) -> None:
    """Print what would be used, each value with the file and line that it comes from.

    Args:
        names: One of TABLE or FIGURE, run NAME, recipe KIND NAME, dataset NAME; a KIND is a section such as `cubes`.
        configfile: Configuration files, as for `snakemake --configfile`.

    Raises:
        ValueError: The configuration is wrong, or it has no such name.
    """
    for line in join(explain(names, configfile)):
        say(line)


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
        case ["recipe"]:
            raise WrongUse(f"`explain recipe` lacks a kind and a name; {there_are(RECIPES)}")
        case ["recipe", kind, *_] if kind not in RECIPES:
            raise ValueError(no_such("kind of recipe", kind, RECIPES))
        case ["run" | "dataset"] | ["recipe", _]:
            _refuse_nameless(_load(given), names)
        case ["run", name]:
            yield from _run(_load(given), name)
        case ["recipe", kind, name]:
            yield from _blocks(_load(given), kind, name)
        case ["dataset", name]:
            yield from _dataset(_load(given), name)
        case [name]:
            yield from _shown(_load(given), name)
        case _:
            raise WrongUse(f"found {' '.join(names)!r}, expected {_FORMS}")


def _load(given: list[Path]) -> Placed:
    return load(_WORKFLOW, Path("config.yaml"), given)


def _refuse_nameless(config: Placed, words: list[str]) -> NoReturn:
    """Say that a name is missing, and which there are."""
    sections = {"run": _RUNS, "dataset": ("datasets",)}.get(words[0], words[1:])
    known = [name for section in sections for name in config.value[section].value]
    raise WrongUse(f"`explain {' '.join(words)}` lacks a name; {there_are(known)}")


def _section_of(config: Placed, name: str, word: str, *sections: str) -> str:
    """Find the section that has a name; refuse a name that none has, and say which command would explain it."""
    for section in sections:
        if name in config.value[section].value:
            return section
    commands = dict.fromkeys(_SHOWN, "") | dict.fromkeys(_RUNS, "run ") | {"datasets": "dataset "}
    commands |= {kind: f"recipe {kind} " for kind in RECIPES if kind not in _RUNS}
    words = [f"{command}{name}" for part, command in commands.items() if name in config.value[part].value]
    if name.endswith("_synthetic") and (real := name.removesuffix("_synthetic")) in config.value["datasets"].value:
        words.append(f"dataset {real}")
    said = no_such(word, name, [known for section in sections for known in config.value[section].value])
    raise ValueError(f"{said}; try `poseattn explain {words[0]}`" if words else said)


def _run(config: Placed, name: str) -> Iterator[Line]:
    """Print the blocks of a run or of a scoring of snippets, and with which seeds and on which device it runs."""
    section = _section_of(config, name, "run", *_RUNS)
    yield from _blocks(config, section, name)
    yield from lines_of({key: config.value[key] for key in ("seeds", "device")})
    if section == "snippet_scores":
        yield "# snippets are scored once: the seed is 0, whatever `seeds` says", None
    yield "# stand-ins run on the CPU, whatever `device` says", None


def _blocks(config: Placed, section: str, name: str) -> Iterator[Line]:
    """Print the blocks of a run or recipe that its data sets pick."""
    entry = config.value[_section_of(config, name, word_of(section), section)].value[name]
    datasets = config.value["datasets"].value
    named = next(iter(entry.value.values())).get("dataset")
    readers = {named.value: datasets[named.value]} if named and named.value in datasets else datasets
    for block, placed in entry.value.items():
        users = [one for one in readers if block_of(section, plain(readers[one])) == block]
        if named:
            use = f"used for {users[0]} ({_root(readers[users[0]])})" if users else f"not used for {', '.join(readers)}"
        else:
            use = f"the block for data sets with {_condition(section, block)} ({', '.join(users) or 'there is none'})"
        yield f"# {block}: {use}", None
        if users:
            yield from _of_protocols(plain(placed))
            first = {key: placed.value[key] for key in _FIRST if key in placed.value}
            yield from lines_of({f"{section}.{name}.{block}": Placed(first | placed.value, placed.place)})


def _condition(section: str, block: str) -> str:
    """Say which data sets pick a block."""
    root, weights = ("root: synthetic", "standin") if block == "standin" else ("a real root", "pretrained")
    return f"{root} or weights: {weights}" if is_of_network(section) else root


def _of_protocols(block: dict[str, Any]) -> Iterator[Line]:
    """Write out, for each protocol, the names that have the protocol in them."""
    values = (block | block.get("inputs", {})).items()
    named = {key: value for key, value in values if isinstance(value, str) and _PROTOCOL in value}
    for protocol in block.get("protocols", []) if named else ():
        names = (f"{key} {value.replace(_PROTOCOL, protocol)}" for key, value in named.items())
        yield f"# {protocol}: {', '.join(names)}", None


def _root(dataset: Placed) -> str:
    root = dataset.value["root"]
    return f"root: {root.value}, {root.place}"


def _dataset(config: Placed, name: str) -> Iterator[Line]:
    """Print what the user says of a data set, its files and readers, and the recipe of its stand-in if it has one."""
    datasets = Datasets({kind: plain(config.value[kind]) for kind in ("datasets", "raw", "finetune")})
    given, name = name, datasets.names.get(name, name)  # `list` prints the name in paths
    entry = config.value[_section_of(config, name, "data set", "datasets")].value[name]
    one = given if given in datasets.names else datasets.id_of(name)
    sections, block = (["raw", "synthetic"], "standin") if is_standin(one) else (["raw"], "paper")
    yield f"# {block}: the block of each recipe and run that is used for it", None
    settings = {"weights": datasets.weights(one), "shards": datasets.n_shards(one)}
    settings["max_excluded"] = datasets.max_excluded(one)
    yield "# " + ", ".join(f"{key}: {value}" for key, value in settings.items()), None
    yield from lines_of({f"datasets.{name}": entry})
    yield from lines_of({f"{kind}.{name}": part for kind in sections if (part := config.value[kind].value.get(name))})


def _shown(config: Placed, name: str) -> Iterator[Line]:
    """Print a table or a figure, and for which data sets it is made."""
    section = _section_of(config, name, "table or figure", *_SHOWN)
    entry = config.value[section].value[name]
    datasets = config.value["datasets"].value
    groups = [entry.get("columns"), entry.get("extra_columns")] if section == "tables" else []
    parts = [column for group in groups if group for column in group.value.values()] or [entry]
    for dataset in sorted({part.value["dataset"].value for part in parts} & datasets.keys()):
        block = block_of(section, plain(datasets[dataset]))
        yield f"# {block}: used for {dataset} ({_root(datasets[dataset])})", None
    yield from lines_of({f"{section}.{name}": entry})
