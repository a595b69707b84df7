"""Runs: the settings of a training or a scoring, and the files that it reads."""

import importlib.util
from collections.abc import Mapping
from typing import Any

from poseattn.inputs.roles import SCORING_ONLY, kind_of
from poseattn.plan.datasets import Datasets, is_standin
from poseattn.plan.manifests import Manifests
from poseattn.plan.raw import Raw
from poseattn.plan.recipes import Recipes
from poseattn.plan.refusals import Refusal
from poseattn.plan.values import Config, Recipe
from poseattn.provenance.source_digest import source_hash


class Runs:
    """The runs of a configuration.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
        recipes: Its recipes.
        raw: Its raw files.
        manifests: Its manifests.
    """

    def __init__(self, config: Config, datasets: Datasets, recipes: Recipes, raw: Raw, manifests: Manifests) -> None:
        self._config = config
        self._datasets = datasets
        self._recipes = recipes
        self._raw = raw
        self._manifests = manifests

    def resolved(self, run: str, dataset: str, protocol: str) -> Recipe:
        """Settings of a run on a protocol: features of a network trained on clips have the protocol in their names."""
        chosen = self._recipes.block("runs", run, dataset)
        inputs = {role: name.replace("{protocol}", protocol) for role, name in chosen["inputs"].items()}
        return chosen | {"inputs": inputs}

    def passed_on(self, run: str, dataset: str, protocol: str, evaluation: bool = False) -> Recipe:
        """Settings of a run as its stage gets them.

        Args:
            run: Name of the run.
            dataset: Id of the data set.
            protocol: The protocol.
            evaluation: Whether a scoring gets them. A training gets no setting that only a scoring uses, so that a
                change of such a setting trains nothing anew.

        Returns:
            The settings with the names of run and data set.
        """
        chosen = self.resolved(run, dataset, protocol)
        kept = {key: value for key, value in chosen.items() if evaluation or key not in SCORING_ONLY}
        if "start" in kept:
            kept["start"] = self._start(kept["start"], run, dataset)
        return kept | {"run": run, "dataset": dataset}

    def split(self, part: str) -> str:
        """Clips that a scoring scores, by the end of the name of its file: `.train`, `.val` or nothing."""
        return part.removeprefix(".") or "test"

    def code(self, stage: str, run: str, dataset: str) -> str:
        """Code of a stage that uses the model of a run."""
        return source_hash(f"poseattn.stages.{stage}", f"poseattn.models.{self._block(run, dataset)['model']}")

    def folder(self, run: str, dataset: str, protocol: str, seed: int | str | None = None) -> str:
        """Folder of a trained run; of its first seed if none is given."""
        seed = self._config["seeds"][0] if seed is None else seed
        return f"results/runs/{dataset}/{run}/{protocol}/seed{seed}"

    def features(self, role: str, run: str, dataset: str, protocol: str) -> list[str]:
        """Shards that a run reads in one role; none if it has no such input."""
        name = self.resolved(run, dataset, protocol)["inputs"].get(role)
        return self._shards(kind_of(role), name, dataset) if name else []

    def joints(self, run: str, dataset: str) -> list[str]:
        """Poses with the joints that guide the attention of a run in training."""
        guidance = self._block(run, dataset).get("pose_guidance")
        return self._shards("poses", guidance["joints"], dataset) if guidance else []

    def manifest(self, run: str, dataset: str, protocol: str) -> str:
        """Clips of a run; a `Refusal` if the data set cannot feed it."""
        self._check_protocol(run, dataset, protocol)
        self._check_inputs(run, dataset)
        inputs = self._block(run, dataset)["inputs"]
        # A run on annotated poses alone does not care whether a video is broken.
        alone = set(inputs) == {"poses"} and not self._recipes.is_estimated(inputs["poses"])
        return self._manifests.gathered(dataset, ".poses_only" if alone else "")

    def checkpoint(self, run: str, dataset: str, protocol: str, seed: str) -> str:
        """Checkpoint by which a run is scored."""
        trained = self._block(run, dataset).get("checkpoint_of", run)
        return f"{self.folder(trained, dataset, protocol, seed)}/checkpoint.pt"

    def start(self, run: str, dataset: str, seed: str) -> list[str]:
        """Checkpoint that a run starts from; none if it starts from random weights."""
        chosen = self._block(run, dataset).get("start")
        if chosen is None:
            return []
        start = self._start(chosen, run, dataset)
        return [f"{self.folder(start['run'], start['dataset'], start['protocol'], seed)}/checkpoint.pt"]

    def can_start(self, start: Mapping[str, Any], dataset: str) -> bool:
        """Tell whether the clips of a data set and of the run to start from are both real, or both of stand-ins."""
        name = start["dataset"]
        if name not in self._config["datasets"]:
            return False
        return is_standin(dataset) == is_standin(self._datasets.id_of(name))

    def _start(self, start: Recipe, run: str, dataset: str) -> Recipe:
        """The run to start from, with the id of its data set in paths."""
        name = start["dataset"]
        if not self.can_start(start, dataset):
            raise Refusal(
                f"run {run} on {dataset} starts from run {start['run']} on {name}: datasets.{name}.root must be a "
                f"folder if that of {dataset} is, else `synthetic`"
            )
        return start | {"dataset": self._datasets.id_of(name)}

    def _check_protocol(self, run: str, dataset: str, protocol: str) -> None:
        """Refuse a protocol that a data set does not have; only where no paper names it, a module is loaded to know."""
        block = self._block(run, dataset)
        if self._datasets.names[dataset] != block["dataset"] or protocol not in block["protocols"]:
            self._datasets.check_protocol(protocol, dataset)

    def _check_inputs(self, run: str, dataset: str) -> None:
        """Refuse a run that a data set cannot feed, before any job starts."""
        name, layout = self._datasets.names[dataset], self._datasets.layout(dataset)
        if not self._block(run, dataset)["epochs"] and self._datasets.weights(dataset) == "random":
            raise Refusal(
                f"run {run} trains nothing, so that its network must know the classes of {dataset}: "
                f"datasets.{name}.weights: random has none that does; ask for other runs"
            )
        poses = self._block(run, dataset)["inputs"].get("poses")
        is_read = poses and not self._recipes.is_estimated(poses)
        if is_read and importlib.util.find_spec(f"poseattn.datasets.{layout}_poses") is None:
            raise Refusal(f"run {run} needs poses, data set {name} has videos only")

    def _block(self, run: str, dataset: str) -> Recipe:
        return self._recipes.block("runs", run, dataset)

    def _shards(self, kind: str, recipe: str, dataset: str) -> list[str]:
        return self._raw.per_shard(f"results/{kind}/{{dataset}}/{recipe}/{{shard}}.h5", dataset)
