"""Stage compute_flow: frames of videos -> optical flow from each to the next, in eight bits (Wang et al. 2016)."""

import importlib
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from poseattn.extraction.statuses import Statuses, asked_clips, videos_of
from poseattn.shards import jpegs
from poseattn.shards.shard import ShardWriter
from poseattn.video.clip_frames import squashed
from poseattn.video.damage import read_policy
from poseattn.video.fields import FIELDS, Flow, successive_fields
from poseattn.video.flow import implementation, successive_flow
from poseattn.video.flow_codes import as_grey, quantise
from poseattn.video.frames import Frame, VideoError
from poseattn.video.opencv_builds import check_one_build

_LAYOUT = f"{jpegs.LAYOUT}; an image: motion along x above motion along y, round(255 (v + bound) / (2 bound))"
_LEARNT = ("raft_small", "raft_large")
_METHODS = ("tvl1", "dis", *_LEARNT)
_ROUTINES = ("skimage", "opencv")  # of TV-L1, whose results differ


def run(
    *,
    root: Path,
    manifest: Path,
    weights: list[Path],
    recipe: str,
    out: Path,
    status: Path,
    threads: int,
    device: str,
    code: str,
    damaged: str = "refuse",
) -> None:
    """Decode the videos of a shard once and keep the flow between successive frames, one field fewer than frames.

    A clip of a single frame, or one that cannot be decoded to its end, gets no rows; the reason stands in the status
    table. If damaged clips are kept, a field that touches a damaged frame is left empty.

    Args:
        root: Folder of the data set.
        manifest: Clips of the shard.
        weights: File of the weights of RAFT; none for other methods.
        recipe: JSON: `method` (tvl1, dis, raft_small or raft_large), `size` to which frames are squashed first (an edge
            or rows and columns, pixels), `bound` (largest motion, pixels), `quality` of the JPEG files, for TV-L1
            `tvl1`, the library that computes it (skimage or opencv), and for RAFT `batch`, how many fields it computes
            at once.
        out: Shard of kind `flow`.
        status: Table to write: each clip with its number of frames and, if it is bad, the reason.
        threads: CPU threads of RAFT; other methods use one.
        device: Where RAFT computes: `auto`, `cpu` or `cuda`.
        code: Hash of the source, for the record.
        damaged: What becomes of damaged videos (see `poseattn.video.damage.read_policy`).

    Raises:
        ValueError: The recipe or the weights are wrong, or the manifest is none.
    """
    settings, asked = json.loads(recipe), asked_clips(manifest, root)
    videos = videos_of(root, read_policy(damaged))
    if missing := sorted({"method", "size", "bound", "quality"} - settings.keys()):
        raise ValueError(f"recipe: no key {', '.join(missing)}")
    flow, attrs = _flow_of(settings, weights, threads, device)
    statuses = Statuses("compute_flow", len(asked))
    header = jpegs.HEADER | {"kind": "flow", "recipe": recipe, "code": code, "attrs": {"layout": _LAYOUT} | attrs}
    with ShardWriter(out, **header) as writer:
        for clip in asked.itertuples():
            source = videos(clip)
            fields = _greys(successive_fields(squashed(source, settings["size"]), flow), settings["bound"])
            try:
                n_fields = jpegs.write_clip(writer, clip.clip_id, fields, settings["quality"])
                statuses.good(clip.clip_id, n_fields + 1, source.account)
            except VideoError as error:
                statuses.bad(clip.clip_id, error, source.account)
    statuses.write(status)


def _flow_of(settings: dict[str, Any], weights: list[Path], threads: int, device: str) -> tuple[Flow, dict[str, Any]]:
    """What computes the fields of a clip, and what the shard's attributes say of it."""
    method = settings["method"]
    if method not in _METHODS:
        raise ValueError(f"recipe: method {method!r}, expected one of {', '.join(_METHODS)}")
    if len(weights) != (method in _LEARNT):
        raise ValueError(f"recipe: method {method} with {len(weights)} weights files, expected {int(not weights)}")
    if method in _LEARNT:  # loaded by name: other methods need no tensors, nor does an edit there change their flow
        learnt = importlib.import_module("poseattn.extraction.learnt_flow")
        return learnt.ready_raft(settings, weights[0], threads, device)
    if method == "tvl1":
        if settings.get("tvl1") not in _ROUTINES:
            raise ValueError(f"recipe: tvl1 is {settings.get('tvl1')!r}, expected {' or '.join(_ROUTINES)}")
        method = f"tvl1:{settings['tvl1']}"
    check_one_build()
    return partial(successive_flow, method=method), {"implementation": implementation(method)}


def _greys(fields: Iterator[Frame], bound: float | int) -> Iterator[Frame]:
    """Fields as grey images of codes, unless too few of them follow each other for a stack."""
    n_fields = in_row = most = 0
    for field in fields:
        n_fields, in_row = n_fields + 1, in_row + 1 if field.healthy else 0
        most = max(most, in_row)
        yield field._replace(image=as_grey(quantise(field.image, bound))) if field.healthy else field
    if most < min(n_fields, FIELDS):
        raise VideoError(f"no {min(n_fields, FIELDS)} successive flow fields are without a damaged frame")
