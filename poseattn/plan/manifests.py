"""Clips of a data set for training: which files may exclude a clip, and how many excluded clips are too many."""

from pathlib import Path

from poseattn.clips.excluded import refuse_gathered
from poseattn.messages import one_line
from poseattn.plan.datasets import Datasets
from poseattn.plan.raw import Raw
from poseattn.plan.recipes import Recipes, pictures_of
from poseattn.plan.refusals import Refusal


class Manifests:
    """Manifests of data sets.

    Args:
        datasets: The data sets.
        recipes: The recipes.
        raw: The raw files.
    """

    def __init__(self, datasets: Datasets, recipes: Recipes, raw: Raw) -> None:
        self._datasets = datasets
        self._recipes = recipes
        self._raw = raw
        self._checked: set[str] = set()

    def gathered(self, dataset: str, scope: str = "") -> str:
        """Manifest for training; a `Refusal` if too many clips of the manifest that is there are bad by now.

        Args:
            dataset: Id of the data set.
            scope: `.poses_only` where broken videos do not matter, else empty.

        Returns:
            Path of the manifest.
        """
        manifest = f"results/manifests/{dataset}{scope}.tsv"
        if manifest not in self._checked:
            try:
                refuse_gathered(Path(manifest), self._datasets.max_excluded(dataset))
            except (ValueError, OSError) as error:
                key = f"datasets.{self._datasets.names[dataset]}.max_excluded"
                raise Refusal(f"config: {key}: {one_line(error)}") from None
            self._checked.add(manifest)
        return manifest

    def excluded(self, dataset: str, scope: str) -> str:
        """Excluded clips of a manifest; a `Refusal` as for `gathered`."""
        return str(Path(self.gathered(dataset, scope)).with_suffix(".excluded.tsv"))

    def statuses(self, dataset: str, scope: str) -> list[str]:
        """Status files of the stages that may exclude a clip, for every shard.

        Such a stage reads the skeleton of a clip and, unless poses are enough, its video.
        """
        stages = self._datasets.raw_layout(dataset)["read_by"]
        wanted = {kind: name for kind, name in stages.items() if kind == "poses" or not scope}
        stages = dict.fromkeys([*self._stored_pictures(wanted, dataset), *wanted.items()])
        patterns = [f"results/{kind}/{{dataset}}/{name}/{{shard}}.status.tsv" for kind, name in stages]
        return [path for pattern in patterns for path in self._raw.per_shard(pattern, dataset)]

    def min_frames(self, dataset: str) -> int:
        """Frames that a clip must have at least."""
        return self._datasets.raw_layout(dataset).get("min_frames", 0)

    def max_excluded(self, dataset: str) -> str:
        """Largest share of bad clips; a text, since Snakemake has no resources with fractions."""
        return str(self._datasets.max_excluded(dataset))

    def _stored_pictures(self, stages: dict[str, str], dataset: str) -> list[tuple[str, str]]:
        """Frames or flow that a stage of its own makes of the videos for the cubes among some kinds."""
        pictures = [
            pictures_of(self._recipes.block("cubes", name, dataset)) for kind, name in stages.items() if kind == "cubes"
        ]
        return [(kind, name) for kind, name in pictures if self._recipes.are_stored(kind, name, dataset)]
