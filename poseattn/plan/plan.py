"""The plan: from which files and by which recipe each file is made. Rules ask it, and need no function of their own."""

from dataclasses import dataclass
from functools import cached_property

from poseattn.plan.clips import Clips
from poseattn.plan.codes import Codes
from poseattn.plan.datasets import Datasets
from poseattn.plan.engine import MakerOf
from poseattn.plan.features import Features
from poseattn.plan.figures import Figures
from poseattn.plan.finetuning import Finetuning
from poseattn.plan.manifests import Manifests
from poseattn.plan.names import Names
from poseattn.plan.origins import Origins
from poseattn.plan.overlays import Overlays
from poseattn.plan.raw import Raw
from poseattn.plan.recipes import Recipes
from poseattn.plan.resources import FlowResources, Resources
from poseattn.plan.runs import Runs
from poseattn.plan.standins import Standins
from poseattn.plan.tables import Tables
from poseattn.plan.targets import Targets
from poseattn.plan.values import Config
from poseattn.plan.weights import Weights


@dataclass(frozen=True, eq=False)
class Plan:
    """All that rules ask, in small parts; a part is made, and reads files, when it is asked for.

    Attributes:
        config: The merged configuration.
        maker_of: Finds the rule that makes a file; where no rules are, nothing makes any.
    """

    config: Config
    maker_of: MakerOf = lambda path: None

    @cached_property
    def datasets(self) -> Datasets:
        """Data sets and their ids in paths."""
        return Datasets(self.config)

    @cached_property
    def recipes(self) -> Recipes:
        """Recipes by name and data set."""
        return Recipes(self.config, self.datasets)

    @cached_property
    def names(self) -> Names:
        """Names that wildcards may take."""
        return Names(self.config, self.datasets, self.recipes)

    @cached_property
    def resources(self) -> Resources:
        """What jobs ask for."""
        return Resources(self.config["device"])

    @cached_property
    def flow(self) -> FlowResources:
        """What jobs that compute flow ask for."""
        return FlowResources(self.resources, self.recipes)

    @cached_property
    def standins(self) -> Standins:
        """Recipes of stand-ins."""
        return Standins(self.config)

    @cached_property
    def raw(self) -> Raw:
        """Raw files, shards and their digests."""
        return Raw(self.datasets, self.standins)

    @cached_property
    def weights(self) -> Weights:
        """Weights files of networks."""
        return Weights(self.config, self.datasets, self.recipes)

    @cached_property
    def codes(self) -> Codes:
        """Digests of code."""
        return Codes(self.datasets, self.recipes)

    @cached_property
    def features(self) -> Features:
        """Input files of extractions."""
        return Features(self.recipes)

    @cached_property
    def manifests(self) -> Manifests:
        """Manifests for training."""
        return Manifests(self.datasets, self.recipes, self.raw)

    @cached_property
    def clips(self) -> Clips:
        """Names of clips."""
        return Clips(self.raw)

    @cached_property
    def finetuning(self) -> Finetuning:
        """Trainings of networks on clips."""
        return Finetuning(self.recipes, self.raw, self.codes)

    @cached_property
    def runs(self) -> Runs:
        """Runs and their input files."""
        return Runs(self.config, self.datasets, self.recipes, self.raw, self.manifests)

    @cached_property
    def tables(self) -> Tables:
        """Tables and their scores."""
        return Tables(self.config, self.datasets, self.raw, self.runs)

    @cached_property
    def figures(self) -> Figures:
        """Figures and their input files."""
        return Figures(self.config, self.datasets, self.raw, self.runs)

    @cached_property
    def overlays(self) -> Overlays:
        """Overlays of single clips and their input files."""
        return Overlays(self.datasets, self.raw, self.runs, self.clips)

    @cached_property
    def origins(self) -> Origins:
        """What is wanted of input files."""
        return Origins(self.maker_of)

    @cached_property
    def targets(self) -> Targets:
        """Answers to targets that no rule makes."""
        return Targets(self.config, self.datasets)
