"""Drawing of a clip with its joints, its features and its pose attention (Du, Wang, Qiao 2017, Fig. 1)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from poseattn.figures.drawing.png import render
from poseattn.pose.parts import Body
from poseattn.video.opencv import cv2

_PATCH = 80 / 270  # of the height of a frame, as in the paper
_COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")  # of parts (Okabe and Ito)
_LIMBS = ("shoulder", "elbow", "wrist"), ("shoulder", "hip", "knee", "ankle")
_SHOWN = ("right_ankle", "right_elbow", "right_wrist")


class PosedClip(NamedTuple):
    """The steps of a clip; positions are in pixels of the images.

    Attributes:
        images: Frames.
        annotated: Joints as people marked them.
        valid: 0 where an annotated position is a placeholder.
        estimated: Joints at the places with the highest attention.
        heatmap: Attention of each joint.
        cube: Feature cubes of the spatial stream.
        frames: Numbers of the frames in the clip.
    """

    images: UInt8[np.ndarray, "t row col rgb"]
    annotated: Float[np.ndarray, "t j 2"]
    valid: Shaped[np.ndarray, "t j"]
    estimated: Float[np.ndarray, "t j 2"]
    heatmap: Float[np.ndarray, "t j k1 k2"]
    cube: Float[np.ndarray, "t k1 k2 d"]
    frames: Shaped[np.ndarray, " t"]


def channel_of_joint(cube: Float[np.ndarray, "k1 k2 d"], position: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Find the channel that is highest in the cell of a joint.

    Args:
        cube: Feature cube of a frame.
        position: Joint (x, y), pixels.
        size: Rows and columns of the frame, pixels.

    Returns:
        Map of the channel, (k1, k2) float.
    """
    rows, cols = cube.shape[:2]
    row, col = int(position[1] * rows / size[0]), int(position[0] * cols / size[1])
    return cube[..., cube[min(max(row, 0), rows - 1), min(max(col, 0), cols - 1)].argmax()]


def patch_at_peak(
    image: UInt8[np.ndarray, "row col rgb"], channel: Float[np.ndarray, "k1 k2"]
) -> UInt8[np.ndarray, "edge edge rgb"]:
    """Cut a square around the highest value of a map that is enlarged to the size of an image.

    Args:
        image: The image.
        channel: The map.

    Returns:
        Square that lies inside the image; its side is 80 / 270 of the image's height.
    """
    edge = round(_PATCH * len(image))
    enlarged = cv2.resize(channel.astype(np.float32), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    row, col = np.unravel_index(enlarged.argmax(), enlarged.shape)
    top, left = (
        int(np.clip(at - edge // 2, 0, side - edge)) for at, side in zip((row, col), image.shape, strict=False)
    )
    return image[top : top + edge, left : left + edge]


def draw_posed_clip(clip: PosedClip, body: Body, title: str, caption: str) -> bytes:
    """Draw all panels of the figure, one column a step.

    Args:
        clip: What to draw.
        body: Names and parts of the joints.
        title: First line.
        caption: Text that is stored in the file.

    Returns:
        PNG file; the same arguments give the same bytes.
    """
    return render(lambda: _draw(clip, body, title), title, caption, {"font.size": 8})


def _draw(clip: PosedClip, body: Body, title: str) -> Figure:
    n_steps, n_rows, n_cols = clip.images.shape[:3]
    rows = _rows(clip, body)
    width = 13.0
    height = 0.7 + (len(rows) + 1.4) * (width / n_steps * n_rows / n_cols + 0.22)
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    figure.suptitle(title, fontsize=13, weight="bold", x=0.01, ha="left")
    above, below = figure.subfigures(2, 1, height_ratios=(len(rows), 1.4))
    grid = above.subplots(len(rows), n_steps, squeeze=False)
    for line, (name, maps, joints) in zip(grid, rows, strict=True):
        for step, axes in enumerate(line):
            _draw_step(axes, clip.images[step], None if maps is None else maps[step])
            if joints is not None:
                _draw_joints(axes, joints[0][step], joints[1][step], body)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for step, axes in enumerate(grid[-1]):
        axes.set_xlabel(f"frame {clip.frames[step]}")
    _draw_channels(list(below.subplots(1, 2 * len(_SHOWN))), clip, body)
    return figure


Row = tuple[str, np.ndarray | None, tuple[np.ndarray, np.ndarray] | None]


def _rows(clip: PosedClip, body: Body) -> list[Row]:
    """Name each row of panels, with its maps and joints."""
    everywhere = np.ones(clip.valid.shape)
    attention: list[Row] = [("(d) mean of joints", clip.heatmap.mean(axis=1), None)]
    for joint in _SHOWN:
        attention.append((f"(d) {joint.replace('_', ' ')}", clip.heatmap[:, body.joints.index(joint)], None))
    return [
        ("(a) annotated", None, (clip.annotated, clip.valid)),
        ("(b) features", clip.cube.sum(axis=-1), None),
        *attention,
        ("(d) estimated", None, (clip.estimated, everywhere)),
    ]


def _draw_step(axes: Axes, image: np.ndarray, map_: np.ndarray | None) -> None:
    """Show a frame, or a map over the frame in grey."""
    axes.set(xticks=[], yticks=[])
    extent = (0, image.shape[1], image.shape[0], 0)
    if map_ is None:
        axes.imshow(image, extent=extent)
    else:
        axes.imshow(image.mean(axis=-1), cmap="gray", vmin=0, vmax=255, extent=extent)
        axes.imshow(map_, cmap="jet", alpha=0.55, extent=extent, interpolation="bilinear")


def _draw_joints(axes: Axes, position: np.ndarray, valid: np.ndarray, body: Body) -> None:
    """Draw joints in the colours of their parts, and lines along arms, legs and trunk."""
    for limb, side in ((limb, side) for limb in _LIMBS for side in ("left", "right")):
        numbers = [body.joints.index(f"{side}_{name}") for name in limb]
        if valid[numbers].all():
            axes.plot(*position[numbers].T, color="white", linewidth=1, alpha=0.8)
    colors = [_COLORS[part] for part in body.part_of]
    known = np.flatnonzero(valid)
    axes.scatter(*position[known].T, s=9, c=[colors[joint] for joint in known], edgecolors="white", linewidths=0.4)
    axes.autoscale(False)


def _draw_channels(plots: Sequence[Axes], clip: PosedClip, body: Body) -> None:
    """Draw channels that answer to joints, and the patch at the peak of each, in the frame nearest to the middle."""
    size, middle = clip.images.shape[1:3], len(clip.images) // 2
    for number, name in enumerate(_SHOWN):
        map_axes, patch_axes = plots[2 * number : 2 * number + 2]
        joint = body.joints.index(name)
        map_axes.set_title(f"(c) channel of {name.replace('_', ' ')}")
        patch_axes.set(xticks=[], yticks=[], title="where it is highest")
        known = np.flatnonzero(clip.valid[:, joint])
        if not len(known):
            map_axes.set(xticks=[], yticks=[], xlabel="not annotated in this clip")
            continue
        step = known[np.abs(known - middle).argmin()]
        channel = channel_of_joint(clip.cube[step], clip.annotated[step, joint], size)
        _draw_step(map_axes, clip.images[step], channel)
        map_axes.set_xlabel(f"frame {clip.frames[step]}")
        patch_axes.imshow(patch_at_peak(clip.images[step], channel))
