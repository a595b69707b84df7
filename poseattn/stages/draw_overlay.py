"""Stage draw_overlay: any clip of a data set as a video, with what a trained model attends to in it."""

from pathlib import Path

from poseattn.clips.manifest import read_manifest
from poseattn.figures.overlays.clip_overlay import ClipFile, likeliest, places_of, write_overlay
from poseattn.inputs.features import load_features
from poseattn.networks.device import pick_device, set_threads
from poseattn.shards.shard_set import ShardSet
from poseattn.training import runs
from poseattn.training.checkpoint import load_checkpoint
from poseattn.training.evaluate import score_clips
from poseattn.training.model import load_model


def run(
    *,
    root: Path,
    manifest: Path,
    cubes: list[Path],
    checkpoint: Path,
    run: str,
    clip: str,
    out: Path,
    threads: int,
    device: str,
) -> None:
    """Write the clip at its own speed, attention as light in it, and below it the likeliest classes.

    Args:
        root: Folder of the data set.
        manifest: Clips of the data set.
        cubes: The cube shard that has the clip.
        checkpoint: Model that `train` wrote.
        run: The run as JSON.
        clip: Name of the clip, of any part of the protocol.
        out: MP4 file to write.
        threads: CPU threads of an operation.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        ValueError: There is no such clip, it could not be used, or the model has no attention over places.
    """
    settings = runs.read_settings(run, (*runs.TRAINING_KEYS, *runs.EVALUATION_KEYS))
    state, about = load_checkpoint(checkpoint)
    if state is None:
        raise ValueError(f"{checkpoint} has no model: {about['note']}")
    clips = read_manifest(manifest).set_index("clip_id")
    if clip not in clips.index:
        raise ValueError(f"{manifest}: no clip {clip!r}")
    row = clips.loc[clip]
    if row.excluded:
        raise ValueError(f"clip {clip!r} is excluded: {row.excluded}")
    place = pick_device(device)
    set_threads(threads)
    inputs = {"cubes": ShardSet(cubes, "cubes")}
    model = load_model(settings, inputs, len(about["classes"]), state, place)
    features = load_features([clip], inputs, model.inputs, settings, place, budget=0)
    scores, _ = score_clips(model, features, settings)
    location = places_of(model, features, settings, 0, inputs["cubes"].row_shape[:2])
    answers = likeliest(scores[0], about["classes"], settings)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_overlay(out, ClipFile(root / row.path, row.start, row.end, row.pose_path), location, answers)
