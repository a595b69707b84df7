"""Weights of networks: published, or trained by the pipeline."""

from pathlib import Path
from typing import Any

from poseattn.checks import origins
from poseattn.messages import one_line
from poseattn.networks import weights_files
from poseattn.plan.datasets import STANDIN, Datasets, is_standin
from poseattn.plan.recipes import Recipes
from poseattn.plan.refusals import Refusal
from poseattn.plan.values import Config

_FOLDER = Path("weights")
SUMS = _FOLDER / "SHA256SUMS"  # digests that were recorded or accepted


class Weights:
    """Weights files that jobs read.

    Args:
        config: The merged configuration.
        datasets: Its data sets.
        recipes: Its recipes.
    """

    def __init__(self, config: Config, datasets: Datasets, recipes: Recipes) -> None:
        self._config = config
        self._datasets = datasets
        self._recipes = recipes
        self._digests: dict[str, str] = {}

    def of(self, kind: str, recipe: str, dataset: str) -> list[str]:
        """Weights of an extraction by one network; none if they are random."""
        chosen = self._recipes.network(kind, recipe, dataset)
        if chosen["weights"] == "random":
            return []
        network = chosen["pretrained_by"]
        if network not in self._config["finetune"]:
            return [self._from_images(network, chosen["weights"])]
        # The network that finds people is trained on another data set, the others on clips like these.
        as_standin = chosen["weights"] == "standin" if kind == "heatmaps" else is_standin(dataset)
        return [self._from_clips(network, as_standin, dataset)]

    def of_poses(self, recipe: str, dataset: str) -> list[str]:
        """Weights of the network that estimates poses."""
        return self.of("heatmaps", self._recipes.block("poses", recipe, dataset)["heatmaps"], dataset)

    def of_flow(self, recipe: str, dataset: str) -> list[str]:
        """Published weights of RAFT, for which there is no stand-in; none for other methods."""
        if not self._recipes.flow_is_learnt(recipe, dataset):
            return []
        return [self._from_images(self._recipes.block("flow", recipe, dataset)["pretrained_by"], "pretrained")]

    def start(self, recipe: str, dataset: str) -> list[str]:
        """Weights from which a training on clips starts; none if they are random."""
        chosen = self._recipes.finetune(recipe, dataset)
        return [] if chosen["weights"] == "random" else [self._from_images(chosen["start"], chosen["weights"])]

    def digest_of(self, kind: str, recipe: str, dataset: str) -> str:
        """First digits of the SHA-256 of published weights of an extraction; empty for other weights."""
        return self._digests_of(self.of(kind, recipe, dataset))

    def digest_of_poses(self, recipe: str, dataset: str) -> str:
        """First digits of the SHA-256 of the network that estimates poses."""
        return self._digests_of(self.of_poses(recipe, dataset))

    def digest_of_flow(self, recipe: str, dataset: str) -> str:
        """First digits of the SHA-256 of RAFT."""
        return self._digests_of(self.of_flow(recipe, dataset))

    def digest_of_start(self, recipe: str, dataset: str) -> str:
        """First digits of the SHA-256 of the weights from which a training on clips starts."""
        return self._digests_of(self.start(recipe, dataset))

    def url(self, file: str) -> str:
        """Public address of a published file; empty if there is none."""
        return self._entry(file).get("url", "")

    def stated_digest(self, file: str) -> str:
        """The user's whole digest of a published file, else the published digits, of which there may be none."""
        entry = self._entry(file)
        return entry.get("sha256", entry["sha256_prefix"])

    def check_by_hand(self, needed: set[str]) -> None:
        """Refuse files that were put in place by hand and never accepted.

        Args:
            needed: Paths that jobs read and that no job makes or checks.

        Raises:
            ValueError: A file is another one than its source states, or nobody vouches for it.
            OSError: A file or the record cannot be read.
        """
        for entry in self._config["weights"].values():
            path = _FOLDER / entry["file"]
            if str(path) in needed and path.name not in weights_files.recorded(SUMS):
                weights_files.check(path, self.stated_digest(path.name), self.url(path.name), SUMS)

    def _entry(self, file: str) -> dict[str, Any]:
        return next(entry for entry in self._config["weights"].values() if entry["file"] == file)

    def _digests_of(self, files: list[str]) -> str:
        return "".join(map(self._digest, files))

    def _digest(self, file: str) -> str:
        path = Path(file)
        if path.parent != _FOLDER:
            return ""
        if file not in self._digests:
            try:
                self._digests[file] = origins.known_digest(path, self.stated_digest(path.name), SUMS)
            except (ValueError, OSError) as error:
                raise Refusal(one_line(error)) from None
        return self._digests[file]

    def _from_images(self, name: str, weights: str) -> str:
        """File of a network that was trained on images: the published one, or the one of stand-ins."""
        if weights == "standin":
            return f"results/backbones/{name}.pt"
        return str(_FOLDER / self._config["weights"][name]["file"])

    def _from_clips(self, name: str, as_standin: bool, dataset: str) -> str:
        """File of a network that the pipeline trains on clips, of this data set or of another."""
        trained_on = self._config["finetune"][name]["standin" if as_standin else "paper"]["dataset"]
        known = trained_on + (STANDIN if as_standin else "")
        if known not in self._datasets.names:
            raise Refusal(
                f"{dataset} needs the network {name}, which is trained on {trained_on}: datasets.{trained_on}.root "
                f"must be {'`synthetic`' if as_standin else 'a folder'} as well"
            )
        return f"results/backbones/{known}/{name}.pt"
