"""Raw files: where they are, and digests of what each shard is made from."""

from collections.abc import Callable
from pathlib import Path

from poseattn.clips.listing import find_root
from poseattn.clips.raw_digests import NO_DIGEST, RawDigests
from poseattn.config.unknown import no_such
from poseattn.messages import one_line
from poseattn.plan.datasets import Datasets, is_standin
from poseattn.plan.refusals import Refusal
from poseattn.plan.standins import Standins


class Raw:
    """Raw files of the data sets of a configuration; each folder is looked at once, when it is asked for.

    Args:
        datasets: The data sets.
        standins: Their stand-ins.
    """

    def __init__(self, datasets: Datasets, standins: Standins) -> None:
        self._datasets = datasets
        self._standins = standins
        self._roots: dict[str, str] = {}
        self._digests: dict[str, RawDigests] = {}

    def check(self) -> None:
        """Refuse a configuration that names a wrong or an empty root."""
        for dataset in self._datasets.names:
            if not is_standin(dataset):
                self._digests_of(dataset)

    def root(self, dataset: str) -> str:
        """Folder of the raw files in their genuine layout."""
        name = self._datasets.names[dataset]
        if is_standin(dataset):
            return f"results/synthetic/{name}"
        if dataset not in self._roots:
            raw = self._datasets.raw_layout(dataset)
            try:
                found = find_root(Path(self._datasets.entry(dataset)["root"]), raw["files"], raw["lists"])
            except (ValueError, OSError) as error:
                raise Refusal(f"config: datasets.{name}.root: {one_line(error)}") from None
            self._roots[dataset] = str(found)
        return self._roots[dataset]

    def file_ids(self, dataset: str) -> list[str]:
        """Ids of the raw files of a data set: of its clips, or of the files whose parts its clips are."""
        if is_standin(dataset):
            return self._standins.clips(self._datasets.names[dataset])
        return sorted({file.clip_id for file in self._digests_of(dataset).files})

    def shards(self, dataset: str) -> list[str]:
        """Shards that have clips, as they are named in paths."""
        if is_standin(dataset):
            numbers = list(range(self._datasets.n_shards(dataset)))
        else:
            numbers = self._digests_of(dataset).shards
        return [f"{number:03d}" for number in numbers]

    def per_shard(self, pattern: str, dataset: str) -> list[str]:
        """One file for every shard of a data set.

        Args:
            pattern: Path with `{dataset}` and `{shard}`.
            dataset: Id of the data set.

        Returns:
            The paths, in the order of shards.
        """
        return [pattern.format(dataset=dataset, shard=shard) for shard in self.shards(dataset)]

    def before(self, dataset: str) -> list[str]:
        """What must exist before raw files are read: the list of a stand-in's files, written last; else nothing."""
        return [f"{self.root(dataset)}.txt"] if is_standin(dataset) else []

    def before_shard(self, dataset: str, shard: str) -> list[str]:
        """Return the same as `before`, for one shard; a `Refusal` if the data set has no such shard."""
        if shard not in (known := self.shards(dataset)):
            raise Refusal(no_such("shard", shard, known, f" of data set {dataset}"))
        return self.before(dataset)

    def with_missing(self, dataset: str, shard: str) -> int:
        """1 for the shard that also has the clips without a file, which is the first; else 0."""
        return int(shard == self.shards(dataset)[0])

    def clips(self, dataset: str, shard: str, for_stage: bool = False) -> str:
        """Digest of the raw files of a shard, and of all that makes clips of them.

        Args:
            dataset: Id of the data set.
            shard: The shard.
            for_stage: Whether a stage compares it with its own. The record of a stand-in answers for its files instead.

        Returns:
            The digest; code and recipe of a stand-in.
        """
        return self._digest(dataset, lambda found: found.of_clips(int(shard)), for_stage)

    def uses(self, dataset: str, shard: str, for_stage: bool = False) -> str:
        """Digest of all that divisions and classes of the clips of a shard depend on; arguments as for `clips`."""
        return self._digest(dataset, lambda found: found.of_uses(int(shard)), for_stage)

    def classes(self, dataset: str, for_stage: bool = False) -> str:
        """Digest of all that the classes of a data set depend on; arguments as for `clips`."""
        return self._digest(dataset, lambda found: found.classes, for_stage)

    def _digest(self, dataset: str, digest: Callable[[RawDigests], str], for_stage: bool) -> str:
        name = self._datasets.names[dataset]
        if is_standin(dataset):
            return NO_DIGEST if for_stage else self._standins.digest(name)
        found = self._digests_of(dataset)
        try:
            return digest(found)
        except (ValueError, OSError) as error:
            raise Refusal(f"config: datasets.{name}: {one_line(error)}") from None

    def _digests_of(self, dataset: str) -> RawDigests:
        """Digests of a real root, in which there is at least one raw file."""
        if dataset not in self._digests:
            self._digests[dataset] = self._scanned(dataset)
        return self._digests[dataset]

    def _scanned(self, dataset: str) -> RawDigests:
        raw = self._datasets.raw_layout(dataset)
        where = f"config: datasets.{self._datasets.names[dataset]}"
        root, n_shards = self.root(dataset), self._datasets.n_shards(dataset)
        try:
            found = RawDigests(Path(root), self._datasets.layout(dataset), raw["files"], raw["lists"], n_shards)
        except (ValueError, OSError) as error:
            raise Refusal(f"{where}: {one_line(error)}") from None
        if not found.files:
            looked_for = ", ".join(
                pattern if "*" in pattern else f"of those that {pattern} lists" for pattern in raw["files"].values()
            )
            raise Refusal(f"{where}.root: no file {looked_for} in {root}")
        return found
