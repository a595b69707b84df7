"""Channels that answer to a joint, and what stands where they are highest, by hand."""

import numpy as np
import pytest

from poseattn.pose.parts import BODIES
from poseattn.pose_pictures import GuidedClip, channel_of_joint, draw_guided, patch_at_peak


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


def test_the_same_bytes() -> None:
    rng = np.random.default_rng(0)
    joints = rng.uniform(0, 27, (2, 13, 2)).astype(np.float32)
    valid = np.ones((2, 13), np.uint8)
    valid[0, 3] = 0
    clip = GuidedClip(
        images=rng.integers(0, 256, (2, 27, 48, 3), np.uint8), annotated=joints, valid=valid, estimated=joints,
        heatmap=rng.random((2, 13, 3, 4)), cube=rng.random((2, 3, 4, 5)), frames=np.array([0, 7]),
    )  # fmt: skip
    first, second = (draw_guided(clip, BODIES["penn_action"], "title", "caption") for _ in range(2))
    assert first == second
