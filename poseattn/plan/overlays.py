"""Overlays: videos of single clips with the attention of a run, and the files that they are made from."""

from poseattn.clips.ids import shard_of
from poseattn.plan.clips import Clips
from poseattn.plan.datasets import Datasets
from poseattn.plan.raw import Raw
from poseattn.plan.refusals import Refusal
from poseattn.plan.runs import Runs

_LONGEST = 255  # bytes of a name that file systems take


class Overlays:
    """Overlays of the clips of a configuration.

    Args:
        datasets: Its data sets.
        raw: Its raw files.
        runs: Its runs.
        clips: Names of its clips.
    """

    def __init__(self, datasets: Datasets, raw: Raw, runs: Runs, clips: Clips) -> None:
        self._datasets = datasets
        self._raw = raw
        self._runs = runs
        self._clips = clips

    def checkpoint(self, run: str, dataset: str, protocol: str) -> str:
        """Model whose attention an overlay shows: the first seed of the run."""
        return f"{self._runs.folder(run, dataset, protocol)}/checkpoint.pt"

    def cubes(self, run: str, dataset: str, protocol: str, clip: str) -> str:
        """The one cube shard with a clip.

        Args:
            run: Name of the run.
            dataset: Id of the data set.
            protocol: Protocol of the run.
            clip: Name of the clip.

        Returns:
            Path of the shard.

        Raises:
            Refusal: There is no such protocol or clip, the run reads no cubes, or the log would have too long a name.
        """
        log = f"{dataset}.{run}.{protocol}.{clip}.log"
        if (n_bytes := len(log.encode())) > _LONGEST:
            raise Refusal(
                f"{clip}: its overlay would have a log with a name of {n_bytes} bytes, no file may have more "
                f"than {_LONGEST}: give the video a shorter name"
            )
        self._datasets.check_protocol(protocol, dataset)
        self._clips.check(clip, dataset)
        recipe = self._runs.resolved(run, dataset, protocol)["inputs"].get("cubes")
        if recipe is None:
            raise Refusal(f"run {run} reads no cubes: an overlay shows attention over the places of cubes")
        shard = f"{shard_of(clip, self._datasets.n_shards(dataset)):03d}"
        if shard not in self._raw.shards(dataset):  # of a manifest that is older than the raw files
            raise Refusal(f"{clip}: data set {dataset} has no clip of that name any more")
        return f"results/cubes/{dataset}/{recipe}/{shard}.h5"
