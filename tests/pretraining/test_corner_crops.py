"""Fixed crops: the release's loops written out, a case by hand, and pixels that are the right ones."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from poseattn.pretraining.corner_crops import Crop, corner_crops, cut, five_crops


def _released_offsets(image_w: int, image_h: int, crop_w: int, crop_h: int) -> list[tuple[int, int]]:
    """Places (x, y) as Wang et al.'s release lists them."""
    w_step, h_step = (image_w - crop_w) // 4, (image_h - crop_h) // 4
    corners = [(0, 0), (4 * w_step, 0), (0, 4 * h_step), (4 * w_step, 4 * h_step), (2 * w_step, 2 * h_step)]
    edges = [(0, 2 * h_step), (4 * w_step, 2 * h_step), (2 * w_step, 4 * h_step), (2 * w_step, 0)]
    quarters = [(w_step, h_step), (3 * w_step, h_step), (w_step, 3 * h_step), (3 * w_step, 3 * h_step)]
    return corners + edges + quarters


@pytest.mark.parametrize(("rows", "cols"), [(256, 340), (270, 480), (480, 270), (90, 160), (64, 64)])
def test_shapes_and_places_are_those_of_the_release(rows: int, cols: int) -> None:
    scales = [1, 0.875, 0.75, 0.66]
    expected = []
    for i, height in enumerate(scales):
        for j, width in enumerate(scales):
            if abs(i - j) <= 1:
                crop_h, crop_w = int(min(rows, cols) * height), int(min(rows, cols) * width)
                expected += [Crop(y, x, crop_h, crop_w) for x, y in _released_offsets(cols, rows, crop_w, crop_h)]
    found = corner_crops(rows, cols, scales)
    assert len(found) == 10 * 13
    assert sorted(found) == sorted(expected)
    assert all(crop.top + crop.rows <= rows and crop.left + crop.cols <= cols for crop in found)


def test_corners_and_centre_by_hand() -> None:
    assert five_crops(256, 340, 0.875) == [
        Crop(0, 0, 224, 224),
        Crop(0, 116, 224, 224),
        Crop(32, 0, 224, 224),
        Crop(32, 116, 224, 224),
        Crop(16, 58, 224, 224),
    ]


def test_cut_takes_the_window_of_every_picture_and_resizes_it() -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (2, 12, 20, 10), np.uint8)
    crop = Crop(2, 5, 8, 6)
    found = cut(pictures, crop, [8, 6])
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pictures[:, 2:10, 5:11])
    levels = torch.from_numpy(pictures[:, 2:10, 5:11]).permute(0, 3, 1, 2).float()
    expected = functional.interpolate(levels, (16, 16), mode="bilinear").permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(cut(pictures, crop, 16), expected, atol=1)
