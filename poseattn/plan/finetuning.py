"""Networks that are trained on the clips of a data set, and scores of snippets by such networks."""

from poseattn.config.unknown import no_such
from poseattn.plan.codes import Codes
from poseattn.plan.raw import Raw
from poseattn.plan.recipes import Recipes
from poseattn.plan.refusals import Refusal
from poseattn.plan.values import Recipe


class Finetuning:
    """Inputs of trainings on clips, and of scores of snippets.

    Args:
        recipes: The recipes.
        raw: The raw files, whose shards the features have.
        codes: Digests of code.
    """

    def __init__(self, recipes: Recipes, raw: Raw, codes: Codes) -> None:
        self._recipes = recipes
        self._raw = raw
        self._codes = codes

    def protocol(self, recipe: str, dataset: str) -> str:
        """Protocol whose training clips the network sees."""
        return self._recipes.finetune(recipe, dataset)["protocol"]

    def images(self, recipe: str, dataset: str) -> list[str]:
        """Frames or flow of all clips."""
        return self._pictures(self._recipes.finetune(recipe, dataset), dataset)

    def poses(self, recipe: str, dataset: str) -> list[str]:
        """Joints of the people in the pictures, for a network that learns to find them."""
        name = self._recipes.finetune(recipe, dataset).get("poses")
        return self._raw.per_shard(f"results/poses/{{dataset}}/{name}/{{shard}}.h5", dataset) if name else []

    def scored(self, run: str, dataset: str) -> Recipe:
        """Scoring of snippets, as its stage gets it."""
        return self._recipes.block("snippet_scores", run, dataset) | {"run": run, "dataset": dataset}

    def scored_images(self, run: str, dataset: str) -> list[str]:
        """Frames or flow that are scored."""
        return self._pictures(self._recipes.block("snippet_scores", run, dataset), dataset)

    def scored_by(self, run: str, dataset: str, protocol: str) -> str:
        """File of the network that was trained on the training clips of a protocol."""
        return f"results/backbones/{dataset}/{self._network(run, dataset, protocol)}.pt"

    def scoring_code(self, run: str, dataset: str, protocol: str) -> str:
        """Code that scores snippets."""
        return self._codes.snippets(self._network(run, dataset, protocol), dataset)

    def _network(self, run: str, dataset: str, protocol: str) -> str:
        chosen = self._recipes.block("snippet_scores", run, dataset)
        if protocol not in chosen["protocols"]:
            raise Refusal(no_such("protocol", protocol, chosen["protocols"], f" of run {run}"))
        return chosen["network"].replace("{protocol}", protocol)

    def _pictures(self, recipe: Recipe, dataset: str) -> list[str]:
        kind = "frames" if "frames" in recipe else "flow"
        return self._raw.per_shard(f"results/{kind}/{{dataset}}/{recipe[kind]}/{{shard}}.h5", dataset)
