"""List data sets, tables, figures and runs: what each needs, and whether it is made.

A data set is a stand-in, or real, or its root is missing. Weights are the published files that must be in `weights/`;
the workflow fetches those that have a public address. A run counts one file of scores for each protocol and seed.
It changes nothing and decodes nothing. Give the command in the folder where Snakemake runs.
"""

import json as json_text
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from poseattn.config.load import load
from poseattn.config.placed import plain
from poseattn.messages import one_line, say
from poseattn.plan.datasets import is_standin
from poseattn.plan.needs import Needs
from poseattn.plan.plan import Plan

_NONE: list[Path] = []
_WORKFLOW = Path(__file__).parents[2] / "workflow"
_MOST = 2  # names of missing files in a line


class Item(NamedTuple):
    """Something that can be made.

    Attributes:
        name: Its name in the configuration.
        files: Files that it consists of, and whether each is there.
        datasets: Data sets that it needs, by id: `stand-in`, `real`, or `missing`.
        weights: Published weights that it needs, and whether each is there.
        fault: Why it cannot be made; empty if nothing speaks against it.
    """

    name: str
    files: dict[str, bool]
    datasets: dict[str, str]
    weights: dict[str, bool]
    fault: str


def run(*, configfile: list[Path] = _NONE, json: bool = False) -> None:
    """Print one line for each data set, table, figure and run.

    Args:
        configfile: Configuration files, as for `snakemake --configfile`.
        json: Print one JSON object instead, with all files.

    Raises:
        ValueError: The configuration is wrong.
    """
    plan = Plan(plain(load(_WORKFLOW, Path("config.yaml"), configfile)))
    found = inventory(plan)
    if json:
        say(json_text.dumps({section: [item._asdict() for item in items] for section, items in found.items()}))
        return
    for section, items in found.items():
        for line in _table(section, items):
            say(line)


def inventory(plan: Plan) -> dict[str, list[Item]]:
    """Find what a configuration can make.

    Args:
        plan: The plan of the configuration.

    Returns:
        Data sets, tables, figures and runs.
    """
    config = plan.config
    states = {dataset: _state(plan, dataset) for dataset in plan.datasets.names}

    def item(name: str, files: Iterable[str], add: Callable[[Needs], None]) -> Item:
        needs, fault = Needs(plan), ""
        try:
            add(needs)
        except ValueError as error:
            fault = one_line(error)
        said = {dataset: states[dataset] for dataset in sorted(needs.datasets)}
        missing = [dataset for dataset, (state, _) in said.items() if state == "missing"]
        fault = fault or next((states[dataset][1] for dataset in missing), "")
        return Item(name, _there(files), {key: state for key, (state, _) in said.items()}, _there(needs.weights), fault)

    tables = [
        item(name, [f"results/{name}.csv"], lambda needs, name=name: needs.add_table(name))
        for name in (*config["tables"], *config["joints"])
    ]
    figures = [
        item(name, [f"results/figures/{name}.png"], lambda needs, name=name: needs.add_figure(name))
        for name in plan.figures.names()
    ]
    runs = [
        item(name, files, lambda needs, one=(name, dataset, protocols): _add_run(needs, *one))
        for name, dataset, protocols, files in _runs(plan)
    ]
    return {"data sets": _datasets(plan, states), "tables": tables, "figures": figures, "runs": runs}
