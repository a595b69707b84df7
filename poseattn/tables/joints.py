"""Joints read from the attention of a model: where they are in the image, and how many are right.

A by-product of RPAN (Du, Wang, Qiao 2017, Sec. 4.3): the share of correct keypoints at 0.2 of a person's size.
"""

from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

from poseattn.pose.accuracy import chance_accuracy, countable, joint_accuracy
from poseattn.pose.targets import Size, estimate_joints

HEADER = (
    "row_label",
    "method_id",
    "own_method",
    "pck",
    "pck_sd",
    "pck_published",
    "pck_delta",
    "pck_n_test",
    "pck_n_excluded",
    "seeds",
    "data",
    "weights",
    "note",
    "pck_uniform",
    "n_joints",
)
ESTIMATE_HEADER = ("clip_id", "frame", "joint", "x", "y")


class Estimates(NamedTuple):
    """Joints in the test frames of one clip; pixels of the frames as they are in the data set.

    Attributes:
        frame: Numbers of the frames, from 0.
        estimated: Where attention is highest.
        annotated: Where the joints are.
        visible: 1 for joints that somebody saw.
        box: Around the person: left, top, right and bottom.
        size: Height and width of the frames.
    """

    frame: Shaped[np.ndarray, " t"]
    estimated: Float[np.ndarray, "t j 2"]
    annotated: Float[np.ndarray, "t j 2"]
    visible: Shaped[np.ndarray, "t j"]
    box: Float[np.ndarray, "t 4"]
    size: Shaped[np.ndarray, "t 2"]


def place_joints(heatmap: Float[np.ndarray, "t j k"], size: Shaped[np.ndarray, "t 2"], grid: Size) -> np.ndarray:
    """Where attention is highest.

    Args:
        heatmap: Attention of each joint over the cells of a frame.
        size: Height and width of the frames, pixels.
        grid: Rows and columns of cells.

    Returns:
        Joints (t, j, 2) float, pixels of the frames.
    """
    return estimate_joints(heatmap, (1, 1), grid) * size[:, None, ::-1]


def tabulate_joints(
    seeds: Sequence[Sequence[Estimates]],
    names: Sequence[str],
    grid: Size,
    settings: dict[str, Any],
    origin: dict[str, Any],
) -> list[list[str]]:
    """Share of correct keypoints, joint by joint and of all together, with the columns of every results table.

    Args:
        seeds: Estimates in the test clips, of each training.
        names: Of the joints.
        grid: Rows and columns of the heatmaps.
        settings: `threshold`, a share of the longer side of a person's box, and `published`, the value for all joints.
        origin: Attributes of the scores: `run`, `n_excluded`, `data`, `weights` and `note`.

    Returns:
        Header and one row a joint; the last row is all of them. `pck_uniform` is what heatmaps would reach that are
        the same everywhere, `n_joints` counts those that were visible, in frames whose box has an extent. Where none
        can be counted, all of these are empty and `note` says why.
    """
    merged = [_merge(clips, len(names)) for clips in seeds]
    first, n_clips = merged[0], len(seeds[0])
    rows = [list(HEADER)]
    for number, name in [*enumerate(names), (None, "all")]:
        part = slice(None) if number is None else slice(number, number + 1)
        of_joint = (first.annotated[:, part], first.visible[:, part], first.box)
        n_joints = int(countable(*of_joint[1:]).sum())
        values = [_accuracy(one, part, settings["threshold"]) for one in merged] if n_joints else []
        published = settings["published"] if number is None else None
        mean, deviation = fmean(values) if values else None, stdev(values) if values[1:] else None
        delta = mean - published if None not in (mean, published) and origin["data"] == "real" else None
        texts = [_text(value) for value in (mean, deviation, published, delta)]
        counts = [str(n_clips), str(origin["n_excluded"]), str(len(merged))]
        notes = [str(origin["note"]), "" if n_joints else f"{name}: no joint to count"]
        made_of = [str(origin["data"]), str(origin["weights"]), "; ".join(filter(None, notes))]
        chance = chance_accuracy(*of_joint, first.size, grid, settings["threshold"]) if n_joints else None
        extra = [_text(chance), str(n_joints)]
        rows.append([name, str(origin["run"]), "true", *texts, *counts, *made_of, *extra])
    return rows


def _merge(clips: Sequence[Estimates], n_joints: int) -> Estimates:
    """Frames of all clips, one after the other."""
    nothing = (np.empty((0, *shape)) for shape in ((), (n_joints, 2), (n_joints, 2), (n_joints,), (4,), (2,)))
    return Estimates(*map(np.concatenate, zip(Estimates(*nothing), *clips, strict=True)))


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _accuracy(one: Estimates, part: slice, threshold: float) -> float:
    return joint_accuracy(one.estimated[:, part], one.annotated[:, part], one.visible[:, part], one.box, threshold)
