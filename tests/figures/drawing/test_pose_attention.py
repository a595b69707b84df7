"""Channels that answer to a joint, and what stands where they are highest, by hand."""

import numpy as np
import pytest

from poseattn.figures.drawing.pose_attention import PosedClip, _draw, channel_of_joint, draw_posed_clip, patch_at_peak
from poseattn.pose.parts import BODIES

BODY = BODIES["penn_action"]


@pytest.mark.parametrize(("position", "channel"), [((25, 10), 1), ((14, 10), 0), ((500, -3), 2)])
def test_the_channel_is_the_highest_in_the_cell_of_the_joint(position: tuple[int, int], channel: int) -> None:
    """Cells of 10 x 20 pixels; a joint outside the frame is taken to be at its edge."""
    cube = np.zeros((3, 4, 3), np.float32)
    cube[1, 1] = 0.1, 0.9, 0.2
    cube[1, 0] = 0.5, 0.4, 0.3
    cube[0, 3] = 0.1, 0.2, 0.9
    np.testing.assert_array_equal(channel_of_joint(cube, np.array(position), (30, 80)), cube[..., channel])


@pytest.mark.parametrize(("cell", "top", "left"), [((1, 2), 95, 260), ((0, 0), 0, 0), ((2, 3), 185, 380)])
def test_the_patch_is_around_the_peak_and_inside_the_picture(cell: tuple[int, int], top: int, left: int) -> None:
    """Cells of 90 x 120 pixels: the peak is the middle of one; beyond the outermost middles nothing falls off."""
    rows, cols = np.mgrid[:270, :480]
    image = np.dstack([rows % 256, cols % 256, (rows // 256) + 2 * (cols // 256)]).astype(np.uint8)
    channel = np.zeros((3, 4), np.float32)
    channel[cell] = 1
    patch = patch_at_peak(image, channel)
    assert patch.shape == (80, 80, 3)
    found = (
        int(patch[0, 0, 0]) + 256 * (int(patch[0, 0, 2]) % 2),
        int(patch[0, 0, 1]) + 256 * (int(patch[0, 0, 2]) // 2),
    )
    assert abs(found[0] - top) <= 1 and abs(found[1] - left) <= 1


def _clip() -> PosedClip:
    """Two steps; of the joints shown, the right ankle is marked in none, the right elbow in the first alone."""
    rng = np.random.default_rng(0)
    joints = rng.uniform(0, 27, (2, 13, 2)).astype(np.float32)
    valid = np.ones((2, 13), np.uint8)
    valid[:, BODY.joints.index("right_ankle")] = valid[1, BODY.joints.index("right_elbow")] = 0
    return PosedClip(
        images=rng.integers(0, 256, (2, 27, 48, 3), np.uint8), annotated=joints, valid=valid, estimated=joints / 2,
        heatmap=rng.random((2, 13, 3, 4)), cube=rng.random((2, 3, 4, 5)), frames=np.array([0, 7]),
    )  # fmt: skip


def test_the_same_bytes() -> None:
    first, second = (draw_posed_clip(_clip(), BODY, "title", "caption") for _ in range(2))
    assert first == second


def test_panels_show_what_their_names_say() -> None:
    clip = _clip()
    figure = _draw(clip, BODY, "title")
    rows = {axes.get_ylabel(): axes for axes in figure.axes if axes.get_ylabel()}
    assert [*rows] == [
        "(a) annotated", "(b) features", "(d) mean of joints", "(d) right ankle", "(d) right elbow", "(d) right wrist",
        "(d) estimated",
    ]  # fmt: skip
    marked = np.flatnonzero(clip.valid[0])
    np.testing.assert_allclose(rows["(a) annotated"].collections[0].get_offsets(), clip.annotated[0, marked])
    np.testing.assert_allclose(rows["(d) estimated"].collections[0].get_offsets(), clip.estimated[0])
    np.testing.assert_allclose(rows["(b) features"].images[1].get_array(), clip.cube[0].sum(-1))
    np.testing.assert_allclose(rows["(d) mean of joints"].images[1].get_array(), clip.heatmap[0].mean(0))
    wrist = clip.heatmap[0, BODY.joints.index("right_wrist")]
    np.testing.assert_allclose(rows["(d) right wrist"].images[1].get_array(), wrist)
    channels = {axes.get_title(): axes for axes in figure.axes if axes.get_title().startswith("(c)")}
    labels = {name.removeprefix("(c) channel of "): axes.get_xlabel() for name, axes in channels.items()}
    assert labels == {
        "right ankle": "not annotated in this clip", "right elbow": "frame 0", "right wrist": "frame 7",
    }  # fmt: skip
    assert not channels["(c) channel of right ankle"].images
