"""Inventory: everything that a configuration can make, what each needs, and which of its files are there."""

from collections.abc import Callable, Iterable
from operator import methodcaller
from pathlib import Path
from typing import NamedTuple

from poseattn.config.names import FIGURES
from poseattn.messages import one_line
from poseattn.plan.datasets import is_standin
from poseattn.plan.needs import Needs
from poseattn.plan.plan import Plan
from poseattn.plan.refusals import Refusal

_Add = Callable[[Needs], object]


class Item(NamedTuple):
    """A data set, table, figure or run.

    Attributes:
        name: Its name in the configuration; of a data set the name in paths.
        files: Files that it consists of, and whether each is there.
        datasets: Data sets that it needs, by name in paths: `stand-in`, `real` or `missing`.
        weights: Published weights that it needs, and whether each is there.
        fault: Why it cannot be planned, or why the root of a data set is missing; empty if nothing is wrong.
    """

    name: str
    files: dict[str, bool]
    datasets: dict[str, str]
    weights: dict[str, bool]
    fault: str


class Inventory:
    """Everything that a configuration can make. The roots of real data sets are looked for, but no video is opened.

    Args:
        plan: The plan of the configuration.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._faults = {dataset: self._fault_of_root(dataset) for dataset in plan.datasets.names}

    def datasets(self) -> list[Item]:
        """Data sets: a stand-in is made when it is drawn, and any data set when its clips are listed for training."""
        names = self._plan.datasets.names
        items = [self._item(name, self._files_of(name), methodcaller("add_dataset", name)) for name in names]
        return [item._replace(fault=self._faults[item.name]) for item in items]

    def tables(self) -> list[Item]:
        """Tables of scores, then tables of joints."""
        names = [*self._plan.config["tables"], *self._plan.config["joints"]]
        return [self._item(name, [f"results/{name}.csv"], methodcaller("add_table", name)) for name in names]

    def figures(self) -> list[Item]:
        """Figures, as images."""
        names = [name for kind in FIGURES for name in self._plan.config[kind]]
        return [self._item(name, [f"results/figures/{name}.png"], methodcaller("add_figure", name)) for name in names]

    def runs(self) -> list[Item]:
        """Runs on their own data sets: a run is made when the clips of each protocol are scored, for each seed."""
        return [self._run(kind, name) for kind in ("runs", "snippet_scores") for name in self._plan.config[kind]]

    def _run(self, kind: str, name: str) -> Item:
        try:
            dataset = self._plan.datasets.id_of(self._plan.config[kind][name]["paper"]["dataset"])
        except Refusal as refusal:
            return Item(name, {}, {}, {}, str(refusal))
        protocols = self._plan.recipes.block(kind, name, dataset)["protocols"]
        seeds = self._plan.tables.seeds_of(name)
        folders = [self._plan.runs.folder(name, dataset, protocol, seed) for protocol in protocols for seed in seeds]
        add = methodcaller("add_runs", name, dataset, protocols)
        return self._item(name, [f"{folder}/scores.h5" for folder in folders], add)

    def _item(self, name: str, files: Iterable[str], add: _Add) -> Item:
        needs, fault = Needs(self._plan), ""
        try:
            add(needs)
        except Refusal as refusal:
            fault = one_line(refusal)
        datasets = {dataset: self._state(dataset) for dataset in sorted(needs.datasets)}
        return Item(name, _which_are_there(files), datasets, _which_are_there(sorted(needs.weights)), fault)

    def _files_of(self, dataset: str) -> list[str]:
        record = self._plan.raw.before(dataset) if is_standin(dataset) else []
        return [*record, f"results/manifests/{dataset}.tsv"]

    def _state(self, dataset: str) -> str:
        if is_standin(dataset):
            return "stand-in"
        return "missing" if self._faults[dataset] else "real"

    def _fault_of_root(self, dataset: str) -> str:
        """Why the root of a real data set cannot be used; empty if it can."""
        try:
            self._plan.raw.root(dataset)
        except Refusal as refusal:
            return one_line(refusal)
        return ""


def _which_are_there(files: Iterable[str]) -> dict[str, bool]:
    return {file: Path(file).exists() for file in files}
