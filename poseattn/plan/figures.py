"""Figures: the kind of each figure, and the files, runs and code that the figure is made from."""

import re
from typing import Any

from poseattn.config.names import FIGURES, runs_of_figure
from poseattn.plan.datasets import Datasets
from poseattn.plan.raw import Raw
from poseattn.plan.runs import Runs
from poseattn.plan.values import Config, as_json
from poseattn.provenance.source_digest import source_hash

_SHOW_FRAMES = ("hands", "strips", "moments", "pose_maps", "cells")  # kinds that decode videos or images
_FIND_BY_NAME = ("strips", "moments")  # kinds that read each run's scores once; the others read them in their order
_FILMED = ("hands",)  # kinds that can also be videos
_RUN_AGAIN = {"states": 4000, "cells": 8000}  # MiB of kinds that run models again
_MEMORY = 2000  # MiB of all other kinds
_NAMED_BY = {"poses": ("poses", "annotated")}  # keys of a figure that name a recipe, where the key is not the role


class Figures:
    """The figures of a configuration.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
        raw: Its raw files.
        runs: Its runs.
    """

    def __init__(self, config: Config, datasets: Datasets, raw: Raw, runs: Runs) -> None:
        self._config = config
        self._datasets = datasets
        self._raw = raw
        self._runs = runs
        self._kinds = {name: kind for kind in FIGURES for name in config[kind]}

    def of_config(self) -> list[str]:
        """Images of all figures whose data set config.yaml has."""
        known = self._config["datasets"]
        names = [name for name in self._kinds if self.entry(name)["dataset"] in known]
        return [f"results/figures/{name}.png" for name in names]

    def suffixes(self) -> str:
        """Regular expression of the ends of files: every figure is an image, and some kinds are videos as well."""
        filmed = (name for name, kind in self._kinds.items() if kind in _FILMED)
        return "|".join([r"\.png", *(rf"(?<=/{re.escape(name)})\.mp4" for name in filmed)])

    def kind(self, figure: str) -> str:
        """Kind of a figure: its section of the configuration, and its module of `poseattn/figures`."""
        return self._kinds[figure]

    def entry(self, figure: str) -> dict[str, Any]:
        """A figure as its section of the configuration has it."""
        return self._config[self._kinds[figure]][figure]

    def code(self, figure: str) -> str:
        """Code that draws a figure: the stage, and the module of the figure's kind alone."""
        return source_hash("poseattn.stages.draw_figure", f"poseattn.figures.{self.kind(figure)}")

    def memory(self, wildcards: Any, attempt: int) -> int:
        """MiB of a job; more in later attempts."""
        return attempt * _RUN_AGAIN.get(self.kind(wildcards.figure), _MEMORY)

    def root(self, figure: str) -> str:
        """Folder of the raw files of the figure's data set."""
        return self._raw.root(self._dataset(figure))

    def classes(self, figure: str) -> str:
        """Names of the classes of the figure's data set."""
        return f"results/manifests/{self._dataset(figure)}.classes.txt"

    def manifest(self, figure: str) -> list[str]:
        """Clips of the figure's data set; nothing for a kind that shows no frames."""
        return [f"results/manifests/{self._dataset(figure)}.tsv"] * (self.kind(figure) in _SHOW_FRAMES)

    def scores(self, figure: str) -> list[str]:
        """Scores of the test clips by each run that the figure shows, from the run's first seed."""
        runs = [run for _, run in runs_of_figure(self.entry(figure))]
        names = sorted(set(runs)) if self.kind(figure) in _FIND_BY_NAME else runs
        return [f"{self._folder(figure, run)}/scores.h5" for run in names]

    def runs(self, figure: str) -> list[str]:
        """Runs whose models the figure runs again, each as JSON."""
        return [as_json(run) for run in self._runs_again(figure)]

    def checkpoints(self, figure: str) -> list[str]:
        """Models of the runs that the figure runs again."""
        return [f"{self._folder(figure, run['run'])}/checkpoint.pt" for run in self._runs_again(figure)]

    def shards(self, role: str, figure: str) -> list[str]:
        """Shards of one kind that a figure reads: by recipes that it names, and by the runs that it runs again.

        Args:
            role: `cubes`, `frames`, `heatmaps` or `poses`.
            figure: Name of the figure.

        Returns:
            All shards of the data set, recipe after recipe.
        """
        named = [self.entry(figure).get(key) for key in _NAMED_BY.get(role, (role,))]
        read = [run["inputs"].get(role) for run in self._runs_again(figure)]
        # `frames` may also be a number of frames
        recipes = [recipe for recipe in (*named, *read) if isinstance(recipe, str)]
        patterns = [f"results/{role}/{{dataset}}/{recipe}/{{shard}}.h5" for recipe in recipes]
        return [path for pattern in patterns for path in self._raw.per_shard(pattern, self._dataset(figure))]

    def _dataset(self, figure: str) -> str:
        return self._datasets.id_of(self.entry(figure)["dataset"])

    def _folder(self, figure: str, run: str) -> str:
        return self._runs.folder(run, self._dataset(figure), self.entry(figure)["protocol"])

    def _runs_again(self, figure: str) -> list[dict[str, Any]]:
        """Settings of the runs whose models a figure runs again, as stages get them."""
        if self.kind(figure) not in _RUN_AGAIN:
            return []
        entry, dataset = self.entry(figure), self._dataset(figure)
        names = [run for _, run in runs_of_figure(entry)]
        return [self._runs.passed_on(run, dataset, entry["protocol"], evaluation=True) for run in names]
