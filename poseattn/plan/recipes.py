"""Recipes: how each kind of file is made from the files before it."""

from poseattn.plan.datasets import Datasets, is_standin
from poseattn.plan.values import Config, Recipe

_BLOCK = {"pretrained": "paper", "standin": "standin"}  # weights that a data set may ask for -> block of a recipe

_OF_NETWORKS = ("glimpses", "cubes", "heatmaps", "pieces", "finetune")  # kinds of recipes for which it may ask


def is_of_network(kind: str) -> bool:
    """Tell whether the `weights` key of a data set may pick the block of a kind of recipe."""
    return kind in _OF_NETWORKS


def block_of(kind: str, entry: Recipe) -> str:
    """Name the block of a run or recipe that a data set picks.

    Args:
        kind: Section of the run or recipe.
        entry: The data set in config.yaml.

    Returns:
        `paper` or `standin`.
    """
    by_root = "standin" if entry["root"] == "synthetic" else "paper"
    return _BLOCK.get(entry.get("weights", ""), by_root) if is_of_network(kind) else by_root


class Recipes:
    """The recipes of a configuration.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
    """

    def __init__(self, config: Config, datasets: Datasets) -> None:
        self._config = config
        self._datasets = datasets

    def block(self, kind: str, recipe: str, dataset: str) -> Recipe:
        """The `paper` or the `standin` block of a recipe or run: the kind of the data set picks one."""
        return self._config[kind][recipe]["standin" if is_standin(dataset) else "paper"]

    def network(self, kind: str, recipe: str, dataset: str) -> Recipe:
        """Recipe of a job with a network.

        The `weights` key of a data set may ask for the network of the other block, or for random weights.
        """
        weights = self._datasets.weights(dataset)
        if weights in _BLOCK:
            return self._config[kind][recipe][_BLOCK[weights]] | {"weights": weights}
        return self.block(kind, recipe, dataset) | {"weights": weights}

    def cubes(self, recipe: str, dataset: str) -> Recipe:
        """Recipe of cubes, with the recipes of their pictures and heatmaps spelt out.

        Where extraction decodes videos itself, no file of frames has the recipe of the frames.
        """
        chosen = self.network("cubes", recipe, dataset)
        kind, name = pictures_of(chosen)
        spelt = {kind: self.block(kind, name, dataset)}
        if "heatmaps" in chosen:
            spelt["heatmaps"] = self.network("heatmaps", chosen["heatmaps"], dataset)
        return chosen | spelt

    def estimated_poses(self, recipe: str, dataset: str) -> Recipe:
        """Recipe of estimated poses, with the recipe of their heatmaps spelt out."""
        chosen = self.block("poses", recipe, dataset)
        network = self.network("heatmaps", chosen["heatmaps"], dataset)
        return network | {"min_confidence": chosen["min_confidence"]}

    def finetune(self, recipe: str, dataset: str) -> Recipe:
        """Recipe of a training on clips; `weights` is the kind of weights from which the training starts."""
        chosen = self.network("finetune", recipe, dataset)
        none = {} if chosen["start"] else {"weights": "random"}
        return chosen | {"dataset": dataset} | none

    def pretrain(self, recipe: str) -> Recipe:
        """Recipe of a training on rendered images."""
        return self._config["pretrain"][recipe]["standin"]

    def is_estimated(self, recipe: str) -> bool:
        """Tell whether a network estimates the joints of a recipe of poses, which nobody annotated."""
        return "heatmaps" in self._config["poses"][recipe]["paper"]

    def flow_is_learnt(self, recipe: str, dataset: str) -> bool:
        """Tell whether a network computes flow: only then do threads and device move a number."""
        return self.block("flow", recipe, dataset)["method"].startswith("raft")

    def are_stored(self, kind: str, recipe: str, dataset: str) -> bool:
        """Tell whether a stage of its own makes frames or flow; extraction may also decode videos itself."""
        return kind == "flow" or self.block(kind, recipe, dataset)["store"] == "jpeg"


def pictures_of(recipe: Recipe) -> tuple[str, str]:
    """Section and name of the frames or of the flow that a recipe of cubes reads."""
    return next((kind, recipe[kind]) for kind in ("frames", "flow") if kind in recipe)
