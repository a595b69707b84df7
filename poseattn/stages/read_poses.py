"""Read the joint positions of the people of each clip from skeleton or label files."""

import importlib
import json
from pathlib import Path

from poseattn.extraction.statuses import Statuses, asked_clips
from poseattn.shards.shard import ShardWriter


def run(*, root: Path, manifest: Path, layout: str, recipe: str, out: Path, status: Path, code: str) -> None:
    """Read the poses of a shard of clips.

    A clip whose file is missing or broken gets no rows; the reason stands in the status table. Clips that the protocol
    leaves out are not read.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        layout: Data set whose files they are, such as `ntu`; its module `poseattn.datasets.<layout>_poses` reads them.
        recipe: JSON object, empty where nothing can be chosen.
        out: Shard to write, of the kind `poses`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        code: Hash of the source.

    Raises:
        ValueError: The recipe does not fit the data set, or the manifest is none.
        OSError: A file that was there when the manifest was made cannot be read, which says nothing about its clip.
    """
    module, settings = importlib.import_module(f"poseattn.datasets.{layout}_poses"), json.loads(recipe)
    module.check_recipe(settings)
    asked, form = asked_clips(manifest, root), module.POSES
    statuses = Statuses("read_poses", len(asked))
    header = {"kind": "poses", "axes": form.axes, "units": form.units, "side": form.side, "recipe": recipe}
    # The attribute says whose joints these are; it stays `layout`, so that old shards can be read.
    with ShardWriter(out, **header, code=code, attrs={"layout": layout}, empty=(form.shape, "float32")) as writer:
        for clip_id, path in zip(asked.clip_id, asked.pose_path, strict=True):
            try:
                if not path:
                    raise ValueError("no skeleton")
                arrays = module.read_poses(root / path, settings)
            except ValueError as error:
                statuses.bad(clip_id, error)
                continue
            joints = arrays.pop("data")
            writer.append(clip_id, joints, **arrays)
            statuses.good(clip_id, len(joints))
    statuses.write(status)
