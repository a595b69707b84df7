"""Needs: the data sets and the published weights without which a table, a figure or a run cannot be made."""

import re
from collections.abc import Iterable
from typing import Any

from poseattn.config.names import runs_of_figure
from poseattn.inputs.roles import kind_of
from poseattn.plan.plan import Plan

_NAMED = ("poses", "frames", "flow", "heatmaps", "cubes")  # keys of a recipe or figure that name another recipe
_NETWORKS = ("cubes", "glimpses", "heatmaps", "pieces")  # kinds of features that a network makes
_SCORES = re.compile(r"results/runs/(?P<dataset>[^/]+)/(?P<run>[^/]+)/(?P<protocol>[^/]+)/seed\d+/")
_TRAINED = re.compile(r"results/backbones/(?P<dataset>[^/]+)/(?P<recipe>[^/]+)\.pt")


class Needs:
    """The needs of one or more things that can be made, collected from the things that are added.

    Args:
        plan: The plan.

    Attributes:
        datasets: Ids of data sets.
        weights: Published files of weights, such as `weights/googlenet-1378be20.pth`.
    """

    datasets: set[str]
    weights: set[str]

    def __init__(self, plan: Plan) -> None:
        self.datasets = set()
        self.weights = set()
        self._plan = plan
        self._known: set[tuple[str, str, str]] = set()

    def add_dataset(self, dataset: str) -> None:
        """Add a data set."""
        self.datasets.add(dataset)

    def add_table(self, table: str) -> None:
        """Add a table of scores or of joints; a `Refusal` if it cannot be planned."""
        is_of_joints = table in self._plan.config["joints"]
        files = self._plan.tables.joints_scores(table) if is_of_joints else self._plan.tables.scores(table)
        self._add_scores(files)

    def add_figure(self, figure: str) -> None:
        """Add a figure; a `Refusal` if it cannot be planned."""
        entry = self._plan.figures.entry(figure)
        dataset = self._plan.datasets.id_of(entry["dataset"])
        self.datasets.add(dataset)
        self._add_named(entry, dataset)
        for _, run in runs_of_figure(entry):
            self.add_run(run, dataset, entry["protocol"])

    def add_runs(self, run: str, dataset: str, protocols: Iterable[str]) -> None:
        """Add a run on some protocols; a `Refusal` if it cannot be planned."""
        for protocol in protocols:
            self.add_run(run, dataset, protocol)

    def add_run(self, run: str, dataset: str, protocol: str) -> None:
        """Add a run on a data set and a protocol; a `Refusal` if it cannot be planned."""
        if not self._is_new("runs", f"{run} {protocol}", dataset):
            return
        self.datasets.add(dataset)
        if run in self._plan.config["snippet_scores"]:
            self._add_readers(dataset)
            self._add_file(self._plan.finetuning.scored_by(run, dataset, protocol))
            self._add_named(self._plan.recipes.block("snippet_scores", run, dataset), dataset)
            return
        manifest = self._plan.runs.manifest(run, dataset, protocol)
        self._add_readers(dataset, poses_only=manifest.endswith(".poses_only.tsv"))
        block = self._plan.runs.passed_on(run, dataset, protocol, evaluation=True)
        for role, recipe in block["inputs"].items():
            self._add_recipe(kind_of(role), recipe, dataset)
        if guidance := block.get("pose_guidance"):
            self._add_recipe("poses", guidance["joints"], dataset)
        if start := block.get("start"):
            self.add_run(start["run"], start["dataset"], start["protocol"])
        if trained := block.get("checkpoint_of"):
            self.add_run(trained, dataset, protocol)

    def _add_scores(self, files: list[str]) -> None:
        for found in filter(None, map(_SCORES.match, files)):
            self.add_run(found["run"], found["dataset"], found["protocol"])

    def _add_readers(self, dataset: str, poses_only: bool = False) -> None:
        """Add the features that tell whether a clip is good: every run waits for them."""
        for kind, recipe in self._plan.datasets.raw_layout(dataset)["read_by"].items():
            if kind == "poses" or not poses_only:
                self._add_recipe(kind, recipe, dataset)

    def _add_recipe(self, kind: str, recipe: str, dataset: str) -> None:
        """Add the weights of a recipe, and the recipes that it names."""
        if not self._is_new(kind, recipe, dataset):
            return
        recipes, weights, files = self._plan.recipes, self._plan.weights, []
        block = recipes.network(kind, recipe, dataset) if kind in _NETWORKS else recipes.block(kind, recipe, dataset)
        if kind in _NETWORKS:
            files = weights.of(kind, recipe, dataset)
        elif kind == "flow":
            files = weights.of_flow(recipe, dataset)
        for file in files:
            self._add_file(file)
        self._add_named(block, dataset)

    def _add_file(self, file: str) -> None:
        """Add a file of weights, or the needs of the training on clips that makes it; rendered images need nothing."""
        if file.startswith("weights/"):
            self.weights.add(file)
        elif (found := _TRAINED.fullmatch(file)) and self._is_new("finetune", found["recipe"], found["dataset"]):
            self.datasets.add(found["dataset"])
            self._add_readers(found["dataset"])
            self._add_named(self._plan.recipes.finetune(found["recipe"], found["dataset"]), found["dataset"])
            for start in self._plan.weights.start(found["recipe"], found["dataset"]):
                self._add_file(start)

    def _add_named(self, block: dict[str, Any], dataset: str) -> None:
        """Add the recipes that a recipe or a figure names; `frames` of a run is a number."""
        for kind in _NAMED:
            if isinstance(name := block.get(kind), str):
                self._add_recipe(kind, name, dataset)

    def _is_new(self, kind: str, name: str, dataset: str) -> bool:
        """Tell whether something was not added before, and remember it."""
        key = (kind, name, dataset)
        is_new = key not in self._known
        self._known.add(key)
        return is_new
