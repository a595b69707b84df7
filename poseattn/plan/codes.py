"""Code of each kind of job: the digest of its stage, and of the modules that its recipe loads by name."""

from poseattn.plan.datasets import Datasets
from poseattn.plan.recipes import Recipes
from poseattn.plan.values import Recipe
from poseattn.provenance.source_digest import source_hash


class Codes:
    """Digests of code by recipe and data set.

    Args:
        datasets: The data sets.
        recipes: The recipes.
    """

    def __init__(self, datasets: Datasets, recipes: Recipes) -> None:
        self._datasets = datasets
        self._recipes = recipes

    def layout(self, stage: str, dataset: str) -> str:
        """Code of a stage that reads the lists of a data set."""
        return source_hash(f"poseattn.stages.{stage}", f"poseattn.datasets.{self._datasets.layout(dataset)}")

    def poses(self, dataset: str) -> str:
        """Code that reads the poses of a data set."""
        return source_hash("poseattn.stages.read_poses", f"poseattn.datasets.{self._datasets.layout(dataset)}_poses")

    def flow(self, recipe: str, dataset: str) -> str:
        """Code of flow."""
        learnt = ["poseattn.extraction.learnt_flow"] if self._recipes.flow_is_learnt(recipe, dataset) else []
        return source_hash("poseattn.stages.compute_flow", *learnt)

    def extraction(self, stage: str, kind: str, recipe: str, dataset: str) -> str:
        """Code of a stage that passes images through a backbone."""
        return source_hash(f"poseattn.stages.{stage}", _backbone(self._recipes.network(kind, recipe, dataset)))

    def estimated_poses(self, recipe: str, dataset: str) -> str:
        """Code of poses that a network estimates."""
        return source_hash("poseattn.stages.estimate_poses", _backbone(self._recipes.estimated_poses(recipe, dataset)))

    def pretrain(self, recipe: str) -> str:
        """Code of a training on rendered images."""
        return _training(self._recipes.pretrain(recipe))

    def finetune(self, recipe: str, dataset: str) -> str:
        """Code of a training on clips."""
        return _training(self._recipes.finetune(recipe, dataset))

    def snippets(self, recipe: str, dataset: str) -> str:
        """Code that scores snippets by a network that was trained on clips."""
        return source_hash(
            "poseattn.stages.score_snippets", _backbone(self._recipes.block("finetune", recipe, dataset))
        )


def _training(recipe: Recipe) -> str:
    """Code of a training: its stage, its method and its backbone."""
    method = f"poseattn.pretraining.{recipe['method']}"
    return source_hash("poseattn.stages.pretrain_backbone", method, _backbone(recipe))


def _backbone(recipe: Recipe) -> str:
    """Module of a backbone: `timm:resnet18` is one of the networks of `timm`."""
    return f"poseattn.backbones.{recipe['backbone'].partition(':')[0]}"
