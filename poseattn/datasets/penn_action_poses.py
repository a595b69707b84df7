"""Label files of Penn Action: joints of one person in every frame, with what is known of each."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, UInt8

from poseattn.datasets.matlab import read_matlab
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
        ValueError: It is damaged, lacks a field, or its fields do not fit each other.
    """
    fields = read_matlab(path, ("action", "x", "y", "visibility", "train", "bbox", "dimensions", "nframes"))
    x, y, visibility, box = (fields[name].astype(np.float32) for name in ("x", "y", "visibility", "bbox"))
    n_frames = int(fields["nframes"].item())
    action, rows, cols = str(fields["action"].item()), *fields["dimensions"].ravel()[:2].astype(int).tolist()
    for name, array in (("x", x), ("y", y), ("visibility", visibility)):
        if array.shape != (n_frames, _JOINTS) or not np.isfinite(array).all():
            raise ValueError(f"{name} has shape {array.shape}, expected {n_frames} frames of {_JOINTS} numbers")
    if box.ndim != 2 or box.shape[1] != 4 or not len(box):
        raise ValueError(f"bbox has shape {box.shape}, expected {n_frames} boxes of 4 numbers")
    seen = visibility > 0
    placeholder = ~seen & (x == y) & (x <= _PLACEHOLDER)
    return Labels(
        action=action,
        trains=int(fields["train"].item()) == 1,
        position=np.stack([x, y], axis=-1) - 0.5,  # the centre of the first pixel is (1, 1) in the file
        visibility=seen.astype(np.uint8),
        valid=(~placeholder).astype(np.uint8),
        box=box[np.minimum(np.arange(n_frames), len(box) - 1)] - 0.5,
        size=(rows, cols),
    )


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
