"""List data sets, tables, figures and runs: what each needs, and whether it is made.

A data set is a stand-in, or real, or its root is missing. Weights are the published files that must be in `weights/`;
the workflow fetches the files that have a public address. A run counts one file of scores for each protocol and seed.
Nothing is changed, and no video is opened. Give the command in the folder where Snakemake runs.
"""

import json as json_text
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from poseattn.config.load import load
from poseattn.config.placed import plain
from poseattn.messages import say
from poseattn.plan.datasets import STANDIN
from poseattn.plan.inventory import Inventory, Item
from poseattn.plan.plan import Plan

_NONE: list[Path] = []
_WORKFLOW = Path(__file__).parents[2] / "workflow"
_MARKS = {"stand-in": "*", "real": "", "missing": "!"}
_LEGEND = "* a stand-in, ! no such folder; weights are named where they are missing"


def run(*, configfile: list[Path] = _NONE, json: bool = False) -> None:
    """Print a line for each data set, table, figure and run of the configuration.

    Args:
        configfile: Configuration files, as for `snakemake --configfile`.
        json: Print one JSON object instead, which has every file.

    Raises:
        ValueError: The configuration is wrong.
    """
    found = Inventory(Plan(plain(load(_WORKFLOW, Path("config.yaml"), configfile))))
    sections = {"tables": found.tables(), "figures": found.figures(), "runs": found.runs()}
    if json:
        every = {"data sets": found.datasets()} | sections
        say(json_text.dumps({section: [item._asdict() for item in items] for section, items in every.items()}))
        return
    for line in _lines(("data sets", "made", "root"), found.datasets(), lambda item: [*item.datasets.values()]):
        say(line)
    for section, items in sections.items():
        for line in _lines((section, "made", "data sets", "weights"), items, _needs):
            say(line)
    say(_LEGEND)


def _lines(head: Sequence[str], items: Sequence[Item], describe: Callable[[Item], list[str]]) -> Iterator[str]:
    """Write a section: its head, a line for each item, what is wrong with the item, and an empty line."""
    rows = [head, *([item.name, _made(item), *describe(item)] for item in items)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, fault in zip(rows, ["", *(item.fault for item in items)], strict=True):
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        if fault:
            yield f"    {fault}"
    yield ""


def _made(item: Item) -> str:
    there = sum(item.files.values())
    if there in (0, len(item.files)):
        return "yes" if there else "no"
    return f"{there} of {len(item.files)}"


def _needs(item: Item) -> list[str]:
    """Describe the data sets that an item needs, and the weights that it needs and that are missing."""
    datasets = (f"{dataset.removesuffix(STANDIN)}{_MARKS[state]}" for dataset, state in item.datasets.items())
    weights = (Path(file).name for file, is_there in item.weights.items() if not is_there)
    return [", ".join(datasets), ", ".join(weights)]
