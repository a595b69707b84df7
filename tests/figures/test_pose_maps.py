"""Pictures of poses and of hidden states: what their axes show, and equal bytes."""

import numpy as np
import pytest

from poseattn.figures.pose_maps import PosedImage, draw_cells, draw_pose_maps, figure_of_cells, figure_of_maps

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
POSE = np.random.default_rng(1).random((8, 8)).astype(np.float32)
SAMPLE = PosedImage(IMAGE, POSE, np.array([0, -10, 60, 50], np.float32), "running, a_001")
STATES = {1: np.linspace(-0.9, 0.7, 16).reshape(4, 4), 2: np.linspace(-0.1, 0.2, 16).reshape(4, 4)}


def test_a_pose_map_lies_where_it_was_found_in_the_image() -> None:
    figure = figure_of_maps([SAMPLE, SAMPLE._replace(title="rowing")], "Title")
    upper, other, lower, _ = figure.axes
    assert [axes.get_title() for axes in (upper, other)] == ["running, a_001", "rowing"]
    np.testing.assert_array_equal(upper.images[0].get_array(), IMAGE)
    np.testing.assert_array_equal(lower.images[0].get_array(), POSE)
    assert lower.images[0].get_extent() == [0, 60, 50, -10]
    assert upper.get_xlim() == lower.get_xlim() == (0, 60) and upper.get_ylim() == lower.get_ylim() == (40, 0)


def test_each_cell_has_a_colour_scale_of_its_own() -> None:
    figure = figure_of_cells(SAMPLE, STATES, "Title")
    panels = [axes for axes in figure.axes if axes.images and axes.get_title()]
    assert [axes.get_title() for axes in panels[2:]] == ["hidden state of cell 1", "hidden state of cell 2"]
    for axes, state in zip(panels[2:], STATES.values(), strict=True):
        np.testing.assert_array_equal(axes.images[0].get_array(), state)
        assert axes.images[0].get_clim() == pytest.approx((state.min(), state.max()))


def test_equal_arguments_give_equal_bytes() -> None:
    first, second = (draw_pose_maps([SAMPLE], "Title", "Caption") for _ in range(2))
    assert first == second and first.startswith(b"\x89PNG") and b"Caption" in first
    cells = draw_cells(SAMPLE, STATES, "Title", "Caption")
    assert cells == draw_cells(SAMPLE, STATES, "Title", "Caption") != first
