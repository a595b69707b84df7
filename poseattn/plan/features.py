"""Inputs of a shard of frames, features or heatmaps: a file of the same shard of each kind."""

from poseattn.plan.recipes import Recipes, pictures_of


class Features:
    """Input files of extractions. Every method gives paths; a list may be empty.

    Args:
        recipes: The recipes.
    """

    def __init__(self, recipes: Recipes) -> None:
        self._recipes = recipes

    def poses_of_frames(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Poses that tell where to cut frames; whole frames need none."""
        return _shard("poses", self._recipes.block("frames", recipe, dataset).get("poses"), dataset, shard)

    def uses_of_frames(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Name the table of uses: only clips that train or validate are cut into pieces."""
        is_cut = self._recipes.block("frames", recipe, dataset)["store"] == "pieces"
        return [_uses(dataset, shard)] if is_cut else []

    def uses_of_cubes(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Name the table of uses: only clips that train have mirrored twins."""
        return [_uses(dataset, shard)] if self._recipes.network("cubes", recipe, dataset)["mirror"] else []

    def frames_of_glimpses(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Frames around hands."""
        return _shard("frames", self._recipes.block("glimpses", recipe, dataset)["frames"], dataset, shard)

    def pictures_of_cubes(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Stored frames or flow; none where extraction decodes the videos itself."""
        kind, name = pictures_of(self._recipes.network("cubes", recipe, dataset))
        return _shard(kind, name, dataset, shard) if self._recipes.are_stored(kind, name, dataset) else []

    def heatmaps_of_cubes(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Heatmaps of the joints that pictures show as well; none for most recipes."""
        return _shard("heatmaps", self._recipes.network("cubes", recipe, dataset).get("heatmaps"), dataset, shard)

    def boxes(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """Poses whose boxes say where people are; none for heatmaps of whole frames."""
        return _shard("poses", self._recipes.block("heatmaps", recipe, dataset).get("poses"), dataset, shard)

    def boxes_of_poses(self, recipe: str, dataset: str, shard: str) -> list[str]:
        """The same for poses that a network estimates."""
        return self.boxes(self._recipes.block("poses", recipe, dataset)["heatmaps"], dataset, shard)


def _shard(kind: str, recipe: str | None, dataset: str, shard: str) -> list[str]:
    """One shard of a kind; none without a recipe."""
    return [f"results/{kind}/{dataset}/{recipe}/{shard}.h5"] if recipe else []


def _uses(dataset: str, shard: str) -> str:
    return f"results/manifests/{dataset}/{shard}.uses.tsv"
