"""Files that a figure is made from."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FigureInputs:
    """Files that a figure is made from. Each kind of figure reads some of them and leaves the others empty.

    Attributes:
        root: Folder of the data set.
        classes: Names of the classes of the data set.
        manifest: Clips of the data set, one file; empty for kinds that show no frames.
        scores: Scores of the test clips, one file for each run.
        runs: Runs as JSON whose models are run again.
        checkpoints: Models of these runs.
        cubes: Cube shards; where several runs are run again, as many for each, in the order of the runs.
        frames: Shards of stored frames.
        heatmaps: Shards of heatmaps.
        poses: Pose shards.
        threads: CPU threads of an operation.
    """

    root: Path
    classes: Path
    manifest: list[Path]
    scores: list[Path]
    runs: list[str]
    checkpoints: list[Path]
    cubes: list[Path]
    frames: list[Path]
    heatmaps: list[Path]
    poses: list[Path]
    threads: int
