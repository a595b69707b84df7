"""Label files of Penn Action: joints of one person in every frame, with what is known of each."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.datasets.matlab import MOST_PIXELS, read_matlab
from poseattn.datasets.pose_format import no_choice, planar_format
from poseattn.pose.parts import BODIES

POSES = planar_format(BODIES["penn_action"])
check_recipe = no_choice
_JOINTS = len(BODIES["penn_action"].joints)
_PLACEHOLDER = 1.6  # pixels: joints that nobody could place stand at (1, 1), divided by how the clip was scaled


class Labels(NamedTuple):
    """A label file.

    Attributes:
        action: Class.
        trains: Whether the clip is for training; it tests otherwise.
        position: Joints in pixels from the edges of the frame, x to the right and y down.
        visibility: 1 where a joint was seen.
        valid: 0 where the position is a placeholder.
        box: Box around the person (x1, y1, x2, y2) in pixels; a row that lacks repeats the one before.
        size: Rows and columns of the frames.
    """

    action: str
    trains: bool
    position: Float[np.ndarray, "t 13 2"]
    visibility: UInt8[np.ndarray, "t 13"]
    valid: UInt8[np.ndarray, "t 13"]
    box: Float[np.ndarray, "t 4"]
    size: tuple[int, int]


def read_labels(path: Path) -> Labels:
    """Read the label file of a clip.

    Args:
        path: MATLAB file; its integer types vary from clip to clip.

    Returns:
        What it says.

    Raises:
        ValueError: It is damaged, lacks a field, or one is not what it should be.
    """
    fields = read_matlab(path, ("action", "x", "y", "visibility", "train", "bbox", "dimensions", "nframes"))
    n_frames, train = (_whole(name, fields[name], 1)[0] for name in ("nframes", "train"))
    rows, cols = _whole("dimensions", fields["dimensions"], 2)
    if min(rows, cols) < 1 or train not in (1, -1) or fields["action"].shape != (1,):
        raise ValueError(
            f"dimensions {rows} x {cols}, train {train}, {fields['action'].size} actions;"
            " expected a size, 1 or -1, and one action"
        )
    x, y, visibility = (_table(name, fields[name], (n_frames,), _JOINTS) for name in ("x", "y", "visibility"))
    box = _table("bbox", fields["bbox"], (n_frames, n_frames - 1), 4)  # in one file the last row lacks
    seen = visibility > 0
    placeholder = ~seen & (x == y) & (x <= _PLACEHOLDER)
    return Labels(
        action=str(fields["action"].item()),
        trains=train == 1,
        position=np.stack([x, y], axis=-1) - 0.5,  # the centre of the first pixel is (1, 1) in the file
        visibility=seen.astype(np.uint8),
        valid=(~placeholder).astype(np.uint8),
        box=box[np.minimum(np.arange(n_frames), len(box) - 1)] - 0.5,
        size=(rows, cols),
    )


def _whole(name: str, field: np.ndarray, count: int) -> list[int]:
    """First whole numbers of a field that has at least so many."""
    numbers = field.ravel().astype(float) if field.dtype.kind in "iuf" else np.array([])
    if numbers.size < count or not (np.abs(numbers) < MOST_PIXELS).all():
        raise ValueError(f"{name} is {field.ravel()[:3].tolist()}, expected {count} numbers")
    return [int(number) for number in numbers[:count]]


def _table(name: str, field: np.ndarray, lengths: tuple[int, ...], width: int) -> Float[np.ndarray, "t width"]:
    """A finite number in every column of as many rows as there may be."""
    if field.dtype.kind not in "iufb" or field.ndim != 2 or len(field) not in lengths or field.shape[1] != width:
        raise ValueError(f"{name} has shape {field.shape}, expected {lengths[0]} frames of {width} numbers")
    if not len(field) or not (np.abs(field.astype(float)) < MOST_PIXELS).all():
        raise ValueError(f"{name} has no frames, or numbers that are not finite")
    return field.astype(np.float32)


def read_poses(path: Path, recipe: dict[str, Any]) -> dict[str, np.ndarray]:
    """Joints of a clip as a pose shard has them; see `poseattn.datasets.pose_format`.

    Args:
        path: Label file.
        recipe: Empty.

    Returns:
        Arrays by name.

    Raises:
        ValueError: The file is not what it should be.
    """
    labels = read_labels(path)
    return {
        "data": labels.position[:, None],
        "presence": np.ones((len(labels.position), 1), np.uint8),
        "visibility": labels.visibility[:, None],
        "valid": labels.valid[:, None],
        "box": labels.box[:, None],
        "size": np.tile(np.array(labels.size, np.int32), (len(labels.position), 1)),
    }
