"""The plan: from which files and by which recipe each file is made. Rules ask it, and need no function of their own."""

from dataclasses import dataclass
from functools import cached_property

from poseattn.plan.datasets import Datasets
from poseattn.plan.recipes import Recipes
from poseattn.plan.resources import Resources
from poseattn.plan.values import Config


@dataclass(frozen=True, eq=False)
class Plan:
    """All that rules ask, made of small parts that know nothing of Snakemake.

    Attributes:
        config: The merged configuration.
    """

    config: Config

    @cached_property
    def datasets(self) -> Datasets:
        """Data sets and their ids in paths."""
        return Datasets(self.config)

    @cached_property
    def recipes(self) -> Recipes:
        """Recipes by name and data set."""
        return Recipes(self.config, self.datasets)

    @cached_property
    def resources(self) -> Resources:
        """What jobs ask for."""
        return Resources(self.config["device"])
