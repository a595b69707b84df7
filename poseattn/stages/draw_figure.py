"""Draw a figure of a paper by the module of its kind."""

import importlib
import json
from pathlib import Path

from poseattn.figures._inputs import FigureInputs
from poseattn.files import replace_file

_KINDS = Path(__file__).parents[1] / "figures"


def run(
    *,
    kind: str,
    figure: str,
    root: Path,
    classes: Path,
    manifest: list[Path],
    scores: list[Path],
    runs: list[str],
    checkpoints: list[Path],
    cubes: list[Path],
    frames: list[Path],
    heatmaps: list[Path],
    poses: list[Path],
    threads: int,
    out: Path,
) -> None:
    """Draw a figure as an image or, where its kind can, as a video.

    It draws the figures `sta_hands_fig*`, `soft_attention_fig*`, `rpan_fig*`, `alstm_fig*` and `pose_lstm_fig*`.

    Args:
        kind: Kind of the figure: a module of `poseattn/figures` and a section of the configuration.
        figure: The figure as JSON, as its section has it.
        root: Folder of the data set.
        classes: Names of the classes of the data set.
        manifest: Clips of the data set, one file; none for kinds that show no frames.
        scores: Scores of the test clips, one file for each run.
        runs: Runs as JSON whose models are run again.
        checkpoints: Models of these runs.
        cubes: Cube shards; where several runs are run again, as many for each, in the order of the runs.
        frames: Shards of stored frames.
        heatmaps: Shards of heatmaps.
        poses: Pose shards.
        threads: CPU threads of an operation.
        out: File to write, PNG or MP4.

    Raises:
        ValueError: There is no such kind, the kind cannot be drawn as a video, or the inputs do not fit the figure.
    """
    if kind not in (kinds := sorted(path.stem for path in _KINDS.glob("[!_]*.py"))):
        raise ValueError(f"kind: found {kind!r}, expected one of {', '.join(kinds)}")
    module = importlib.import_module(f"poseattn.figures.{kind}")
    given = FigureInputs(root, classes, manifest, scores, runs, checkpoints, cubes, frames, heatmaps, poses, threads)
    if out.suffix != ".mp4":
        replace_file(out, module.draw(json.loads(figure), given))
    elif not hasattr(module, "write_film"):
        raise ValueError(f"{out}: figures of the kind {kind} are images, expected a name with .png")
    else:
        module.write_film(json.loads(figure), given, out)
