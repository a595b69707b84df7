"""List the names of a data set's classes, in the order of their numbers."""

import importlib
import json
from pathlib import Path

from poseattn.clips.listing import find_lists, find_root
from poseattn.clips.manifest import write_classes
from poseattn.clips.raw_clips import refuse_changed
from poseattn.clips.raw_digests import NO_DIGEST, digest_of_classes
from poseattn.clips.standin_record import check_contents


def run(*, root: Path, layout: str, files: str, lists: str, out: Path, planned: str = NO_DIGEST) -> None:
    """Write the names, one a line.

    Args:
        root: Folder of the data set, or the one that holds it.
        layout: Name of the data set's module, such as `ntu`.
        files: JSON object: kind of file to pattern, as in `build-manifest`.
        lists: JSON list of files below the root, from which the names may come.
        out: Text file to write.
        planned: Digest of the lists when the run was planned; `none` for a stand-in.

    Raises:
        ValueError: The root has no such layout, there is no class, or a list of a stand-in is not as it was made.
        OSError: The lists are not as they were when the run was planned, or cannot be read.
    """
    module = importlib.import_module(f"poseattn.datasets.{layout}")
    folder = find_root(root, json.loads(files), json.loads(lists))
    listed = find_lists(folder, json.loads(lists))
    check_contents(folder, listed)
    if planned != NO_DIGEST:
        refuse_changed(folder, planned, digest_of_classes(folder, layout, json.loads(lists)))
    names = module.classes(folder, listed)
    if not names:
        raise ValueError(f"{folder}: no class of {layout} is listed")
    if wrong := [name for name in names if not (name and name.isprintable())]:
        raise ValueError(f"{folder}: class {wrong[0]!r}: expected a name that can stand in a line")
    write_classes(names, out)
