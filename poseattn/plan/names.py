"""Names that wildcards may take, as regular expressions: a misspelt target fails at once."""

import re
from collections.abc import Iterable

from poseattn.config.names import FIGURES, RECIPES
from poseattn.plan.datasets import Datasets
from poseattn.plan.recipes import Recipes
from poseattn.plan.values import Config

_NOT_MADE = ("snippet_scores",)  # section of recipes whose files have the name of a run


class Names:
    """Regular expressions of the names that a configuration knows.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
        recipes: Its recipes.
    """

    def __init__(self, config: Config, datasets: Datasets, recipes: Recipes) -> None:
        self._config = config
        self._datasets = datasets
        self._recipes = recipes

    def of(self, *sections: str) -> str:
        """Names of the entries of sections of the configuration."""
        return _any_of(name for section in sections for name in self._config[section])

    def datasets(self) -> str:
        """Ids of data sets in paths."""
        return _any_of(self._datasets.names)

    def recipes(self) -> str:
        """Names of recipes, in whichever section."""
        return self.of(*(section for section in RECIPES if section not in _NOT_MADE))

    def figures(self) -> str:
        """Names of figures of all kinds."""
        return self.of(*FIGURES)

    def poses(self, estimated: bool) -> str:
        """Names of recipes of poses that a network estimates, or of poses that files have."""
        return _any_of(name for name in self._config["poses"] if self._recipes.is_estimated(name) == estimated)

    def weights_files(self) -> str:
        """Names of files of published weights."""
        return _any_of(entry["file"] for entry in self._config["weights"].values())


def _any_of(names: Iterable[str]) -> str:
    """Regular expression of some names; without any, one that nothing fits."""
    return "|".join(sorted({re.escape(name) for name in names})) or r"(?!)"
